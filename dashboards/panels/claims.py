"""Panels of what can be claimed: answers by kind, the numbers behind them, levels of claim, published numbers.

What to run next is Markdown of the questions' own files; everything that names from data stand in is escaped.
"""

from typing import Literal

import polars as pl
import streamlit as st

from dashboards.address import addressed_choice
from dashboards.data import imported_run, query_run
from dashboards.layout import described_table
from dashboards.levels import level_words
from dashboards.panel import Panel
from dashboards.tables import show_table
from dashboards.text import markdown
from warehouse.claims.item import LEVELS, RULES

COLOURS: dict[str, Literal["green", "red", "gray"]] = {
    "supported": "green",
    "not supported": "red",
    "cannot be told": "gray",
}
MEANINGS = {
    "supported": "Every part of the claim could be decided and passes",
    "not supported": "Some part of it could be decided and does not pass. The claim may be true all the same",
    "cannot be told": "Nothing speaks against it, but tables, units, controls or draws are missing",
}
EVERY = "all answers"
CANNOT = "Cannot be told"
LEVEL_CAPTION = (
    "How much a row can claim at most: what can be read off (decoding), what is found elsewhere, too (agreement), what "
    "changes when features are edited (consistent with intervention), what is computed (mechanism)."
)


def answers() -> None:
    """Every question with its answer, by kind."""
    frame = query_run("claims")
    counts = dict(frame["verdict"].value_counts().iter_rows())
    for place, (verdict, meaning) in zip(st.columns(3), MEANINGS.items(), strict=True):
        place.metric(verdict.capitalize(), counts.get(verdict, 0), help=meaning, border=True)
    wanted = addressed_choice("Show", "show", [EVERY, *MEANINGS], place=st.segmented_control, required=True)
    shown = frame if wanted == EVERY else frame.filter(pl.col("verdict") == wanted)
    for kind in shown["kind"].unique(maintain_order=True):
        st.subheader(markdown(kind))
        _of_kind(shown.filter(pl.col("kind") == kind))


def _of_kind(frame: pl.DataFrame) -> None:
    """Questions of one kind; of imports, those of which the published files hold nothing in one line."""
    silent = pl.col("n_parts") == 0 if imported_run() else pl.lit(False)
    for row in frame.filter(~silent).iter_rows(named=True):
        _answer(row)
    if names := frame.filter(silent)["question"].to_list():
        st.caption(f"**{CANNOT}**, since the published files hold nothing of it: {markdown(' '.join(names))}")


def _answer(row: dict[str, str]) -> None:
    """One question: its answer, the numbers in words, what to run next."""
    with st.container(border=True):
        left, right = st.columns([1, 6])
        left.badge(row["verdict"], color=COLOURS[row["verdict"]])
        with right:
            st.markdown(f"**{markdown(row['question'])}**")
            level = f" · level: {level_words(row['level'])}" if row["level"] in LEVELS else ""
            st.caption(f"Claim: {markdown(row['claim'])} Asks whether: {markdown(RULES[row['rule']])}{level}")
            st.write(markdown(row["because"]))
            if row["next"]:
                st.caption(f"**Next:** {row['next']}")


def numbers() -> None:
    """The parts of one claim with their numbers."""
    frame = query_run("claims").filter(pl.col("n_parts") > 0)
    named = dict(frame.select("item", "question").iter_rows())
    item = addressed_choice("Question", "question", list(named), named.__getitem__)
    shown = query_run("claim_numbers", item=item)
    caption = (
        "One row per part of the claim. A part that decides and does not pass makes the claim not supported; one that "
        "cannot decide leaves it open. Table claim_gate holds them all, and a question is a file of SQL in "
        "warehouse/claims/items."
    )
    described_table(shown, caption, height=460)


def levels() -> None:
    """Validation and enrichments with the level of claim that they carry."""
    validation = query_run("validation_levels")
    if not validation.is_empty():
        st.markdown("**Validation**")
        show_table(validation, of=("validation",))
    st.markdown("**Enrichments of features**")
    described_table(query_run("enrichment_levels"), LEVEL_CAPTION)


def published() -> None:
    """Where the published numbers of an import stand."""
    caption = (
        "What later checks said of published numbers, or of others made by the same rule. Table published_value has "
        "one row per number."
    )
    described_table(query_run("standings"), caption, height=460)


ANSWERS = Panel("Answers", (), answers)
NUMBERS = Panel("Numbers", (), numbers)
LEVELS_OF_CLAIM = Panel("Levels of claim", (), levels)
STANDING = Panel("Published numbers", ("published_value",), published)
