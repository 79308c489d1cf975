"""Overview: what a run holds, layer by layer, and how good it is."""

from collections.abc import Sequence

import polars as pl
import streamlit as st

from dashboards.data import chosen_run, imported_run, query_run, run_query
from dashboards.filters import UNCONTROLLED
from dashboards.imported import NOT_PUBLISHED, PUBLISHED
from dashboards.layout import metrics
from dashboards.page import Page, run_page
from dashboards.panel import Panel, sections
from dashboards.panels.baselines import BASELINES
from dashboards.panels.cells import SPREAD
from dashboards.panels.overview import ANNOTATION, CELLS, EDGES, MODEL, QUALITY, TYPES
from dashboards.panels.training import SAE_TRAINING, TRAINING
from dashboards.standing import standing_line
from dashboards.text import markdown

SPECIFIC = "Causal effects of features that exceed what displacements of the same size do at the same positions"
CALIBRATED = "Causal effects that pass the permutation test and floor; {:,} under the rule of the published studies"
WIDE = {MODEL, TYPES, QUALITY}  # take the whole width; the others stand two by two


def head() -> bool:
    """Which run this is, and the run in eight numbers."""
    run = run_query("runs").row(by_predicate=pl.col("run_id") == chosen_run(), named=True)
    computed = f"seed {run['seed']}, computed on {markdown(run['device'])}, {markdown(run['precision'])}"
    origin = PUBLISHED if run["imported"] else computed
    st.title("Overview")
    title, study = markdown(run["title"]), markdown(run["study"])
    st.caption(f"**{title}** · study {study}, {origin}, {run['seconds']:,.0f} s of work")
    metrics(figures())
    if line := standing_line(("annotation_summary", "feature")):
        st.caption(line)
    return True


def figures() -> dict[str, tuple[str, str]]:
    """Eight numbers with what they mean, by name."""
    total = query_run("run_totals").row(0, named=True)
    alive, features = total["n_alive"], total["n_features"]
    values = {
        "Cells": (f"{total['n_cells']:,}", f"{total['n_dropped']:,} more cells of the input file were not used"),
        "Genes": (f"{total['n_genes']:,}", "Genes that the model knows"),
        "Autoencoders": (f"{total['n_saes']:,}", "One sparse autoencoder per layer splits activity into features"),
        "Living features": (f"{alive:,}", f"Of {features:,}; the others never fire"),
        "Annotated": (f"{total['n_annotated']:,}", "Features whose genes match a known gene set, q at most 0.05"),
        "Edges, specific": (_count(total["n_specific"]), SPECIFIC if total["n_specific"] is not None else UNCONTROLLED),
        "Edges, calibrated": (f"{total['n_calibrated']:,}", CALIBRATED.format(total["n_published"])),
        "Checks passed": (f"{total['n_checks'] - total['n_failed']:,}", f"Of {total['n_checks']:,} data checks"),
    }
    if imported_run():
        values |= dict.fromkeys(("Cells", "Edges, specific", "Edges, calibrated"), ("–", NOT_PUBLISHED.capitalize()))
        values["Annotated"] = (values["Annotated"][0], f"Features with a label from a test. Evidence: {PUBLISHED}")
        values["Genes"] = (values["Genes"][0], "Genes that are listed with a feature")
    return values


def _count(number: int | None) -> str:
    return "–" if number is None else f"{number:,}"


def arrange(panels: Sequence[Panel]) -> None:
    """Model, cell types and quality over the whole width, the others two by two, and what is known of the cells."""
    sections([panel for panel in panels if panel in WIDE])
    sections([panel for panel in panels if panel not in WIDE and panel is not SPREAD], 2)
    sections([panel for panel in panels if panel is SPREAD])


PAGE = Page(
    name="overview",
    title="Overview",
    icon="dashboard",
    shows="models, layers, features and edges; cell types by their best features; how well the autoencoders "
    "reconstruct; annotation against its null and baselines; what is known of the cells, dropped ones included",
    head=head,
    panels=(MODEL, TYPES, QUALITY, ANNOTATION, BASELINES, EDGES, TRAINING, SAE_TRAINING, CELLS, SPREAD),
    arrange=arrange,
    words=("feature", "autoencoder", "variance explained", "alive", "annotated", "null", "edge", "specific"),
)

if __name__ == "__main__":
    run_page(PAGE)
