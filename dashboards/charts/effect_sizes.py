"""Figures of effects by rule and target layer, each with what chance gives."""

import plotly.graph_objects as go
import polars as pl

from dashboards.style import BLUE, GREEN, GREY, ORANGE, RED, finish, integer_axis

BY_RULE = {
    "specific": ("specific", GREEN), "calibrated": ("calibrated", BLUE), "published": ("published", RED),
    "published_capped": ("published, 50 strongest", ORANGE), "tested": ("all tested pairs", GREY),
}  # fmt: skip


def by_layer(
    rows: pl.DataFrame, value: str, title: str, *, null: str, low: str | None = None, high: str | None = None
) -> go.Figure:
    """Column ``value`` by target layer, a line a rule, with its interval if ``low`` and ``high`` name one.

    Column ``null`` is drawn dashed in the same colour. Rules without any value are left out.
    """
    figure = go.Figure()
    for rule, (name, colour) in BY_RULE.items():
        own = rows.filter((pl.col("criterion") == rule) & pl.col(value).is_not_null())
        if own.is_empty():
            continue
        bars = {} if low is None or high is None else {"error_y": _bars(own, value, low, high)}
        figure.add_scatter(
            x=own["target_layer"], y=own[value], mode="lines+markers", name=name, line={"color": colour}, **bars,
            hovertemplate="layer %{x}: %{y:.3g}<extra>" + name + "</extra>",
        )  # fmt: skip
        if own[null].count():
            figure.add_scatter(
                x=own["target_layer"], y=own[null], mode="lines+markers", name=f"{name}, by chance",
                line={"color": colour, "dash": "dash", "width": 1}, marker={"symbol": "x-thin-open"},
                hovertemplate="layer %{x}: %{y:.3g}<extra>" + name + ", by chance</extra>",
            )  # fmt: skip
    return integer_axis(finish(figure, "Target layer", title, 380)).update_yaxes(rangemode="tozero")


def _bars(rows: pl.DataFrame, value: str, low: str, high: str) -> dict[str, object]:
    above, below = rows[high] - rows[value], rows[value] - rows[low]
    return {"type": "data", "array": above.to_list(), "arrayminus": below.to_list(), "width": 4}


def size_curves(rows: pl.DataFrame) -> go.Figure:
    """Share of tested pairs above each |d| on a logarithmic axis, beside that under sign flips. ``rows``: one layer."""
    figure = go.Figure()
    for column, name, line in (
        ("share", "found", {"color": BLUE}),
        ("null_share", "sign flips", {"color": GREY, "dash": "dash"}),
    ):
        own = rows.filter(pl.col(column) > 0)
        figure.add_scatter(
            x=own["d_min"], y=own[column], mode="lines+markers", name=name, line=line,
            hovertemplate="|d| above %{x}: %{y:.2%}<extra>" + name + "</extra>",
        )  # fmt: skip
    figure = finish(figure, "|d| above", "Share of all tested pairs", 380)
    return figure.update_yaxes(type="log", dtick=1, tickformat=".4~%")


def response_scatter(targets: pl.DataFrame) -> go.Figure:
    """Edges that reach a target against how much it answers to any displacement, and what that alone would give."""
    texts = targets.select(
        pl.format("L{}_F{}", "layer", "feature"), pl.col("top_genes").fill_null("none"), pl.col("label").fill_null("")
    )
    points = go.Scattergl(
        name="found",
        x=targets["mean_abs_response"],
        y=targets["degree"],
        mode="markers",
        marker={"color": BLUE, "size": 7, "opacity": 0.65},
        customdata=texts.rows(),
        hovertemplate="%{customdata[0]}: %{y} edges, answers %{x:.3g}<br>%{customdata[1]}<br>%{customdata[2]}"
        "<extra></extra>",
    )
    figure = go.Figure(points)
    for (layer,), own in (
        targets.drop_nulls("residual").sort("layer", "mean_abs_response").group_by("layer", maintain_order=True)
    ):
        figure.add_scatter(
            x=own["mean_abs_response"], y=10 ** ((own["degree"] + 1).log10() - own["residual"]) - 1, mode="lines",
            name=f"as any target of layer {layer} that answers as much", line={"color": GREY, "dash": "dash"},
            hovertemplate="%{y:.1f} edges<extra>by its response alone</extra>",
        )  # fmt: skip
    figure = finish(figure, "Mean |effect| of any displacement on it", "Edges reaching the target", 380)
    return figure.update_xaxes(type="log").update_yaxes(rangemode="tozero")
