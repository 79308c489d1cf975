"""Figures of labels: the AUROC of every label with its interval, around what chance gives."""

import plotly.graph_objects as go
import polars as pl

from dashboards.style import GREY, ORANGE, finish


def label_intervals(labels: pl.DataFrame) -> go.Figure:
    """AUROC and 95 % interval per label, largest on top, significant ones in colour; the line is chance."""
    figure = go.Figure()
    for significant, name, colour in ((True, "significant", ORANGE), (False, "not significant", GREY)):
        part = labels.filter(pl.col("significant") == significant)
        if part.is_empty():
            continue
        above, below = (part.select((one - two).fill_null(0.0)).to_series() for one, two in _widths())
        figure.add_trace(
            go.Scatter(
                x=part["auroc"],
                y=part["label"],
                mode="markers",
                name=name,
                marker={"color": colour, "size": 10},
                error_x={"type": "data", "symmetric": False, "array": above, "arrayminus": below, "color": colour},
                customdata=part.select("n_cells", "q").rows(),
                hovertemplate="%{y}: %{x:.3f}, %{customdata[0]} cells, q %{customdata[1]:.2g}<extra></extra>",
            )
        )
    figure.add_vline(x=0.5, line_dash="dot", line_color=GREY)
    figure = finish(figure, "AUROC within strata, with its 95 % interval", "", 110 + 26 * labels.height)
    order = labels.sort("auroc", "label")["label"].to_list()
    return figure.update_yaxes(type="category", categoryorder="array", categoryarray=order).update_xaxes(range=[0, 1])


def _widths() -> tuple[tuple[pl.Expr, pl.Expr], tuple[pl.Expr, pl.Expr]]:
    """What an interval reaches above and below its AUROC."""
    auroc, low, high = pl.col("auroc"), pl.col("low"), pl.col("high")
    return (high, auroc), (auroc, low)
