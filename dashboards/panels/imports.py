"""Panels of imported runs: parity with published numbers, files that were read or missing, figures of an own run."""

import polars as pl
import streamlit as st

from dashboards.address import addressed_choice, touched
from dashboards.data import query_run, run_query
from dashboards.layout import described_table, filled
from dashboards.panel import Panel
from dashboards.panels.default import table_rows
from dashboards.tables import column_help

HEIGHT = 420
EVERYTHING = "everything"
BESIDE = (
    "Figures that both have. *In run* follows the rule that the atlas was made by, or none where nothing is decided "
    "(sizes, variance), *by default rule* the one that this run stands by. A share is of the living features. Numbers "
    "of features depend on how many there are, and layers of one number need not do the same in two models."
)


def parity() -> None:
    """Published numbers beside imported ones."""
    frame = query_run("parity")
    counts = dict(frame["state"].value_counts().iter_rows())
    for column, (state, n) in zip(st.columns(4), counts.items(), strict=False):
        column.metric(state.capitalize(), f"{n:,}", border=True)
    state = addressed_choice("State", "state", [None, *counts], lambda name: name or "all states")
    caption = (
        "An import whose numbers differ is not published. Studies beyond the atlas have no counterpart in its files."
    )
    shown = frame if state is None else frame.filter(pl.col("state") == state)
    described_table(shown, caption, of=("published_value",), height=HEIGHT)


def files() -> None:
    """What was missing, and what was read."""
    gaps = query_run("import_gaps")
    if gaps.is_empty():
        st.success("Every file that an atlas may have was there.")
    else:
        caption = "Files that were not there or could not be used, what that loses, and what is known all the same."
        described_table(gaps, caption, of=("import_gap",))
    table_rows("import_file")


def beside_import() -> None:
    """Figures of the chosen run beside those of an imported one, which is counted only when it is asked for."""
    imports = run_query("runs").filter("imported")
    if not filled(imports, "No published atlas is in this warehouse yet: `scfm import-atlas` brings one."):
        return
    titles = dict(imports.select("run_id", "title").iter_rows())
    left, right = st.columns([3, 1])
    chosen = left.selectbox(
        "Imported run",
        list(titles),
        index=None,
        format_func=titles.__getitem__,
        placeholder="Choose one to compare with",
        on_change=touched,
    )
    if chosen is None:
        return
    frame = query_run("figure_comparison", imported_run=chosen)
    items = [*frame["item"].unique(maintain_order=True), EVERYTHING]
    words = {"all": "the whole run"}
    item = addressed_choice("Of", "of", items, lambda name: words.get(name, name), right.selectbox)
    shown = frame if item == EVERYTHING else frame.filter(pl.col("item") == item)
    numbers = [name for name, kind in shown.schema.items() if kind.is_float()]
    digits = {  # numbers of features to the last digit
        name: st.column_config.NumberColumn(name.replace("_", " "), format="%.6g", help=column_help(name, ()))
        for name in numbers
    }
    described_table(shown, BESIDE, height=HEIGHT, links=digits)


PARITY = Panel("Parity", ("published_value",), parity, also=("published_layer", "published_layer_ontology"))
FILES = Panel("Imported files", ("import_file",), files, also=("import_gap",))
BESIDE_IMPORT = Panel("Beside an import", ("cell",), beside_import)  # imports have no cells
