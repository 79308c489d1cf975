"""Panels of the overview: quality of autoencoders, annotation beside chance, edges between layers, cells."""

import polars as pl
import streamlit as st

from dashboards.address import addressed_choice
from dashboards.charts.layers import annotation_bars, cell_bars, layer_pair_map
from dashboards.data import imported_run, query_run
from dashboards.filters import rules_of_run
from dashboards.imported import PUBLISHED, given
from dashboards.layout import described_table, filled
from dashboards.links import feature_address, link_column, open_column, type_address
from dashboards.panel import Panel
from dashboards.quality_panel import quality
from dashboards.style import show
from dashboards.tables import show_table
from dashboards.text import markdown

N_BEST = 3  # features per cell type
STAND_IN = (
    "**{name}** is a small stand-in model, trained here in minutes on the study's own cells. It shows that the line "
    "works from cells to circuits; it is not the published model, and its biology is no finding."
)


def model() -> None:
    """The model, with a plain warning if it is the small stand-in."""
    frame = query_run("models")
    for one in frame.filter("stand_in").iter_rows(named=True):
        st.warning(STAND_IN.format(name=markdown(one["name"])), icon=":material/info:")
    show_table(frame.drop("stand_in"), of=("model",))


def types() -> None:
    """Cell types by the features that tell them best."""
    best = query_run("best_of_types", n_rows=N_BEST)
    if not filled(best, "No feature tells a cell type from the others well enough to be called."):
        return
    shown = given(best.with_columns(page=feature_address(), type_page=type_address("cell_type")))
    columns = ("cell_type", "type_page", "page", "name", "top_genes", "auroc", "auroc_low", "n_cells", "n_features")
    caption = (
        f"Per cell type, the {N_BEST} features that tell its cells best from others of the same length. Features: how "
        "many it is called for. It says where a feature is active, not what it does."
    )
    links = {"page": link_column("feature"), "type_page": open_column("Opens the page of this cell type")}
    shown = shown.select(name for name in columns if name in shown.columns)
    described_table(shown, caption, of=("feature_cell_type", "feature"), links=links, height=700)


def annotation() -> None:
    """Annotated share beside its null."""
    summary = query_run("annotation_by_layer")
    library = addressed_choice("Gene-set library", "library", sorted(summary["library"].unique().to_list()))
    text = (
        "A feature is annotated if its top genes overlap a known gene set more than chance allows (q at most 0.05). "
        "Grey: the same test on random genes; only the difference is knowledge. By the published rule, which corrects "
        "only over pairs that share two genes, random genes are annotated as well."
    )
    if imported_run():
        text = (
            f"Features with a term from a test, {PUBLISHED}: corrected only over terms that share two genes or more, "
            "under which random genes come out annotated as often. Their share under random genes was not published."
        )
    show(annotation_bars(summary.filter(pl.col("library") == library)), text)


def edges() -> None:
    """Edges by layer pair."""
    pairs = query_run("edges_by_layer_pair")
    if not filled(pairs, "No feature has an edge."):
        return
    left, right = st.columns(2)
    effects = sorted(pairs["effect"].unique().to_list(), reverse=True)
    effect = addressed_choice("Effect", "effect", effects, place=left.selectbox)
    applied = set(pairs["criterion"])
    rules = [rule for rule in rules_of_run() if rule in applied]
    criterion = addressed_choice("Rule", "rule", rules, place=right.selectbox)
    kept = pairs.filter((pl.col("effect") == effect) & (pl.col("criterion") == criterion))
    text = (
        "An edge says: switching the source feature off changes how strongly the target feature fires, cell after cell."
    )
    show(layer_pair_map(kept), text)


def cells() -> None:
    """Cell types."""
    counts = query_run("cell_labels")
    if set(counts["label"]) == {"no label"}:
        st.info("No cell labels in this run: name the obs column with `cells.label` in the study to see types here.")
    show(cell_bars(counts), "Cells used, by label. Held-out cells judge the autoencoders and carry the traces.")
    dropped = query_run("dropped_cells")
    reasons = [f"{n:,} ({markdown(reason)})" for reason, n in dropped.iter_rows()]
    st.caption(f"Not used: {', '.join(reasons)}." if reasons else "Every cell of the input file was used.")


TYPES = Panel("Cell types by their best features", ("feature_cell_type",), types)
MODEL = Panel("Model", ("model",), model)
QUALITY = Panel("How good the autoencoders are", ("sae",), quality)
ANNOTATION = Panel("Annotation, real against random", ("annotation_summary",), annotation)
EDGES = Panel("Edges between layers", ("feature_degree",), edges)
CELLS = Panel("Cells", ("cell",), cells)
