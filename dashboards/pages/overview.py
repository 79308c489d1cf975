"""Overview: what a run holds, layer by layer, and how good it is."""

import polars as pl
import streamlit as st

from dashboards.data import chosen_run, imported_run, query_run, run_query
from dashboards.frame import run_page
from dashboards.imported import NOT_PUBLISHED, PUBLISHED
from dashboards.layer_charts import annotation_bars, cell_bars, layer_pair_map
from dashboards.quality_panel import quality
from dashboards.style import show
from dashboards.tables import show_table
from dashboards.training_panels import model_training, sae_training

STAND_IN = (
    "**{name}** is a small stand-in model, trained here in minutes on the study's own cells. It shows that the line "
    "works from cells to circuits; it is not the published model, and its biology is no finding."
)


def title() -> None:
    """Which run this is."""
    run = run_query("runs").row(by_predicate=pl.col("run_id") == chosen_run(), named=True)
    computed = f"seed {run['seed']}, computed on {run['device']}, {run['precision']}"
    origin = PUBLISHED if run["imported"] else computed
    st.title("Overview")
    st.caption(f"**{run['title']}** · study {run['study']}, {origin}, {run['seconds']:,.0f} s")


def figures() -> None:
    """The run in eight numbers."""
    total = query_run("run_totals").row(0, named=True)
    alive, features = total["n_alive"], total["n_features"]
    values = {
        "Cells": (f"{total['n_cells']:,}", f"{total['n_dropped']:,} more cells of the input file were not used"),
        "Genes": (f"{total['n_genes']:,}", "Genes that the model knows"),
        "Autoencoders": (f"{total['n_saes']:,}", "One sparse autoencoder a layer splits activity into features"),
        "Living features": (f"{alive:,}", f"Of {features:,}; the others never fire"),
        "Annotated": (f"{total['n_annotated']:,}", "Features whose genes match a known gene set, q at most 0.05"),
        "Edges, calibrated": (f"{total['n_calibrated']:,}", "Causal effects that pass the permutation test and floor"),
        "Edges, published": (f"{total['n_published']:,}", "Under the rule of the published studies, for comparison"),
        "Checks passed": (f"{total['n_checks'] - total['n_failed']:,}", f"Of {total['n_checks']:,} data checks"),
    }
    if imported_run():
        values |= dict.fromkeys(("Cells", "Edges, calibrated", "Edges, published"), ("–", NOT_PUBLISHED.capitalize()))
        values["Annotated"] = (values["Annotated"][0], f"Features with a label from a test. Evidence: {PUBLISHED}")
        values["Genes"] = (values["Genes"][0], "Genes that are listed with a feature")
    for row in (list(values)[:4], list(values)[4:]):
        for column, name in zip(st.columns(4), row, strict=True):
            column.metric(name, values[name][0], help=values[name][1], border=True)


def models() -> None:
    """The model, with a plain warning if it is the small stand-in."""
    frame = query_run("models")
    for model in frame.filter("stand_in").iter_rows(named=True):
        st.warning(STAND_IN.format(name=model["name"]), icon=":material/info:")
    show_table(frame.drop("stand_in"))


def annotation() -> None:
    """Annotated share beside its null."""
    summary = query_run("annotation_by_layer")
    if summary.is_empty():
        st.info("This run annotated no features.")
        return
    library = st.selectbox("Gene-set library", sorted(summary["library"].unique().to_list()))
    text = (
        "A feature is annotated if its top genes overlap a known gene set more than chance allows (q at most 0.05). "
        "Grey: the same test on random genes; only the difference is knowledge."
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
    if pairs.is_empty():
        st.info("This run traced no circuits.")
        return
    left, right = st.columns(2)
    effect = left.selectbox("Effect", sorted(pairs["effect"].unique().to_list(), reverse=True))
    criterion = right.selectbox("Rule", sorted(pairs["criterion"].unique().to_list()))
    kept = pairs.filter((pl.col("effect") == effect) & (pl.col("criterion") == criterion))
    text = (
        "An edge says: switching the source feature off changes how strongly the target feature fires, cell after cell."
    )
    show(layer_pair_map(kept), text)


def cells() -> None:
    """Cell types."""
    counts = query_run("cell_labels")
    if counts.is_empty():
        st.info(f"Cells are {NOT_PUBLISHED}.")
        return
    if set(counts["label"]) == {"no label"}:
        st.info("No cell labels in this run: name the obs column with `cells.label` in the study to see types here.")
    show(cell_bars(counts), "Cells used, by label. Held-out cells judge the autoencoders and carry the traces.")


def main() -> None:
    """The whole page."""
    title()
    figures()
    models()
    st.subheader("How good the autoencoders are")
    quality()
    left, right = st.columns(2)
    with left:
        st.subheader("Annotation, real against random")
        annotation()
    with right:
        st.subheader("Edges between layers")
        edges()
    st.subheader("Training")
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        model_training()
    with right:
        sae_training()
    st.subheader("Cells")
    cells()


run_page(main)
