"""Panel of genes switched off in real cells."""

import streamlit as st

from dashboards.address import addressed_choice
from dashboards.charts.interventions import response_bars
from dashboards.data import query_run
from dashboards.layout import described_table, filled
from dashboards.links import feature_address, link_column
from dashboards.panel import Panel
from dashboards.panels.default import table_rows
from dashboards.run_tables import has_rows
from dashboards.style import show
from dashboards.tables import show_table


def perturbations() -> None:
    """Genes switched off in real cells, and the features that answered."""
    frame = query_run("perturbations")
    left, right = st.columns([2, 3])
    with left:
        text = "Genes by the number of features that answered; no test stands behind that number."
        show(response_bars(frame), text)
        show_table(frame, of=("perturbation_target",), height=280)
    with right:
        gene = addressed_choice("Gene switched off", "gene", frame["gene"].to_list())
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


PERTURBATIONS = Panel(
    "Perturbation response",
    ("perturbation_target",),
    perturbations,
    also=("perturbation_feature", "perturbation_summary"),
)
