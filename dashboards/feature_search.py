"""What is asked for at the top of the page Features: a text, and filters."""

from typing import Any

import polars as pl
import streamlit as st

from dashboards.address import addressed_choice
from dashboards.data import query_run
from dashboards.run_tables import has_rows

SEARCHED = "feature_searched"  # key in the session
N_ROWS = 500  # rows that a table shows at most
ANYTHING = "any"
TIERS = ["normal", "rare", "dense", "dead"]
SORTS = {
    "firing frequency": "frequency",
    "largest activation": "max_activation",
    "annotation (q)": "label_q",
    "cell-type AUROC": "top_cell_type_auroc",
    "outgoing edges": "n_edges",
}


def search_features() -> bool:
    """Draw the boxes and keep what they ask for; none where the run has no features. Always True: panels follow."""
    if has_rows("feature"):
        st.session_state[SEARCHED] = _boxes()
    return True


def searched() -> dict[str, Any]:
    """What the boxes ask for, as parameters of query ``feature_search``."""
    asked: dict[str, Any] = st.session_state[SEARCHED]
    return asked


def _layer(saes: pl.DataFrame) -> str | None:
    """The autoencoder to search in, or None for all."""
    names = {row["sae_id"]: f"Layer {row['layer']} · {row['sae_id']}" for row in saes.iter_rows(named=True)}
    choice: str | None = st.selectbox("Layer", [None, *names], format_func=lambda sae: names.get(sae, "All layers"))
    return choice


def _marked(sae_id: str | None) -> dict[str, str | None]:
    """Column and label of the cells that features must mark, from the address or the box; None for any.

    Labels are those of the whole run, so that an address holds for every layer; counts are of the layer searched.
    """
    labels = query_run("marked_labels", sae_id=sae_id)
    known = {f"{column}: {label}": (column, label) for column, label, _ in labels.iter_rows()}
    shown = {name: f"{name} ({n:,} features)" for name, n in zip(known, labels["n_features"], strict=True)}
    name = addressed_choice("Marks label", "label", [ANYTHING, *known], lambda one: shown.get(one, one))
    column, label = known.get(name, (None, None))
    return {"marks_column": column, "marks_label": label}


def _boxes() -> dict[str, Any]:
    first, second = st.columns([3, 2, 2]), st.columns(6)
    with first[0]:
        search = st.text_input(
            "Search", key="search", placeholder="gene, gene-set term, label or cell type: CD79A, ribosome, B cell"
        )
    with first[1]:
        sae_id = _layer(query_run("layer_quality"))
    with first[2]:
        marked = _marked(sae_id)
    choices = query_run("feature_choices", sae_id=sae_id).row(0, named=True)
    tier = second[0].selectbox(
        "Tier", [ANYTHING, *TIERS], help="dead: never fires; rare: few firings; dense: over a tenth of positions"
    )
    frequency = second[1].number_input("Least frequency", 0.0, 1.0, 0.0, 0.001, format="%.4f")
    cell_type = second[2].selectbox("Cell type", [ANYTHING, *choices["cell_types"]])
    module = second[3].selectbox("Module", [ANYTHING, *choices["modules"]], help="Features that fire together")
    annotated = second[4].toggle("Annotated only")
    alive = second[4].toggle("Alive only", value=True)
    sort = second[5].selectbox("Sort by", list(SORTS))
    return {
        "search": search.strip() or None,
        "sae_id": sae_id,
        "tier": None if tier == ANYTHING else tier,
        "min_frequency": frequency,
        "cell_type": None if cell_type == ANYTHING else cell_type,
        "module": None if module == ANYTHING else module,
        **marked,
        "annotated_only": annotated,
        "alive_only": alive and tier != "dead",
        "sort": SORTS[sort],
    }
