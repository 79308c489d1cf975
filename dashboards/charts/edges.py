"""Figures of what follows from edges: shared terms, tails of degrees, annotation of hubs, each with its null."""

import math

import plotly.graph_objects as go
import polars as pl

from dashboards.style import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, finish, integer_axis

NULLS = {
    "matched": ("by chance, targets alike", GREY),
    "unmatched": ("by chance, any target", ORANGE),
    "shuffled": ("by chance, terms shuffled as published", RED),
}
LAWS = {
    "power_law": ("power law", RED), "lognormal": ("lognormal", GREEN), "exponential": ("exponential", ORANGE),
    "stretched_exponential": ("stretched exponential", PURPLE), "truncated_power_law": ("truncated power law", GREY),
}  # fmt: skip


def coherence_points(rows: pl.DataFrame) -> go.Figure:
    """Share of edges with a shared term by target layer, beside what each null gives: mean and two standard deviations.

    ``rows``: query ``coherence`` for one source layer.
    """
    own = rows.filter(pl.col("rule") == "matched")
    figure = go.Figure()
    figure.add_scatter(
        x=own["target_layer"], y=own["share"], mode="lines+markers", name="found", marker={"color": BLUE, "size": 10},
        hovertemplate="layer %{x}: %{y:.1%}<extra>found</extra>",
    )  # fmt: skip
    for place, (rule, (name, colour)) in enumerate(NULLS.items()):
        part = rows.filter(pl.col("rule") == rule)
        figure.add_scatter(
            x=part["target_layer"] + 0.08 * (place + 1),
            y=part["null_mean"],
            error_y={"type": "data", "array": (2 * part["null_sd"]).to_list(), "width": 4},
            mode="markers",
            name=name,
            marker={"color": colour, "symbol": "line-ew-open", "size": 14},
            hovertemplate="%{y:.1%}<extra>" + name + "</extra>",
        )
    figure = integer_axis(finish(figure, "Target layer", "Edges whose ends share a term", 380))
    return figure.update_yaxes(tickformat=".0%", rangemode="tozero")


def tail_curves(curves: pl.DataFrame) -> go.Figure:
    """Share of features with at least so many edges, on two logarithmic axes, and the laws fitted to the tail."""
    found = go.Scatter(
        x=curves["x"], y=curves["share"], mode="markers", name="found", marker={"color": BLUE, "size": 6},
        hovertemplate="%{x} edges or more: %{y:.2%}<extra>found</extra>",
    )  # fmt: skip
    figure = go.Figure(found)
    for law, (name, colour) in LAWS.items():
        figure.add_scatter(x=curves["x"], y=curves[law], mode="lines", name=name, line={"color": colour, "width": 1.5})
    figure = finish(figure, "Edges of a feature", "Share with at least so many", 380)
    least = float(curves["share"].to_numpy().min(initial=1.0))
    figure.update_yaxes(type="log", range=[math.log10(least) - 0.3, 0.1], tickformat=".1~%")
    return figure.update_xaxes(type="log")


def decile_points(deciles: pl.DataFrame) -> go.Figure:
    """Annotated share by tenths of degree with its interval, beside the share of features that fire alike."""
    above, below = deciles["high"] - deciles["share"], deciles["share"] - deciles["low"]
    figure = go.Figure()
    figure.add_scatter(
        x=deciles["decile"], y=deciles["share"], mode="lines+markers", name="found", line={"color": BLUE},
        error_y={"type": "data", "array": above.to_list(), "arrayminus": below.to_list(), "width": 4},
        customdata=deciles.select("mean_degree", "n_annotated", "n_features").rows(),
        hovertemplate="%{customdata[1]} of %{customdata[2]} annotated, %{customdata[0]:.0f} edges on average"
        "<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=deciles["decile"], y=deciles["expected"], mode="lines+markers", name="features that fire as often",
        line={"color": GREY, "dash": "dash"},
    )  # fmt: skip
    figure = integer_axis(finish(figure, "Tenth of features by edges (10: most)", "With a significant term", 380))
    return figure.update_yaxes(tickformat=".0%", rangemode="tozero")
