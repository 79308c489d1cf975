"""Figures of single features switched off: beside controls, and as published."""

import numpy as np
import plotly.graph_objects as go
import polars as pl

from dashboards.style import BLUE, GREY, ORANGE, PURPLE, finish

NULLS = ("random_direction", "covariance_matched")
NAMES = {
    "real": ("feature", BLUE),
    "random_direction": ("random direction", GREY),
    "covariance_matched": ("direction as states vary", GREY),
    "frequency_matched": ("another feature", ORANGE),
    "reconstruction": ("reconstruction alone", PURPLE),
}
BAND = 0.95


def against_controls(own: pl.DataFrame, controls: pl.DataFrame) -> go.Figure:
    """Differences in standard errors, one row of points a treatment; dotted: where 95 % of meaningless directions lie.

    ``own``: rows of query ``patches``; ``controls``: of query ``patch_controls``, both of one kind of targets.
    """
    every = pl.concat(
        [frame.select("feature", "difference", "standardised", "p", pl.col(kind).alias("kind"))
         for frame, kind in ((own.with_columns(real=pl.lit("real")), "real"), (controls, "control"))]
    ).drop_nulls("standardised")  # fmt: skip
    figure, rng = go.Figure(), np.random.default_rng(0)
    for row, (kind, (name, colour)) in enumerate(reversed(NAMES.items())):
        part = every.filter(kind=kind)
        figure.add_scatter(
            x=part["standardised"],
            y=row + rng.uniform(-0.2, 0.2, part.height),
            mode="markers",
            name=name,
            marker={"size": 8, "color": colour, "opacity": 0.7},
            customdata=part.select("feature", "difference", "p").rows(),
            hovertemplate="feature %{customdata[0]}: difference %{customdata[1]:.3g}, p %{customdata[2]:.2g}"
            f"<extra>{name}</extra>",
        )
    drawn = every.filter(pl.col("kind").is_in(NULLS))["standardised"].abs()
    if drawn.len():
        edge = float(drawn.quantile(BAND, "higher") or 0.0)
        for side in (-edge, edge):
            figure.add_vline(x=side, line={"dash": "dot", "color": GREY})
    figure.add_vline(x=0, line={"color": GREY, "width": 1})
    names = [name for name, _ in reversed(NAMES.values())]
    figure = finish(figure, "Difference, in standard errors", "", 420)
    return figure.update_yaxes(tickvals=list(range(len(names))), ticktext=names).update_layout(showlegend=False)


def patch_scatter(patches: pl.DataFrame, unit: str) -> go.Figure:
    """Sizes of the effects on own and on other genes, one point a feature, both axes logarithmic."""
    floor = 1e-4  # effects were published with four decimals: a zero is drawn there
    sizes = patches.with_columns(
        target=pl.col("target_effect").abs().clip(floor), other=pl.col("other_effect").abs().clip(floor)
    )
    points = go.Scatter(
        x=sizes["other"],
        y=sizes["target"],
        mode="markers",
        name="feature",
        marker={"size": 9, "color": BLUE, "opacity": 0.7},
        customdata=sizes.select("feature", "specificity", pl.col("name").fill_null("unnamed")).rows(),
        hovertemplate="feature %{customdata[0]}: ratio %{customdata[1]}<br>%{customdata[2]}<extra></extra>",
    )
    every = [*sizes["other"], *sizes["target"]]
    ends = [min(every), max(every)]
    line = go.Scatter(x=ends, y=ends, mode="lines", name="as much", line={"dash": "dash", "color": GREY})
    figure = finish(go.Figure([points, line]), f"{unit}, others or control", f"{unit}, own", 420)
    return figure.update_xaxes(type="log").update_yaxes(type="log")
