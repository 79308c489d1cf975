"""Heat maps of features by labels of the cells: the best of a label, or of each, and those that a search found."""

import polars as pl
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards.address import addressed_choice, addressed_number
from dashboards.charts.heat import MEASURES, label_heat
from dashboards.data import query_run
from dashboards.feature_search import searched
from dashboards.layout import filled
from dashboards.panel import Panel
from dashboards.panels.cell_type import CHOSEN, TABLES
from dashboards.style import show

MOST_LABELS = 60  # columns that can be told apart
ONE, EACH = "that tell this label", "that tell each label"
PER_LABEL = {ONE: ("best", (1, 60, 20)), EACH: ("best_each", (1, 10, 3))}  # name in the address, and bounds
BLANK = (
    "Blank: not tested, or not kept since p was large. Cells are compared with others that are alike, which says "
    "where a feature is active and not what it does."
)


def of_best() -> None:
    """The best features of the label that the page shows, or of every label of a column, by all of its labels."""
    own, label = st.session_state[CHOSEN]
    first, second, third, fourth = st.columns(4)
    column = _column(first, own)
    which = addressed_choice("Features", "heat", [ONE, EACH], place=second.selectbox)
    parameter, bounds = PER_LABEL[which]
    n_rows = addressed_number("How many per label", parameter, third, bounds)
    asked = {"obs_column": own, "label": label} if which == ONE else {"obs_column": column, "label": None}
    best = query_run("label_best", n_rows=n_rows, **asked).unique(["sae_id", "feature"], maintain_order=True)
    _heat(best, column, fourth, label if which == ONE and column == own else None)


def of_search() -> None:
    """The first features that the search on top of the page found, in its order."""
    first, second, third = st.columns(3)
    column = _column(first)
    n_rows = addressed_number("How many features", "heat_rows", second, (1, 100, 30))
    found = query_run("feature_search", **(searched() | {"n_rows": n_rows}))
    if filled(found, "No feature matches: widen the filters or shorten the search."):
        _heat(found, column, third, None)


def _column(place: DeltaGenerator, own: str | None = None) -> str:
    """An obs column whose labels features of the run were held against, at first ``own``, that of the page's label."""
    columns = query_run("label_choices")["obs_column"].unique(maintain_order=True).to_list()
    choices = columns if own is None else [None, *columns]
    text = "The cell types of cells.label, and the columns that the study names in labels.columns"
    chosen = addressed_choice(
        "By", "heat_by", choices, lambda one: one or "the column of this label", place.selectbox, help=text
    )
    return str(chosen or own)


def _heat(features: pl.DataFrame, column: str, place: DeltaGenerator, label: str | None) -> None:
    """The map of ``features`` (sae_id, feature, …) by the labels of a column, ``label`` first."""
    spots = [f"{sae_id} {feature}" for sae_id, feature in features.select("sae_id", "feature").iter_rows()]
    rows = query_run("feature_heat", obs_column=column, spots=spots)
    measures = [name for name in MEASURES if rows[name].count()]
    if not measures:
        st.info("Nothing is kept of how these features stand to the labels of this column.")
        return
    measure = addressed_choice("Colour", "heat_of", measures, lambda one: MEASURES[one].title, place.selectbox)
    labels, cut = shown_labels(rows, label)
    text = f"Colour: {MEASURES[measure].says}. A dot: the feature marks the label by the rule of the run. {BLANK}{cut}"
    show(label_heat(rows, measure, labels), text, key="heat")


def shown_labels(rows: pl.DataFrame, first: str | None) -> tuple[list[str], str]:
    """The labels of query ``feature_heat`` by name, ``first`` before the others, and what is said of those left out."""
    sizes = rows.group_by("label").agg(pl.col("n_cells").max().fill_null(0)).sort("n_cells", "label")
    others = [label for label in sizes["label"].reverse() if label != first]
    left = len(others) - MOST_LABELS
    cut = f" The {left:,} labels of fewest cells are left out here; Take away has them." if left > 0 else ""
    own = [first] if first is not None and len(others) < sizes.height else []
    return [*own, *sorted(others[:MOST_LABELS])], cut


BEST = Panel("Heat map of features and labels", TABLES, of_best, also=("feature_label",))
FOUND = Panel("Heat map", TABLES, of_search, also=("feature_label",))
