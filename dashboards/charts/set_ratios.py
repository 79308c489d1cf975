"""Figures of published ratios of sets of features, with the ratio of effects that add up drawn in."""

import plotly.graph_objects as go
import polars as pl

from dashboards.style import BLUE, GREEN, GREY, ORANGE, finish

DESIGNS = {
    "pathway": ("one pathway", BLUE),
    "across": ("across pathways", ORANGE),
    "random": ("random features", GREEN),
    None: ("other sets", GREY),
}
LINES = {2: "pairs that add up: 0.71", 3: "triples that add up: 0.58", 4: "four that add up: 0.5"}


def ratio_histogram(targets: pl.DataFrame) -> go.Figure:
    """Ratios of a set's targets; ``targets``: query ``target_ratios``."""
    n_members = int(targets["n_members"][0])
    bars = go.Histogram(x=targets["ratio"], marker_color=BLUE, xbins={"size": 0.05}, name="targets")
    figure = finish(go.Figure(bars), "Joint over the sum of single |d|, as published", "Targets", 300)
    figure.add_vline(x=n_members**-0.5, line_dash="dash", line_color=GREY, annotation_text=LINES[n_members])
    return figure.update_xaxes(range=[0, max(1.3, float(targets["ratio"].to_numpy().max()) + 0.05)])


def set_points(sets: pl.DataFrame) -> go.Figure:
    """Median ratio of every set with its interval; ``sets``: query ``set_ratios``."""
    figure = go.Figure()
    for design, (name, colour) in DESIGNS.items():
        own = sets.filter(pl.col("design").eq_missing(pl.lit(design, dtype=pl.String)))
        if own.is_empty():
            continue
        figure.add_scatter(
            x=own["combination"], y=own["ratio"], mode="markers", name=name, marker={"color": colour, "size": 10},
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
    return finish(figure, "", "Joint over the sum of single |d|, as published", 360).update_yaxes(rangemode="tozero")


def energy_points(sets: pl.DataFrame) -> go.Figure:
    """How far every set is from additive, beside what noise leaves; ``sets``: query ``set_ratios``."""
    figure = go.Figure()
    for column, name, colour, symbol in (
        ("energy", "found", BLUE, "circle"),
        ("energy_null", "by chance, signs of cells flipped", GREY, "line-ew-open"),
    ):
        figure.add_scatter(
            x=sets["combination"], y=sets[column], mode="markers", name=name,
            marker={"color": colour, "size": 11, "symbol": symbol}, customdata=sets.select("q").rows(),
            hovertemplate="%{y:.2%} (q of the set %{customdata[0]:.2g})<extra>%{x}</extra>",
        )  # fmt: skip
    figure = finish(figure, "", "Interaction over sum of single effects, squares", 360)
    return figure.update_yaxes(tickformat=".1%", rangemode="tozero")
