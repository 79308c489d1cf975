"""Figures of numbers of edges: features by degree, two rules beside each other, annotation of hubs."""

import numpy as np
import plotly.graph_objects as go
import polars as pl

from dashboards.style import BLUE, GREY, ORANGE, finish

MOST = 20  # bars with a name
BINS = 60
ROW = 24  # pixels
LONGEST = 46  # letters of a name


def named_bars(names: pl.Series, values: pl.Series, title: str, colour: str = BLUE) -> go.Figure:
    """One bar a name, the first on top."""
    shown = [name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…" for name in names.cast(pl.String)]
    bars = go.Bar(y=shown, x=values, orientation="h", marker_color=colour)
    figure = finish(go.Figure(bars), title, "", 120 + ROW * len(shown))
    return figure.update_yaxes(type="category", autorange="reversed")


def hub_bars(features: pl.DataFrame) -> go.Figure:
    """Features with most edges by query ``degree_frequency``, with what they are called."""
    top = features.head(MOST)
    names = top.select(
        pl.format("L{}_F{} {}", "layer", "feature", pl.coalesce("label", "top_genes").fill_null("unannotated"))
    ).to_series()
    return named_bars(names, top["degree"], "Edges leaving the feature")


def degree_histogram(features: pl.DataFrame) -> go.Figure:
    """Features by number of edges, with the median; query ``degree_frequency``."""
    bars = go.Histogram(x=features["degree"], nbinsx=BINS, marker={"color": BLUE}, name="features")
    middle = float(np.median(features["degree"]))
    figure = go.Figure(bars).add_vline(
        x=middle, line={"color": ORANGE, "dash": "dash"}, annotation_text=f"median {middle:,.0f}"
    )
    return finish(figure, "Edges leaving the feature", "Features", 340)


def rank_points(features: pl.DataFrame) -> go.Figure:
    """Edges by rank, features with and without a significant gene set in two colours; query ``degree_frequency``."""
    ranked = features.with_row_index("rank", 1).filter(pl.col("degree") > 0)
    figure = go.Figure()
    for known, name, colour in ((True, "annotated", BLUE), (False, "not annotated", ORANGE)):
        part = ranked.filter(pl.col("label").is_not_null() == known)
        marker = {"color": colour, "size": 5, "opacity": 0.7}
        figure.add_scattergl(x=part["rank"], y=part["degree"], mode="markers", name=name, marker=marker)
    figure = finish(figure, "Rank of the feature", "Edges leaving the feature", 360)
    return figure.update_xaxes(type="log").update_yaxes(type="log")


def two_rules(degrees: pl.DataFrame) -> go.Figure:
    """Edges of a feature by the published and by the calibrated rule; query ``degrees_by_rule``."""
    top = max(1, *degrees["published"], *degrees["calibrated"])
    points = go.Scattergl(
        x=degrees["published"], y=degrees["calibrated"], mode="markers", name="feature",
        marker={"color": BLUE, "size": 6, "opacity": 0.6},
    )  # fmt: skip
    line = go.Scatter(x=[0, top], y=[0, top], mode="lines", name="as many", line={"color": GREY, "dash": "dash"})
    return finish(go.Figure([points, line]), "Edges, published rule", "Edges, calibrated rule", 380)


def odds_points(tests: pl.DataFrame) -> go.Figure:
    """Odds of being annotated of the features with most edges, by layer; query ``hub_tests``."""
    told = tests.filter(pl.col("odds_ratio") > 0)
    figure = go.Figure()
    for (k,), part in told.group_by("k", maintain_order=True):
        figure.add_scatter(
            x=part["layer"], y=part["odds_ratio"], mode="markers", name=f"first {k} features", marker={"size": 9}
        )
    figure.add_hline(y=1, line={"color": GREY, "dash": "dash"})
    return (
        finish(figure, "Layer", "Odds ratio of having a gene set", 360).update_yaxes(type="log").update_xaxes(dtick=1)
    )
