"""Figures of effects in draws of cells, and beside co-expression."""

import plotly.graph_objects as go
import polars as pl

from dashboards.charts.effect_sizes import BY_RULE
from dashboards.style import BLUE, GREY, ORANGE, finish

KINDS = {"label_within": ("within one type", BLUE), "label_between": ("between two types", ORANGE)}
CURVES = {"partial": "all pairs", "disjoint": "pairs without a gene in common", "edges": "edges of the published rule"}


def by_size(rows: pl.DataFrame, value: str, title: str, *, null: str) -> go.Figure:
    """Column ``value`` by the cells of a draw, mean over pairs of draws and target layers, a line a rule.

    Column ``null`` is drawn dashed in the same colour.
    """
    figure = go.Figure()
    for rule, (name, colour) in BY_RULE.items():
        own = (
            rows.filter(pl.col("criterion") == rule).group_by("n_cells").agg(pl.col(value, null).mean()).sort("n_cells")
        )
        for column, label, dash in ((value, name, "solid"), (null, f"{name}, by chance", "dash")):
            some = own.drop_nulls(column)
            if not some.is_empty():
                figure.add_scatter(
                    x=some["n_cells"], y=some[column], mode="lines+markers", name=label,
                    line={"color": colour, "dash": dash, "width": 2 if dash == "solid" else 1},
                    hovertemplate="%{x} cells: %{y:.3g}<extra>" + label + "</extra>",
                )  # fmt: skip
    return finish(figure, "Cells of a draw", title, 380)


def by_label(rows: pl.DataFrame) -> go.Figure:
    """r of two draws of one size with its standard error, mean over target layers: within types and between them."""
    figure = go.Figure()
    for kind, (name, colour) in KINDS.items():
        own = (
            rows.filter(pl.col("kind") == kind)
            .group_by("first", "second", maintain_order=True)
            .agg(pl.col("r", "r_se").mean())
            .drop_nulls("r")
        )
        if own.is_empty():
            continue
        within = pl.col("first") if kind == "label_within" else pl.format("{} – {}", "first", "second")
        figure.add_scatter(
            x=own.select(within).to_series(), y=own["r"], mode="markers", name=name,
            marker={"color": colour, "size": 9},
            error_y={"type": "data", "array": own["r_se"].fill_null(0.0).to_list(), "width": 4},
            hovertemplate="%{x}: %{y:.3g}<extra>" + name + "</extra>",
        )  # fmt: skip
    return finish(figure, "Cell types of the two draws", "Correlation of effects", 380)


def coexpression_curves(rows: pl.DataFrame) -> go.Figure:
    """Mean |g| by co-expression, with its standard error; ``rows``: curves of one target layer."""
    figure = go.Figure()
    for (rule, name), colour in zip(CURVES.items(), (BLUE, GREY, ORANGE), strict=True):
        own = rows.filter((pl.col("rule") == rule) & (pl.col("n_pairs") >= 10))
        error = (own["sd"] / own["n_pairs"].cast(pl.Float64).sqrt()).fill_null(0.0)
        figure.add_scatter(
            x=own["coexpression"], y=own["mean_abs_g"], mode="lines+markers", name=name, line={"color": colour},
            error_y={"type": "data", "array": error.to_list(), "width": 3}, customdata=own.select("n_pairs").rows(),
            hovertemplate="co-expression %{x:.3f}: |g| %{y:.3g} of %{customdata[0]} pairs<extra>" + name + "</extra>",
        )  # fmt: skip
    return finish(figure, "Co-expression of the ends' genes (mean |r|)", "Mean |g|", 380)
