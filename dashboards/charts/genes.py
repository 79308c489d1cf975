"""Figures of one gene and of one gene set: how many features of each layer they stand for."""

import plotly.graph_objects as go
import polars as pl

from dashboards.style import BLUE, GREY, ORANGE, finish, integer_axis


def features_by_layer(layers: pl.DataFrame) -> go.Figure:
    """Features of each layer as bars, and what is expected of it as a dashed line."""
    figure = go.Figure()
    figure.add_bar(x=layers["layer"], y=layers["n_features"], name="features", marker_color=BLUE)
    figure.add_scatter(
        x=layers["layer"],
        y=layers["expected"],
        name="expected",
        mode="lines+markers",
        line={"dash": "dash", "color": ORANGE},
        hovertemplate="layer %{x}: %{y:.2g} expected<extra></extra>",
    )
    return integer_axis(finish(figure, "Layer", "Features", 320))


def ranks_by_layer(features: pl.DataFrame) -> go.Figure:
    """Ranks of a gene in the lists of features, by layer, the first rank on top."""
    hover = "L%{x}_F%{customdata[0]}, rank %{y}<br>%{customdata[1]}<extra></extra>"
    points = go.Scattergl(
        x=features["layer"],
        y=features["rank"],
        mode="markers",
        marker={"size": 9, "color": BLUE, "opacity": 0.6, "line": {"color": GREY, "width": 0.5}},
        customdata=features.select("feature", pl.col("top_genes").fill_null("")).rows(),
        hovertemplate=hover,
        showlegend=False,
    )
    figure = integer_axis(finish(go.Figure(points), "Layer", "Rank of the gene", 320))
    return figure.update_yaxes(autorange="reversed")
