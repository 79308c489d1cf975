"""Figures of steering: how effects grow with the dose, and effects by layer, each with what controls do drawn in."""

import plotly.graph_objects as go
import polars as pl

from dashboards.style import BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, finish, ink, integer_axis

ARMS = {
    "feature": ("the feature", BLUE),
    "random": ("a random direction", GREEN),
    "signs": ("its own, random signs", SKY),
    "covariance": ("a direction as states vary", ORANGE),
    "matched": ("another feature", PURPLE),
}
IN_PLACE = ("random", "signs", "covariance", "matched")  # arms that stand in a feature's place
KINDS = {"ON": ORANGE, "OFF": BLUE}
BAND = "rgba(140, 140, 140, 0.25)"
WIDTH = 1.96  # standard errors, for 95 %


def dose_curves(rows: pl.DataFrame, null: pl.DataFrame) -> go.Figure:
    """Mean change by multiplier, with the 95 % interval over cells; grey: where 95 % of the layer's controls lie.

    ``rows`` of one feature and its controls; ``null``: multiplier, low and high.
    """
    figure = go.Figure()
    if not null.is_empty():
        x = [1.0, *null["multiplier"], *null["multiplier"].reverse(), 1.0]
        y = [0.0, *null["high"], *null["low"].reverse(), 0.0]
        figure.add_scatter(
            x=x,
            y=y,
            mode="lines",
            fill="toself",
            fillcolor=BAND,
            line={"width": 0},
            name="controls of the layer",
            hoverinfo="skip",
        )
    for arm, (name, colour) in ARMS.items():
        part = rows.filter(arm=arm).sort("multiplier")
        if part.is_empty():
            continue
        error = [0.0, *(WIDTH * part["sd"] / part["n_cells"].cast(pl.Float64).sqrt())]
        figure.add_scatter(
            x=[1.0, *part["multiplier"]],
            y=[0.0, *part["mean"]],
            error_y={"type": "data", "array": error, "color": colour},
            mode="lines+markers",
            name=name,
            line={"color": colour, "dash": "solid" if arm == "feature" else "dot"},
        )
    figure.add_hline(y=0, line_color=GREY, line_dash="dot")
    return finish(figure, "Activations multiplied by", "Change, steered less undisturbed", 400)


def layer_bars(groups: pl.DataFrame, title: str, chance: float) -> go.Figure:
    """Means over a layer's ON and OFF features with their intervals; grey: that of the mean of their controls.

    ``groups``: layer, kind, value, error, low and high; ``chance`` is where nothing moves.
    """
    figure = go.Figure()
    for kind, colour in KINDS.items():
        part = groups.filter(kind=kind).sort("layer")
        figure.add_bar(
            x=part["layer"], y=part["value"] - chance, base=chance, name=kind, marker_color=colour, offsetgroup=kind,
            error_y={"type": "data", "array": part["error"].fill_null(0.0).to_list(), "width": 5},
        )  # fmt: skip
        figure.add_bar(
            x=part["layer"],
            y=part["high"] - part["low"],
            base=part["low"],
            name="controls",
            offsetgroup=kind,
            showlegend=kind == "ON",
            marker={"color": "rgba(140, 140, 140, 0.45)", "line": {"color": ink(), "width": 1}},
            hovertemplate=f"layer %{{x}}: %{{base:.3g}} and %{{y:.2g}} above<extra>controls of {kind}</extra>",
        )
    figure.add_hline(y=chance, line_color=GREY, line_dash="dot")
    return integer_axis(finish(figure.update_layout(barmode="group"), "Layer", title, 380))


def probe_bars(probes: pl.DataFrame) -> go.Figure:
    """How well each read-out tells cells apart, with its spread; diamonds: the best of shuffled pseudotimes."""
    figure = go.Figure()
    figure.add_bar(
        x=probes["readout"],
        y=probes["value"],
        name="on cells it did not learn from",
        marker_color=BLUE,
        error_y={"type": "data", "array": probes["sd"].fill_null(0.0)},
        customdata=probes["metric"],
        hovertemplate="%{x}: %{customdata} %{y:.3f}<extra></extra>",
    )
    marks = (("null_mean", "shuffled, mean", "line-ew"), ("null_high", "shuffled, best", "diamond"))
    for column, name, symbol in marks:
        marker = {"symbol": symbol, "size": 14, "color": ink(), "line": {"color": ink(), "width": 2}}
        figure.add_scatter(x=probes["readout"], y=probes[column], mode="markers", name=name, marker=marker)
    return finish(figure, "", "AUC; R² of pseudotime", 340)


def layer_groups(at: pl.DataFrame, column: str) -> pl.DataFrame:
    """What ``layer_bars`` draws of ``column``, of rows at one multiplier."""
    error = WIDTH * pl.col(column).std() / pl.len().sqrt()
    own = at.filter(arm="feature").group_by("layer", "kind")
    values = own.agg(value=pl.col(column).mean(), error=error, n_features=pl.len())
    null = (
        at.filter(pl.col("arm").is_in(IN_PLACE))
        .group_by("layer", "kind")
        .agg(low=pl.col(column).mean() - error, high=pl.col(column).mean() + error)
    )
    return values.join(null, on=["layer", "kind"], how="left").sort("layer", "kind")


def control_band(controls: pl.DataFrame) -> pl.DataFrame:
    """Where 95 % of controls lie, by multiplier: the null of ``dose_curves``."""
    low, high = pl.col("mean").quantile(0.025), pl.col("mean").quantile(0.975)
    return controls.group_by("multiplier").agg(low=low, high=high).sort("multiplier")


def feature_shares(at: pl.DataFrame) -> go.Figure:
    """Share of cells that each feature moves up, at one multiplier, by layer and kind; the line is one half."""
    figure = go.Figure()
    for kind, colour in KINDS.items():
        part = at.filter(arm="feature", kind=kind)
        names = part.select(pl.format("L{} {}", "layer", "kind")).to_series()
        figure.add_scatter(
            x=names, y=part["fraction_positive"], mode="markers", name=kind,
            marker={"color": colour, "size": 8, "opacity": 0.6},
        )  # fmt: skip
    figure.add_hline(y=0.5, line_color=GREY, line_dash="dot")
    return finish(figure, "", "Share of cells that move up", 360).update_yaxes(range=[0, 1])
