"""Figures of published ratios of sets of features, with the ratio of effects that add up drawn in."""

import math

import plotly.graph_objects as go
import polars as pl

from dashboards.style import BLUE, GREEN, GREY, ORANGE, SKY, finish

DESIGNS = {
    "pathway": ("one pathway", BLUE),
    "across": ("across pathways", ORANGE),
    "random": ("random features", GREEN),
    None: ("other sets", SKY),
}
LINES = {2: "pairs that add up: 0.71", 3: "triples that add up: 0.58", 4: "four that add up: 0.5"}


def ratio_histogram(targets: pl.DataFrame) -> go.Figure:
    """Ratios of a set's targets; ``targets``: query ``target_ratios``."""
    n_members = int(targets["n_members"][0])
    bars = go.Histogram(x=targets["ratio"], marker_color=BLUE, xbins={"size": 0.05}, name="targets")
    figure = finish(go.Figure(bars), "Joint over the sum of single |d|, as published", "Targets", 300)
    above = {"text": LINES[n_members], "yref": "paper", "y": 1.0, "yanchor": "bottom"}  # a bar would hide it
    figure.add_vline(x=n_members**-0.5, line_dash="dash", line_color=GREY, annotation=above)
    return figure.update_xaxes(range=[0, max(1.3, float(targets["ratio"].to_numpy().max()) + 0.05)])


def set_points(sets: pl.DataFrame) -> go.Figure:
    """Median ratio of every set with its interval; ``sets``: query ``set_ratios``."""
    figure = go.Figure()
    features, controls = (sets.filter(pl.col("control").is_null() == wanted) for wanted in (True, False))
    kinds = [
        (features.filter(pl.col("design").eq_missing(pl.lit(design, dtype=pl.String))), name, colour)
        for design, (name, colour) in DESIGNS.items()
    ]
    for own, name, colour in [*kinds, (controls, "along other directions", GREY)]:
        if own.is_empty():
            continue
        figure.add_scatter(
            x=_places(own), y=own["ratio"], mode="markers", name=name, marker={"color": colour, "size": 10},
            error_y={
                "type": "data", "width": 4,
                "array": (own["high"] - own["ratio"]).to_list(), "arrayminus": (own["ratio"] - own["low"]).to_list(),
            },
            customdata=own.select("n_targets", pl.col("pathway").fill_null("")).rows(),
            hovertemplate="%{y:.2f} over %{customdata[0]} targets<br>%{customdata[1]}<extra>%{x}</extra>",
        )  # fmt: skip
    for n_members in sorted({2, 3, *sets["n_members"].unique().to_list()}):
        line = {"line_dash": "dash", "line_color": GREY, "annotation_text": LINES[n_members]}
        figure.add_hline(y=n_members**-0.5, annotation_position="bottom left", **line)
    return finish(figure, "", "Joint over sum of single |d|", 400).update_yaxes(rangemode="tozero")


def _places(sets: pl.DataFrame) -> pl.Series:
    """Names on the axis: a control stands where its set does. No set has a blank in its name (``combine.sets``)."""
    return sets["combination"].str.split(" ").list.first()


def energy_points(sets: pl.DataFrame) -> go.Figure:
    """How far every set is from additive, beside what noise leaves; ``sets``: query ``set_ratios``."""
    figure = go.Figure()
    features, controls = (sets.filter(pl.col("control").is_null() == wanted) for wanted in (True, False))
    for own, column, name, colour, symbol in (
        (controls, "energy", "along other directions", GREY, "circle"),
        (features, "energy", "found", BLUE, "circle"),
        (features, "energy_null", "by chance, signs of cells flipped", GREY, "line-ew-open"),
    ):
        if own.is_empty():
            continue
        figure.add_scatter(
            x=_places(own), y=own[column], mode="markers", name=name,
            marker={"color": colour, "size": 11, "symbol": symbol}, customdata=own.select("q").rows(),
            hovertemplate="%{y:.2%} (q of the set %{customdata[0]:.2g})<extra>%{x}</extra>",
        )  # fmt: skip
    figure = finish(figure, "", "Interaction over single effects, squares", 400)
    return figure.update_yaxes(tickformat=".1%", rangemode="tozero")


def super_bars(sets: pl.DataFrame) -> go.Figure:
    """Share of targets that the published rule calls superadditive, with Wilson's 95 % interval, by kind of set."""
    own = sets.filter(pl.col("control").is_null())
    names, shares, above, below = [], [], [], []
    for design, (name, _) in DESIGNS.items():
        part = own.filter(pl.col("design").eq_missing(pl.lit(design, dtype=pl.String)))
        found, n = int(part["n_super"].sum()), int(part.select("n_sub", "n_add", "n_super").sum_horizontal().sum())
        if n:
            low, high = wilson(found, n)
            names.append(name)
            shares.append(found / n)
            above.append(high - found / n)
            below.append(found / n - low)
    error = {"type": "data", "array": above, "arrayminus": below, "width": 6}
    figure = go.Figure(go.Bar(x=names, y=shares, marker_color=BLUE, error_y=error))
    return finish(figure, "", "Targets called superadditive", 340).update_yaxes(tickformat=".2~%", rangemode="tozero")


def wilson(found: int, n: int, z: float = 1.959964) -> tuple[float, float]:
    """Ends of Wilson's interval of a share (Wilson 1927)."""
    share, room = found / n, z * z / n
    middle, half = share + room / 2, z * math.sqrt(share * (1 - share) / n + room / (4 * n))
    return max(0.0, (middle - half) / (1 + room)), min(1.0, (middle + half) / (1 + room))
