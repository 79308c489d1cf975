"""Panels of changed cells: how their embeddings move, and the benchmark of batches."""

import polars as pl
import streamlit as st

from dashboards.address import addressed_choice
from dashboards.charts.shift import metric_curve, moved_cells
from dashboards.data import query_run
from dashboards.layout import described_table, figure_beside_table
from dashboards.links import feature_address, link_column
from dashboards.panel import Panel
from dashboards.style import show
from dashboards.tables import show_table

SELECTORS = {
    "batch": "features that tell batches apart",
    "type": "features that tell cell types apart",
    "gene": "features of the named genes",
    "term": "features of the named gene sets",
    "named": "features named by hand",
    "published_ami": "features of batches as published",
    "published_random": "any features, as published",
}
MODES = {
    "scale": "activations times {:g}",
    "clamp": "set to {:g} times their 99th percentile where active",
    "clamp_all": "set to {:g} times their 99th percentile at every gene",
    "published": "as published: set to {:g} where active, error dropped",
    "published_together": "as published, codes of 16 cells together: set to {:g} where active, error dropped",
}
METRICS = {
    "total": "Total: 0.6 cell types, 0.4 batches",
    "biology": "Cell types kept apart: mean",
    "batch_correction": "Batches mixed: mean",
    "accuracy": "Label transfer: accuracy",
    "macro_f1": "Label transfer: macro F1",
    "isolated_labels": "Isolated labels",
    "leiden_nmi": "Leiden clusters: NMI",
    "leiden_ari": "Leiden clusters: ARI",
    "silhouette_label": "Silhouette of cell types",
    "clisi": "cLISI: cell types of a neighbourhood",
    "bras": "BRAS: silhouette of batches",
    "ilisi": "iLISI: batches of a neighbourhood",
    "kbet": "kBET by cell type",
    "graph_connectivity": "Graph connectivity",
    "pcr": "PCR: variance between batches removed",
}
NOTE = (
    "Features were chosen on other cells than these. A random direction of the same size shows what any change does; "
    "cells that move no further than under random features were not moved by what the features stand for."
)


def way_words(selector: str, mode: str, value: float) -> str:
    """What is done, in words."""
    return f"{SELECTORS[selector]}, {MODES[mode].format(value)}"


def choose_way(key: str) -> pl.DataFrame:
    """The settings of one layer, selector and change, by number of features; two boxes ask which."""
    known = query_run("shift_settings").filter(pl.col("arm") == "feature")
    layer = addressed_choice("Layer", f"{key}_layer", known["layer"].unique().sort().to_list(), key=f"{key}_layer")
    of_layer = known.filter(layer=layer)
    ways = list(of_layer.select("selector", "mode", "value").unique(maintain_order=True).iter_rows())
    selector, mode, value = addressed_choice(
        "Changed", f"{key}_way", ways, lambda way: way_words(*way), key=f"{key}_way"
    )
    return of_layer.filter(selector=selector, mode=mode, value=value).sort("n_features")


def cells() -> None:
    """Cells before and after, and how far they move."""
    left, right = st.columns(2)
    with left:
        settings = choose_way("shift_cells")
    with right:
        numbers = settings["n_features"].to_list()
        n_features = addressed_choice("Features changed", "n_features", numbers, first=numbers[-1])
        by = addressed_choice("Coloured by", "colour", ["type", "batch"])
    one = settings.filter(n_features=n_features).row(0, named=True)
    asked = {"sae_id": one["sae_id"], "setting": one["setting"]}
    places = query_run("shift_cells", **asked)
    moves = query_run("embedding_shift", **asked)
    figure = moved_cells(places, "label" if by == "type" else "batch")
    text = (
        "Hollow: where the model puts a cell as it is; filled: with the features changed. Axes are those along which "
        "undisturbed cells differ most: a cell may also move where this picture does not show it."
    )
    caption = f"Distance is 1 - cosine of a cell's embedding before and after, as a mean over the group. {NOTE}"
    figure_beside_table(figure, text, moves, caption, widths=(1, 1), of=("embedding_shift",), height=520)
    chosen = query_run("shift_features", sae_id=one["sae_id"], selector=one["selector"]).head(n_features)
    shown = chosen.select(feature_address().alias("page"), "rank", "score", "ceiling", "top_genes")
    show_table(shown, {"page": link_column("feature")}, of=("shift_feature", "feature"), height=240)


def first_told() -> int:
    """Place of the first metric that has a score: cells of one batch have none that mixing batches enters."""
    told = (query_run("integration", metric=metric)["score"].count() > 0 for metric in METRICS)
    return next((place for place, has_score in enumerate(told) if has_score), 0)


def benchmark() -> None:
    """A metric by number of features, and label transfer by batch."""
    left, right = st.columns(2)
    with left:
        settings = choose_way("integration")
    with right:
        metric = addressed_choice(
            "Metric", "metric", list(METRICS), METRICS.__getitem__, first=list(METRICS)[first_told()]
        )
    first = settings.row(0, named=True)
    rows = query_run("integration", metric=metric).filter(sae_id=first["sae_id"])
    alike = pl.all_horizontal(pl.col(name) == first[name] for name in ("selector", "mode", "value"))
    own = rows.filter(alike | (pl.col("setting").is_in(["clean", "reconstruction"])))
    lacking = own.filter(pl.col("score").is_null())
    if lacking.height == own.height:
        st.info(f"{METRICS[metric]} cannot be told: {lacking['reason'][0]}.")
    else:
        text = (
            "Bars: interval over other samples of cells, which move together; whether a change is more than chance, "
            "its own interval in the table says. Grey: from the lowest to the highest of the random sets of features. "
            "What lies within it is what changing any such features does."
        )
        show(metric_curve(own, METRICS[metric]), text)
    columns = ["embedding", "arm", "draw", "n_features", "score", "low", "high", "change", "change_low", "change_high"]
    caption = "change: less the undisturbed cells, with its interval over the same samples of cells."
    described_table(own.select(*columns, "reason"), caption, of=("integration_metric", "shift_setting"), height=300)
    last = settings.row(-1, named=True)
    transfer = query_run("label_transfer", sae_id=last["sae_id"], setting=last["setting"])
    words = f"Each batch labelled by all others, with nothing changed and with {last['n_features']} features changed."
    if not transfer.is_empty():
        described_table(transfer, words, of=("label_transfer",), height=260)


CELLS = Panel(
    "Cells", ("embedding_map", "embedding_shift"), cells, also=("shift_setting", "shift_feature", "shift_cell")
)
BENCHMARK = Panel("Benchmark", ("integration_metric",), benchmark, also=("label_transfer",))
