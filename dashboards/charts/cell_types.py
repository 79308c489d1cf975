"""Figures of one label of cells: how well the features of each layer tell it, beside what chance gives."""

import plotly.graph_objects as go
import polars as pl

from dashboards.style import BLUE, GREY, ORANGE, finish, integer_axis


def told_by_layer(features: pl.DataFrame, layers: pl.DataFrame) -> go.Figure:
    """AUROC of features by layer with its interval, and each layer's ``chance`` line; those that mark it are blue."""
    figure = go.Figure()
    for marks, name, colour in ((True, "marks it", BLUE), (False, "does not", GREY)):
        part = features.filter(pl.col("marks") == marks)
        if part.is_empty():
            continue
        down, up = part["auroc"] - part["auroc_low"], part["auroc_high"] - part["auroc"]
        texts = part.select(pl.format("L{}_F{}", "layer", "feature"), pl.col("name").fill_null("unnamed"), "auroc_low")
        figure.add_scatter(
            x=part["layer"],
            y=part["auroc"],
            mode="markers",
            name=name,
            marker={"size": 7, "color": colour, "opacity": 0.7},
            error_y={"symmetric": False, "array": up, "arrayminus": down, "thickness": 1, "width": 0, "color": GREY},
            customdata=texts.rows(),
            hovertemplate="%{customdata[0]}: AUROC %{y:.3f}, at least %{customdata[2]:.3f}<br>%{customdata[1]}"
            "<extra></extra>",
        )
    known = layers.filter(pl.col("chance").is_not_null())
    figure.add_scatter(
        x=known["layer"], y=known["chance"], mode="lines+markers", name="best by chance",
        line={"dash": "dash", "color": ORANGE}, marker={"size": 6},
        hovertemplate="layer %{x}: the best of all stays below %{y:.3f} by chance<extra></extra>",
    )  # fmt: skip
    figure.add_hline(y=0.5, line={"color": GREY, "dash": "dot", "width": 1})
    return integer_axis(finish(figure, "Layer", "AUROC among like cells", 380))
