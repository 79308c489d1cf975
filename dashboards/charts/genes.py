"""Figures of one gene and of one gene set: how many features of each layer they stand for."""

from collections.abc import Mapping

import plotly.graph_objects as go
import polars as pl

from dashboards.style import BLUE, GREY, ORANGE, finish, integer_axis

STYLES = ({"dash": "dash", "color": ORANGE}, {"dash": "dot", "color": GREY})


def features_by_layer(layers: pl.DataFrame, lines: Mapping[str, str]) -> go.Figure:
    """Features of each layer as bars, and beside them what they are to be held against: names of lines by column."""
    figure = go.Figure()
    figure.add_bar(x=layers["layer"], y=layers["n_features"], name="features", marker_color=BLUE)
    for (column, name), style in zip(lines.items(), STYLES, strict=False):
        if layers[column].count():
            figure.add_scatter(
                x=layers["layer"],
                y=layers[column],
                name=name,
                mode="lines+markers",
                line=style,
                hovertemplate=f"layer %{{x}}: %{{y:.2g}} {name}<extra></extra>",
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
