"""Figures of variants of autoencoders and of steered cells (sae-for-scFMs), on the tables of this run."""

from functools import partial

import plotly.graph_objects as go
import polars as pl

from dashboards.charts.autoencoders import named, overlap_map, trade_off
from dashboards.charts.baselines import baseline_bars
from dashboards.charts.labels import label_intervals
from dashboards.charts.moves import move_points, transfer_points
from dashboards.charts.shift import metric_curve, moved_cells
from dashboards.figures.choices import layer, shifted, telling
from dashboards.figures.figure import Figure

PAPER = "variants"


def overlap(pairs: pl.DataFrame, saes: pl.DataFrame) -> go.Figure:
    """Features of each autoencoder of a layer that each other one has as well."""
    return overlap_map(pairs, dict(named(saes).select("sae_id", "name").iter_rows()))


def quality(saes: pl.DataFrame) -> go.Figure:
    """Unexplained variance by active features, of all layers."""
    return trade_off(named(saes), "fvu", "Share of variance not explained", joined=saes["layer"].n_unique() == 1)


def curve(rows: pl.DataFrame, settings: pl.DataFrame) -> go.Figure:
    """Accuracy of label transfer by number of changed features, of the way with most settings."""
    known = settings.filter(arm="feature")
    ways = (
        known.group_by("sae_id", "selector", "mode", "value").len().sort("len", "sae_id", "selector", descending=True)
    )
    way = ways.row(0, named=True)
    alike = pl.all_horizontal(pl.col(name) == way[name] for name in ("selector", "mode", "value"))
    own = rows.filter(sae_id=way["sae_id"]).filter(alike | pl.col("setting").is_in(["clean", "reconstruction"]))
    return metric_curve(own, "Label transfer: accuracy") if own["score"].count() else go.Figure()


VARIANTS = (
    Figure(
        PAPER, "Steering A", "Cells before and after features are changed", ("embedding_map",), ("shift_cells",),
        partial(moved_cells, by="label"),
        "UMAPs of control, stimulated and steered cells (Kang 2018), by condition and by cell type.",
        "The published maps were computed three times apart, so places do not compare. Here cells before and after "
        "stand on the same axes, those along which undisturbed cells differ most.", shifted,
    ),
    Figure(
        PAPER, "Steering B", "How far groups of cells move", ("embedding_shift",), ("embedding_shift",), move_points,
        "Control to stimulated 1.38, control to steered 0.37 over all cells; megakaryocytes 0.150 and 0.152.",
        "No control was shown. Here random sets of features that are active as often stand beside them.", shifted,
    ),
    Figure(
        PAPER, "Cell typing A", "Labels found from other batches", ("label_transfer",), ("label_transfer",),
        transfer_points,
        "Pancreas, scGPT: accuracy 0.818, steered 0.861 (table 1, captioned macro F1); lung, macro F1: 0.381, steered "
        "0.449 (table 2).",
        "Table 1 gives accuracies under the name of macro F1; by macro F1 pancreas goes from 0.522 to 0.559. Features "
        "were chosen and scored on the same cells.", shifted,
    ),
    Figure(
        PAPER, "Cell typing B", "Label transfer by number of features", ("integration_metric", "shift_setting"),
        ("integration", "shift_settings"), curve, "One number of features each: n of 20 or 50.",
        "The published number was chosen where it improves. Grey: random sets of features.", shifted,
    ),
    Figure(
        PAPER, "Stability", "Features that other autoencoders have as well", ("sae_overlap",),
        ("compare_overlap", "compare_saes"), overlap,
        "Median cosine of matched features over three subsamples: 0.25 in layer 1, 0.46 in layer 5, 0.78 to 0.98 in "
        "layers 7 to 12; random 0.13.",
        "Upper quartiles of exactly 1.000 suggest features that never fire and keep one starting point. Seeds differ "
        "here, and dead features are left out.", layer,
    ),
    Figure(
        PAPER, "Axes", "Cell types: features beside principal axes", ("baseline",), ("baselines_by_layer",),
        partial(baseline_bars, rate="type_fraction", null="null_type"),
        "Adjusted mutual information of the first 50 axes with 14 cell types: 0.34 (platelets) at most.",
        "Axes are dense and signed, and the published rule, any token above a threshold, holds in nearly every cell of "
        "a dense axis. Here all bases are made equally sparse.",
    ),
    Figure(
        PAPER, "Perturbed cells", "Labels that a feature marks", ("feature_label",), ("feature_labels",),
        label_intervals,
        "Feature 816 and interferon-beta, r 0.90; feature 404 and GBF1, r 0.98; p below 1e-4.",
        "Two features of at least 817 were picked, and p was not corrected for that; the caption exchanges left and "
        "right. Here q is over all features and labels.", telling,
    ),
    Figure(
        PAPER, "Variants", "Quality against sparsity", ("sae",), ("compare_saes",), quality,
        "Announced in the abstract (layers, architectures), without a figure.",
        "Autoencoders of different layers do not compare: layers differ in how much there is to explain.",
    ),
)  # fmt: skip
