"""Figures of what features cost the model's predictions, beside nothing and beside controls."""

import plotly.graph_objects as go
import polars as pl

from dashboards.style import BLUE, GREY, ORANGE, finish

ARMS = {  # arm and change: what the axis says, and whether it is a control
    ("hub", "ablated"): ("hubs", BLUE),
    ("matched", "ablated"): ("fire as often", ORANGE),
    ("random", "ablated"): ("random features", ORANGE),
    ("hub", "random_direction"): ("hubs, random direction", GREY),
    ("hub", "covariance_matched"): ("hubs, likely direction", GREY),
    ("hub", "zero"): ("nothing", GREY),
    ("autoencoder", "reconstruction"): ("reconstruction", GREY),
}


def arm_points(rows: pl.DataFrame, unit: str) -> go.Figure:
    """Mean cost of every arm with its interval, controls in grey; the line is what changing nothing costs.

    ``rows``: query ``damage_arms`` for one layer and rule, of arms feature by feature or of arms together.
    """
    found = {(row["arm"], row["change"]): row for row in rows.iter_rows(named=True)}
    figure = go.Figure()
    for key, (name, colour) in ARMS.items():
        if (row := found.get(key)) is None:
            continue
        ends = {} if row["low"] is None else {"array": [row["high"] - row["mean"]]}
        ends |= {} if row["low"] is None else {"arrayminus": [row["mean"] - row["low"]]}
        figure.add_scatter(
            x=[name], y=[row["mean"]], mode="markers", name=name, marker={"color": colour, "size": 11},
            error_y={"type": "data", "width": 6, **ends}, showlegend=False,
            hovertemplate=f"%{{y:.3g}} {unit}, {row['n_units']} of them<extra>{name}</extra>",
        )  # fmt: skip
    figure.add_hline(y=0, line_dash="dash", line_color=GREY)
    return finish(figure, "", f"Loss added, {unit}", 380).update_yaxes(exponentformat="power")


def cost_scatter(features: pl.DataFrame, unit: str) -> go.Figure:
    """Cost of every feature against how often it fires, by arm; ``features``: query ``damage_features``."""
    figure = go.Figure()
    for arm, name, colour in (
        ("hub", "hubs", BLUE),
        ("matched", "fire as often", ORANGE),
        ("random", "random features", GREY),
    ):
        own = features.filter(pl.col("arm") == arm)
        figure.add_scatter(
            x=own["frequency"], y=own["cost"], mode="markers", name=name,
            marker={"color": colour, "size": 8, "opacity": 0.8},
            customdata=own.select("feature", "degree", pl.col("top_genes").fill_null("")).rows(),
            hovertemplate="feature %{customdata[0]}, %{customdata[1]} edges: %{y:.3g}<br>%{customdata[2]}"
            "<extra></extra>",
        )  # fmt: skip
    figure.add_hline(y=0, line_dash="dash", line_color=GREY)
    return finish(figure, "Share of positions where it fires", f"Loss added, {unit}", 380).update_xaxes(type="log")
