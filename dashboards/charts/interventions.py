"""Figures of interventions: features changed together, and answering to genes switched off."""

import plotly.graph_objects as go
import polars as pl

from dashboards.style import BLUE, GREY, ORANGE, finish


def response_bars(targets: pl.DataFrame) -> go.Figure:
    """How many genes had how many answering features."""
    counts = targets["n_responding"].value_counts().sort("n_responding")
    bars = go.Bar(x=counts["n_responding"], y=counts["count"], width=0.8, marker_color=BLUE)
    figure = finish(go.Figure(bars), "Features that answered", "Genes switched off", 260)
    return figure.update_xaxes(rangemode="nonnegative")


def additivity(targets: pl.DataFrame, q_max: float) -> go.Figure:
    """Joint effects against sums of single ones, one point a target; those that interact are coloured."""
    figure, interacts = go.Figure(), (pl.col("q") <= q_max).fill_null(value=False)
    for name, part, colour in (
        ("adds up", targets.filter(~interacts), GREY),
        ("interacts", targets.filter(interacts), ORANGE),
    ):
        figure.add_scattergl(
            x=part["sum_of_singles"],
            y=part["joint"],
            mode="markers",
            name=name,
            marker={"color": colour, "size": 7, "opacity": 0.7},
            customdata=part.select(pl.format("L{}_F{}", "target_layer", "target_feature"), "top_genes").rows(),
            hovertemplate="%{customdata[0]}: together %{y:.3g}, sum %{x:.3g}<br>%{customdata[1]}<extra></extra>",
        )
    ends = [*targets["sum_of_singles"], *targets["joint"], 0.0]
    line = [min(ends), max(ends)]
    figure.add_scatter(x=line, y=line, mode="lines", name="sum", line={"color": GREY, "dash": "dash"})
    return finish(figure, "Sum of the single effects", "Effect of all together", 400)
