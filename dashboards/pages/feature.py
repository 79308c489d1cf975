"""Feature: all that is known about one feature. Deep link: ``?sae=…&feature=…``."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from dashboards.address import addressed_text
from dashboards.data import imported_run, query_run
from dashboards.feature_choice import choose_feature
from dashboards.imported import NOT_PUBLISHED, PUBLISHED, figure
from dashboards.layout import metrics
from dashboards.links import feature_name, link_beside, tab_title
from dashboards.page import Page, run_page
from dashboards.panel import Panel, named_tabs, sections
from dashboards.panels.across import FEATURE_LIFE, FEATURE_LINKS
from dashboards.panels.beside import side_by_side
from dashboards.panels.contexts import BY_TYPE, CELL_MAP, CONTEXTS
from dashboards.panels.feature import (
    ACTIVATIONS,
    CELL_TYPES,
    GENE_SETS,
    GENES,
    NEIGHBOURS,
    NETWORKS,
    RANKINGS,
    STRONGEST,
)
from dashboards.panels.feature_edges import CONTROLS, EDGES
from dashboards.panels.labels import LABELS
from dashboards.panels.patching import FEATURE_PATCHES
from dashboards.panels.people import what_people_say
from dashboards.panels.twins import IN_OTHERS, IN_RUNS
from dashboards.text import markdown

WIDE = {GENES, CONTEXTS, LABELS, EDGES, CONTROLS, FEATURE_PATCHES}  # take the whole width; the others stand two by two
GROUPS = {  # tabs
    "What it is": (GENES, GENE_SETS, CELL_TYPES, CONTEXTS),  # few charts: they are most of what a visit waits for
    "In which cells": (BY_TYPE, CELL_MAP, STRONGEST, ACTIVATIONS),
    "Edges": (EDGES, CONTROLS, FEATURE_PATCHES, FEATURE_LINKS),
    "Labels and networks": (LABELS, NETWORKS, RANKINGS),
    "Like it": (NEIGHBOURS, FEATURE_LIFE, IN_OTHERS, IN_RUNS),
}
NAMED_AFTER = {"genes": "its genes", "type": "a cell type", "term": "a gene set"}  # by column named_by


def head() -> bool:
    """The boxes, then name, label and the figures that matter first; False if there is no such feature."""
    saes = query_run("layer_quality")
    if saes.is_empty():
        st.title("Feature")
        st.info("This run has no autoencoder, so it has no features.")
        return False
    sae_id, feature = choose_feature(saes)
    found = query_run("feature", sae_id=sae_id, feature=feature)
    if found.is_empty():
        st.title("Feature")
        st.info("This feature was not described.")
        return False
    about = found.row(0, named=True)
    titled(sae_id, feature, about)
    what_people_say(sae_id, feature)
    if other := addressed_text("Compare with", "with", st.columns([1, 3])[0], placeholder="L2_F268 (press Enter)"):
        side_by_side((sae_id, feature), other)
    if not about["alive"]:
        st.warning("This feature is dead: it never fires on these cells, so there is nothing to show about it.")
    described(about)
    if imported_run():
        published(sae_id, feature)
    return True


def titled(sae_id: str, feature: int, about: dict[str, Any]) -> None:
    """Number and name, and beside them links to the living features before and after it."""
    title, before, after = st.columns([6, 1, 1], vertical_alignment="center")
    name = about["name"] or "unnamed"
    title.title(f"{feature_name(about['layer'], feature)} · {markdown(name)}")
    st.set_page_config(page_title=tab_title(f"{feature_name(about['layer'], feature)} {name}"))
    beside = query_run("feature_beside", sae_id=sae_id, feature=feature).row(0, named=True)
    own = (sae_id, about["layer"])
    link_beside(before, (*own, beside["before"]), ":material/arrow_back:", "The living feature before")
    link_beside(after, (*own, beside["after"]), ":material/arrow_forward:", "The living feature after")


def described(about: dict[str, Any]) -> None:
    """Evidence of the name, tier, genes and cell type in words, and eight figures."""
    cell_type = about["top_cell_type"] or "none called"
    top_genes = markdown(about["top_genes"] or "none")
    evidence = (
        f"Named after {NAMED_AFTER[about['named_by']]}: {markdown(about['evidence'])}. " if about["evidence"] else ""
    )
    share = about["top5_share"]
    genes = f"{top_genes} ({share:.0%} of its activation)" if share is not None else top_genes
    label = markdown(about["label"] or "none")
    st.caption(
        f"{evidence}Tier {about['tier']}. Top genes: {genes}. Cell type: {markdown(cell_type)}. Gene set: {label}."
    )
    metrics(
        {
            "Firing frequency": (f"{about['frequency']:.2%}", "Share of gene positions where it fires"),
            "Firings": (f"{about['fire_count']:,}", "Positions where it fires"),
            "Cells": (figure(about["n_cells_active"], ","), "Cells with at least one firing"),
            "Genes": (figure(about["n_genes"], ","), "Distinct genes it ever fires on"),
            "Mean when active": (figure(about["mean_when_active"], ".3g"), "Mean activation where it fires"),
            "Largest": (figure(about["max_activation"], ".3g"), "Largest activation"),
            "Cell-type AUROC": (
                "none" if about["top_cell_type"] is None else figure(about["top_cell_type_auroc"], ".3f"),
                f"Among cells of the same length, for {markdown(cell_type)}",
            ),
            "Module": (
                "none" if about["module"] is None else f"{about['module']}",
                "Group of features that fire together",
            ),
        }
    )


def published(sae_id: str, feature: int) -> None:
    """Label and alignment as published, and what a dash stands for."""
    about = query_run("feature_published", sae_id=sae_id, feature=feature).row(0, named=True)
    label = "none"
    if about["published_label"]:
        label = f"{markdown(about['published_label'])} ({markdown(about['published_ontology'])})"
    aligned = "aligned" if about["svd_aligned"] else "not aligned"
    st.caption(
        f"Evidence: {PUBLISHED}. Published label: {label}; {about['published_annotations']} annotation rows; {aligned} "
        f"with a singular vector. A dash stands for what is {NOT_PUBLISHED}."
    )


def arrange(panels: Sequence[Panel]) -> None:
    """One tab per group of which the run has panels."""
    groups = {title: [panel for panel in group if panel in panels] for title, group in GROUPS.items()}
    named_tabs({title: partial(two_by_two, group) for title, group in groups.items() if group})


def two_by_two(panels: Sequence[Panel]) -> None:
    """Wide panels alone, the others two by two, in their order."""
    waiting: list[Panel] = []
    for panel in panels:
        if panel in WIDE or len(waiting) == 2:
            sections(waiting, 2)
            waiting = []
        if panel in WIDE:
            sections([panel])
        else:
            waiting.append(panel)
    sections(waiting, 2)


PAGE = Page(
    name="feature",
    title="Feature",
    icon="lens_blur",
    shows="one feature: its genes, terms, cell types, labels, whole cells, activations, links and edges",
    head=head,
    panels=tuple(panel for group in GROUPS.values() for panel in group),
    arrange=arrange,
    words=(
        "feature",
        "position",
        "activation",
        "AUROC",
        "q",
        "ablation",
        "edge",
        "specific",
        "d and g",
        "module",
        "null",
    ),
)

if __name__ == "__main__":
    run_page(PAGE)
