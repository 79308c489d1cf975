"""Panel of one feature's labels: any obs column, with strata, donors and published rules; gene families; expression."""

import polars as pl
import streamlit as st

from dashboards.address import addressed_choice, addressed_toggle
from dashboards.charts.labels import label_intervals
from dashboards.imported import given
from dashboards.layout import described_table, figure_beside_table, filled
from dashboards.panel import Panel
from dashboards.panels.feature import of_feature
from dashboards.run_tables import has_rows
from dashboards.text import markdown

GIVEN = "Within the values of labels.given"
OF_CELLS = "Labels of larger p are left out."
OF_DONORS = (
    "No donor both has and lacks the label, so q compares donors, not cells, and there is none with fewer donors on a "
    "side than labels.min_donors."
)


def labels() -> None:
    """One column of labels at a time; then families of genes and expression, where there are any."""
    frame = of_feature("feature_labels").filter(pl.col("auroc").is_not_null())
    if filled(frame, "This feature was held against no label."):
        one_column(frame)
    if has_rows("feature_family"):
        families()
    if has_rows("feature_expression"):
        expression()


def one_column(frame: pl.DataFrame) -> None:
    """The labels of the chosen column."""
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    column = addressed_choice(
        "Labels",
        "labels",
        frame["obs_column"].unique(maintain_order=True).to_list(),
        place=left.selectbox,
        key="label_column",
    )
    own = frame.filter(obs_column=column)
    conditional = own["conditional"].any() and addressed_toggle(GIVEN, "given", right, key="label_given")
    own = own.filter(conditional=conditional).drop("obs_column", "conditional")
    if not filled(own, "No label of this column was compared in this way."):
        return
    of_donors = (own["unit"] == "donor").all()
    text = (
        "AUROC: chance that a cell with the label is the more active one of two cells alike in "
        f"{markdown(own['strata'][0])}; the dotted line is chance. {OF_DONORS if of_donors else OF_CELLS}"
    )
    caption = (
        "q corrects for all features, columns and labels; donor q asks whether it holds of other donors. AMI is scored "
        "on held-out cells. Published: rules that call the label, to compare with."
    )
    of = ("feature_label", "feature_label_score")
    figure_beside_table(label_intervals(own), text, given(own.drop("strata")), caption, of=of, height=420)


def families() -> None:
    """Families of genes on which it fires more than on others."""
    found = of_feature("feature_families")
    if not found.is_empty():
        caption = "Log odds of firing on a family's genes against others, beside random families of as frequent genes."
        described_table(given(found), caption, of=("feature_family",), height=260)


def expression() -> None:
    """Whether it fires where its genes are expressed more."""
    found = of_feature("feature_expression")
    if not found.is_empty():
        caption = "Expression of its genes where it fires, less where it does not; within cells, above a gene's mean."
        described_table(given(found), caption, of=("feature_expression",))


LABELS = Panel(
    "Labels",
    ("feature_label",),
    labels,
    also=("feature_label_score", "feature_label_published", "feature_family", "feature_expression"),
)
