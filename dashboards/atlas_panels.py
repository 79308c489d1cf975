"""Tabs of the atlas page: modules, interventions, features without annotation, parity and gaps."""

import polars as pl
import streamlit as st

from dashboards.atlas_charts import cluster_bars, module_bars, patch_scatter, response_bars, variance_bars
from dashboards.data import query_run
from dashboards.imported import NOT_PUBLISHED, given
from dashboards.links import feature_address, link_column
from dashboards.style import show
from dashboards.tables import show_table


def modules() -> None:
    """Modules of every layer with their labels."""
    frame = query_run("atlas_modules")
    if frame.is_empty():
        st.info(f"Modules are {NOT_PUBLISHED}; the module of each feature may still be, on the page Features.")
        return
    show(module_bars(frame), "Members of each module, stacked by layer; modules of different layers are not matched.")
    show_table(frame.drop("sae_id"), height=360)
    st.caption("Labels: the commonest ones among the first hundred members.")


def causal() -> None:
    """What switching single features off did."""
    frame = query_run("atlas_patches")
    if frame.is_empty():
        st.info(f"Causal patching is {NOT_PUBLISHED}.")
        return
    logit = frame["effect"][0] == "logit"
    unit = "Mean change of logits" if logit else "Mean displacement of outputs"
    warning = (
        "The ratio divides by small numbers: a large specificity is often a small effect on other genes, not a large "
        "one on its own."
        if logit
        else "Nearly all of the displacement is the autoencoder's own error, which feature and control share."
    )
    left, right = st.columns([2, 3])
    with left:
        show(
            patch_scatter(frame, unit),
            f"One point a feature; above the dashed line its own genes change more. {warning}",
        )
    with right:
        shown = frame.with_columns(page=feature_address()).select(
            "page", "specificity", "target_effect", "other_effect", "n_cells", "label", "genes"
        )
        show_table(given(shown), {"page": link_column("feature")}, height=460)


def perturbations() -> None:
    """Genes switched off in real cells, and the features that answered."""
    frame = query_run("atlas_perturbations")
    if frame.is_empty():
        st.info(f"Perturbation response is {NOT_PUBLISHED}.")
        return
    left, right = st.columns([2, 3])
    with left:
        text = "Features above 0.5 among the twenty largest differences; no test stands behind the bound."
        show(response_bars(frame), text)
        show_table(frame, height=280)
    with right:
        gene = st.selectbox("Gene switched off", frame["gene"].to_list())
        answers = query_run("atlas_responses", gene=gene)
        if answers.is_empty():
            st.info("No feature answered.")
            return
        shown = answers.with_columns(page=feature_address())
        columns = ("page", "effect", "fire_count", "tier", "top_genes", "label")
        show_table(shown.select(columns), {"page": link_column("feature")})
        st.caption("Effects of 5 to 9 come from features that hardly fire in the control, where the spread is a floor.")


def novel() -> None:
    """Features without annotation and their clusters."""
    frame = query_run("atlas_novel")
    if frame.is_empty():
        st.info(f"Clusters of features without annotation are {NOT_PUBLISHED}.")
        return
    left, right = st.columns([2, 3])
    with left:
        show(cluster_bars(frame), "Living features by annotation; few unannotated ones share enough genes to cluster.")
        show_table(frame)
    with right:
        show_table(query_run("atlas_clusters"), height=460)
        st.caption("Clusters by shared genes: members and the genes that several of them have.")


def svd() -> None:
    """Autoencoders beside singular vectors."""
    frame = query_run("atlas_svd")
    if frame.is_empty():
        st.info(f"The comparison with singular vectors is {NOT_PUBLISHED}.")
        return
    text = (
        "Variance rebuilt by the autoencoder (last training batch) and held by the first fifty singular vectors. "
        "Thousands of directions are set against fifty: the ratio is no measure of quality."
    )
    show(variance_bars(frame), text)
    show_table(frame, height=280)


def parity() -> None:
    """Published numbers beside imported ones."""
    frame = query_run("atlas_parity")
    if frame.is_empty():
        st.info("No published numbers are known of this atlas, so it was compared with nothing.")
        return
    counts = dict(frame["state"].value_counts().iter_rows())
    for column, (state, n) in zip(st.columns(4), counts.items(), strict=False):
        column.metric(state.capitalize(), f"{n:,}", border=True)
    state = st.selectbox("State", [None, *counts], format_func=lambda name: name or "all states")
    show_table(frame if state is None else frame.filter(pl.col("state") == state), height=420)
    st.caption(
        "An import whose numbers differ is not published. Studies beyond the atlas have no counterpart in its files."
    )


def gaps() -> None:
    """What was missing."""
    frame = query_run("atlas_gaps")
    if frame.is_empty():
        st.success("Every file that an atlas may have was there.")
        return
    show_table(frame, height=360)
    st.caption("Files that were not there or could not be used, what that loses, and what is known all the same.")
