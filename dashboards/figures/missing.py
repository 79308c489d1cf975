"""Plots that reviewers of the circuits asked for, or would ask for, and that the paper lacks."""

from functools import partial

import plotly.graph_objects as go
import polars as pl

from dashboards.charts.circuits import by_distance, null_scatter
from dashboards.charts.control_summary import excess_points
from dashboards.charts.effect_sizes import by_layer, response_scatter, size_curves
from dashboards.charts.perturbations import excess_intervals
from dashboards.charts.tested import p_bars, sweep_curves, volcano
from dashboards.figures.choices import null, some_sources, traced
from dashboards.figures.figure import Figure

PAPER = "circuits"
NONE = "The paper has no such figure."


def first_layer(rows: pl.DataFrame) -> go.Figure:
    """All pairs into the first target layer."""
    return size_curves(rows.filter(pl.col("target_layer") == rows["target_layer"].min()))


def halves(rows: pl.DataFrame) -> go.Figure:
    """Edges found in both halves of the cells."""
    edges = rows.filter(pl.col("criterion") != "tested")
    return by_layer(edges, "jaccard", "Found in both halves", null="jaccard_chance")


def excess(rows: pl.DataFrame) -> go.Figure:
    """Edges beyond those of each control."""
    return excess_points(rows.filter(pl.col("control") != "zero"))


def responses(rows: pl.DataFrame) -> go.Figure:
    """Targets that any displacement moves."""
    moved = rows.filter(pl.col("mean_abs_response") > 0)
    return response_scatter(moved) if moved.height and moved["degree"].max() else go.Figure()


def directions(rows: pl.DataFrame) -> go.Figure:
    """Accuracy beyond its baselines."""
    told = rows.filter(pl.col("rule") == "own").drop_nulls("excess")
    return excess_intervals(told) if told.height else go.Figure()


MISSING = (
    Figure(
        PAPER, "Asked 1", "p of all tests", ("edge_stat",), ("p_histogram",), p_bars, NONE,
        "Where nothing has an effect, p is spread evenly, but for what few cells allow: with few cells p takes few "
        "values, and bars stand where these are. Of 100 sources at most, those with the "
        "lowest numbers, which carry no meaning.",
        some_sources,
    ),
    Figure(
        PAPER, "Asked 2", "Effects beside p", ("edge_stat",), ("volcano",), volcano, NONE,
        "Every tested pair of 100 sources at most, those with the lowest numbers; effects beyond 5 are drawn at 5. A p "
        "can only be small where there are many cells.", some_sources,
    ),
    Figure(
        PAPER, "Asked 3", "All sizes beside sign flips", ("effect_size_ecdf",), ("effect_size_ecdf",), first_layer,
        NONE,
        "All tested pairs into the first target layer, not edges alone. Where both curves meet, effects are no larger "
        "than chance makes them.", traced,
    ),
    Figure(
        PAPER, "Asked 4", "Edges by threshold, found and by chance", ("threshold_sweep",), ("threshold_sweep",),
        sweep_curves,
        NONE, "Chance is a flip of the signs of cells: it knows nothing of displacements that do as much as a feature.",
        traced,
    ),
    Figure(
        PAPER, "Asked 5", "Edges of each source beside chance", ("null_feature",), ("null_features",), null_scatter,
        NONE,
        "Expected under sign flips. A source far above the line has effects; whether they are its own, controls say.",
        null,
    ),
    Figure(
        PAPER, "Asked 6", "Edges beyond those of controls", ("control_summary",), ("control_summary",), excess, NONE,
        "1: the control makes no edge; 0: as many as the feature. Fresh noise at every position cancels in a mean over "
        "cells, so its excess is an upper bound.", traced,
    ),
    Figure(
        PAPER, "Asked 7", "Edges found in two halves of the cells", ("split_half",), ("split_half",), halves, NONE,
        "Half as many cells find fewer edges, so all cells would repeat at least as well. Dashed: halves of different "
        "sources.", traced,
    ),
    Figure(
        PAPER, "Asked 8", "Edges reaching a target beside its responsiveness", ("target_response",),
        ("target_responses",),
        responses, NONE,
        "A target near the dashed line is no hub: it answers whatever is done.", traced,
    ),
    Figure(
        PAPER, "Asked 9", "Predicted directions beyond their baselines", ("validation_summary",),
        ("direction_summary",),
        directions, "56.4 % of 282,250 pairs of genes move as predicted, rho 0.038 (no baseline).",
        "With unbalanced signs 56 % is what guessing gives. Bars are 95 % intervals over perturbations.",
    ),
    Figure(
        PAPER, "Asked 10", "Direct effects by distance", ("effect_comparison",), ("direct_and_total",),
        partial(by_distance, column="direct_share", title="Share of direct edges"), NONE,
        "Direct: only the positions where the source is active are computed again. Runs without direct effects have "
        "no such figure.", traced,
    ),
)  # fmt: skip
