"""Figure of a rate beside its baselines and its null."""

import plotly.graph_objects as go
import polars as pl

from dashboards.style import BLUE, GREEN, GREY, ORANGE, PURPLE, finish, ink, integer_axis

BASES = {
    "autoencoder": ("autoencoder", BLUE),
    "neurons": ("neurons", PURPLE),
    "pca": ("principal axes", GREEN),
    "untrained_autoencoder": ("untrained autoencoder", ORANGE),
    "untrained_model": ("autoencoder of an untrained model", GREY),
}


def baseline_bars(rows: pl.DataFrame, rate: str, null: str) -> go.Figure:
    """A rate by layer, one bar a basis, each with its null as a black line across."""
    figure = go.Figure()
    for basis, (name, colour) in BASES.items():
        part = rows.filter(pl.col("basis") == basis)
        figure.add_bar(x=part["layer"], y=part[rate], name=name, marker_color=colour, offsetgroup=basis)
        figure.add_bar(
            x=part["layer"],
            y=part[null],
            name="null",
            offsetgroup=basis,
            showlegend=basis == "autoencoder",
            marker={"color": "rgba(0, 0, 0, 0)", "line": {"color": ink(), "width": 1.5}},
            hovertemplate=f"layer %{{x}}: %{{y:.2%}}<extra>null of {name}</extra>",
        )
    figure = integer_axis(finish(figure.update_layout(barmode="group"), "Layer", "Share of features", 360))
    return figure.update_yaxes(tickformat=".1~%", rangemode="tozero")
