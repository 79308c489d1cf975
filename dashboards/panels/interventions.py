"""Panels of interventions: single features patched, and genes switched off in real cells."""

import polars as pl
import streamlit as st

from dashboards.charts.interventions import patch_scatter, response_bars
from dashboards.data import query_run
from dashboards.imported import given
from dashboards.layout import described_table, figure_beside_table, filled
from dashboards.links import feature_address, link_column
from dashboards.panel import Panel
from dashboards.panels.default import table_rows
from dashboards.run_tables import has_rows
from dashboards.style import show
from dashboards.tables import show_table
from dashboards.text import markdown

WARNINGS = {  # by the kind of effect
    "logit": "The ratio divides by small numbers: a large specificity is often a small effect on other genes, not a "
    "large one on the feature's own.",
    "displacement": "Nearly all of the displacement is the autoencoder's own error, which feature and control share.",
}
UNITS = {"logit": "Mean change of logits", "displacement": "Mean displacement of outputs"}


def patching() -> None:
    """What switching single features off did to the model's output."""
    every = query_run("patches")
    kinds = every["effect"].unique(maintain_order=True).to_list()
    kind = str(
        kinds[0]
        if len(kinds) == 1
        else st.segmented_control("Effect", kinds, default=kinds[0], required=True, format_func=markdown)
    )
    frame = every.filter(pl.col("effect") == kind)
    text = f"One point per feature; above the dashed line its own genes change more. {WARNINGS.get(kind, '')}"
    shown = frame.with_columns(page=feature_address()).select(
        "page", "specificity", "target_effect", "other_effect", "n_cells", "label", "genes"
    )
    figure_beside_table(
        patch_scatter(frame, UNITS.get(kind, f"Mean change of {kind}")),
        text,
        given(shown),
        "genes: those whose outputs count as the feature's own.",
        links={"page": link_column("feature")},
        of=("causal_patch",),
        height=460,
    )
    if has_rows("causal_patch_summary"):
        table_rows("causal_patch_summary")


def perturbations() -> None:
    """Genes switched off in real cells, and the features that answered."""
    frame = query_run("perturbations")
    left, right = st.columns([2, 3])
    with left:
        text = "Genes by the number of features that answered; no test stands behind that number."
        show(response_bars(frame), text)
        show_table(frame, of=("perturbation_target",), height=280)
    with right:
        gene = st.selectbox("Gene switched off", frame["gene"].to_list())
        answers = query_run("responses", gene=gene)
        if filled(answers, "No feature answered."):
            shown = answers.with_columns(page=feature_address())
            columns = ("page", "effect", "fire_count", "tier", "top_genes", "label")
            caption = "Mind large effects of features that hardly fire in the control: there the spread is a floor."
            links = {"page": link_column("feature")}
            of = ("perturbation_feature", "feature")
            described_table(shown.select(columns), caption, of=of, links=links)
    if has_rows("perturbation_summary"):
        table_rows("perturbation_summary")


PATCHING = Panel("Causal patching", ("causal_patch",), patching, also=("causal_patch_gene", "causal_patch_summary"))
PERTURBATIONS = Panel(
    "Perturbation response",
    ("perturbation_target",),
    perturbations,
    also=("perturbation_feature", "perturbation_summary"),
)
