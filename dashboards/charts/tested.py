"""Figures of all tests of a trace: p, effects beside p, thresholds, sizes above a threshold, two studies."""

import plotly.graph_objects as go
import polars as pl

from dashboards.charts.effect_sizes import BY_RULE
from dashboards.style import BLUE, GREY, ORANGE, finish, integer_axis

WIDTH = 0.05  # of a stretch of p in query ``p_histogram``


def p_bars(bins: pl.DataFrame) -> go.Figure:
    """Tests by p, beside as many as there would be in every stretch if nothing had an effect."""
    n = int(bins["n_tests"].sum())
    figure = go.Figure(
        go.Bar(x=bins["low"] + WIDTH / 2, y=bins["n_tests"], width=WIDTH, name="found", marker_color=BLUE)
    )
    even = [n * WIDTH] * 2
    figure.add_scatter(x=[0, 1], y=even, mode="lines", name="no effect anywhere", line={"color": GREY, "dash": "dash"})
    return finish(figure, "p of a pair of features", "Tests", 340).update_layout(bargap=0).update_xaxes(range=[0, 1])


def volcano(bins: pl.DataFrame) -> go.Figure:
    """Numbers of tests by effect and -log10 p; query ``volcano``."""
    table = bins.pivot("g", index="log_p", values="n_tests", sort_columns=False).sort("log_p")
    sizes = sorted(bins["g"].unique().to_list())
    counts = table.select(pl.col(str(one)).log10() for one in sizes).to_numpy()
    heat = go.Heatmap(
        z=counts, x=sizes, y=table["log_p"], colorscale="Blues",
        colorbar={"title": "Tests, log10"}, hovertemplate="g %{x}, -log10 p %{y}<extra></extra>",
    )  # fmt: skip
    return finish(go.Figure(heat), "Effect g", "-log10 p", 380)


def sweep_curves(sweep: pl.DataFrame) -> go.Figure:
    """Edges found and expected under sign flips by the smallest |d|, at an agreement of 0.7; ``threshold_sweep``."""
    own = sweep.filter((pl.col("consistency_min") - 0.7).abs() < 1e-6)
    first = own.filter(pl.col("criterion") == "published")
    own = (own if first.is_empty() else first).sort("effect_min")
    figure = go.Figure()
    for column, name, line in (
        ("n_edges", "found", {"color": BLUE}),
        ("expected_null", "under sign flips", {"color": GREY, "dash": "dash"}),
    ):
        some = own.filter(pl.col(column) > 0)
        figure.add_scatter(x=some["effect_min"], y=some[column], mode="lines+markers", name=name, line=line)
    return finish(figure, "Smallest |d|", "Pairs that pass", 360).update_yaxes(type="log")


def above_bars(rows: pl.DataFrame) -> go.Figure:
    """Share of pairs with |d| above 1 and above 2 by rule, mean over target layers; query ``effect_sizes``."""
    shares = rows.group_by("criterion", maintain_order=True).agg(pl.col("above_1", "above_2").mean())
    names = [BY_RULE[rule][0] for rule in shares["criterion"]]
    figure = go.Figure()
    for column, name, colour in (("above_1", "|d| above 1", BLUE), ("above_2", "|d| above 2", ORANGE)):
        figure.add_bar(x=names, y=shares[column], name=name, marker_color=colour)
    return finish(figure, "Rule", "Share of pairs", 340).update_yaxes(tickformat=".1~%").update_layout(barmode="group")


def size_bars(rows: pl.DataFrame) -> go.Figure:
    """Mean and median |d| by rule, mean over target layers; query ``effect_sizes``."""
    sizes = rows.group_by("criterion", maintain_order=True).agg(pl.col("mean_abs_d", "median_abs_d").mean())
    names = [BY_RULE[rule][0] for rule in sizes["criterion"]]
    figure = go.Figure()
    for column, name, colour in (("mean_abs_d", "mean", BLUE), ("median_abs_d", "median", ORANGE)):
        figure.add_bar(x=names, y=sizes[column], name=name, marker_color=colour)
    figure.add_hline(y=1, line={"color": GREY, "dash": "dash"})
    return finish(figure, "Rule", "|d|", 340).update_layout(barmode="group")


def two_studies(rows: pl.DataFrame) -> go.Figure:
    """Edges of a source in this and in another study, by target layer; query ``source_contrasts``."""
    told = rows.filter(pl.col("statistic") == "n_edges")
    figure = go.Figure()
    for column, name, colour in (("own", "this study", BLUE), ("theirs", "the other study", ORANGE)):
        above, below = told[f"{column}_high"] - told[column], told[column] - told[f"{column}_low"]
        error = {"type": "data", "array": above.fill_null(0).to_list(), "arrayminus": below.fill_null(0).to_list()}
        figure.add_scatter(
            x=told["target_layer"], y=told[column], error_y=error, mode="markers", name=name,
            marker={"color": colour, "size": 9},
        )  # fmt: skip
    return integer_axis(finish(figure, "Target layer", "Edges of a source", 360)).update_yaxes(rangemode="tozero")
