"""What is asked for at the top of the page Features: a text, and filters."""

from typing import Any

import polars as pl
import streamlit as st

from dashboards.address import addressed_choice, addressed_number, addressed_text, addressed_toggle
from dashboards.data import query_run
from dashboards.people import called_so, in_list, people
from dashboards.run_tables import has_rows
from dashboards.text import counted

SEARCHED = "feature_searched"  # key in the session
N_ROWS = 500  # rows that a table shows at most
ANYTHING = "any"
TIERS = ["normal", "rare", "dense", "dead"]
SORTS = {  # the first one: what was searched for, by the place of the gene, else the best told cell type
    "best match": "match",
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
    choices: list[str | None] = [None, *names]
    return addressed_choice("Layer", "layer", choices, lambda sae: "All layers" if sae is None else names[sae])


def _marked(sae_id: str | None) -> dict[str, str | None]:
    """Column and label of the cells that features must mark, from the address or the box; None for any.

    Labels are those of the whole run, so that an address holds for every layer; counts are of the layer searched.
    """
    labels = query_run("marked_labels", sae_id=sae_id)
    known = {f"{column}: {label}": (column, label) for column, label, _ in labels.iter_rows()}
    shown = {name: f"{name} ({counted(n, 'feature')})" for name, n in zip(known, labels["n_features"], strict=True)}
    name = addressed_choice(
        "Marks label", "label", [ANYTHING, *known], lambda one: shown.get(one, one), key="label_choice"
    )
    column, label = known.get(name, (None, None))
    return {"marks_column": column, "marks_label": label}


def _said(search: str) -> list[str]:
    """Features that people call so, as the query names them: autoencoder, a blank, number."""
    return sorted({f"{sae_id} {feature}" for sae_id, _, feature, _ in called_so(search)})


def _boxes() -> dict[str, Any]:
    first, second = st.columns([3, 2, 2]), st.columns([3, 5, 4, 4, 4, 5, 4])
    text = "gene or genes, gene-set term, label, cell type or L2_F268: CD79A, ribosome, B cell"
    search = addressed_text("Search (press Enter)", "search", first[0], key="search", placeholder=text).strip() or None
    with first[1]:
        sae_id = _layer(query_run("layer_quality"))
    with first[2]:
        marked = _marked(sae_id)
    choices = query_run("feature_choices", sae_id=sae_id).row(0, named=True)
    help_of_tiers = "dead: never fires; rare: few firings; dense: over a tenth of positions"
    tier = addressed_choice("Tier", "tier", [ANYTHING, *TIERS], place=second[0].selectbox, help=help_of_tiers)
    bounds = (0.0, 1.0, 0.0)
    frequency = addressed_number("Minimum frequency", "frequency", second[1], bounds, step=0.001, format="%.4f")
    types = [ANYTHING, *choices["cell_types"]]
    cell_type = addressed_choice("Cell type", "type", types, place=second[2].selectbox)
    modules = [ANYTHING, *choices["modules"]]
    module = addressed_choice(
        "Module", "module", modules, place=second[3].selectbox, help="Features that fire together"
    )
    with second[4]:
        kept = addressed_choice("In list", "list", [None, *people().lists], lambda name: name or ANYTHING)
    annotated = addressed_toggle("Annotated only", "annotated", second[5], help="With a significant gene set")
    alive = addressed_toggle("Alive only", "alive", second[5], first=True)
    sort = addressed_choice("Sort by", "sort", list(SORTS), place=second[6].selectbox)
    return {
        "search": search,
        "said": None if search is None else _said(search),
        "sae_id": sae_id,
        "tier": None if tier == ANYTHING else tier,
        "min_frequency": frequency,
        "cell_type": None if cell_type == ANYTHING else cell_type,
        "module": None if module == ANYTHING else module,
        **marked,
        "annotated_only": annotated,
        "alive_only": alive and tier != "dead",
        "sort": SORTS[sort],
        "chosen": None if kept is None else in_list(kept),
    }
