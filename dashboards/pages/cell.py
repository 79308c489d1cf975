"""Cell: what is known of one cell, its genes, and the features that are most active in it. Deep link: ``?cell=…``."""

from typing import Any

import streamlit as st

from dashboards.address import addressed_choice, asked
from dashboards.data import query_run
from dashboards.layout import metrics
from dashboards.links import tab_title
from dashboards.page import Page, run_page
from dashboards.panels.cell import CHOSEN, COLUMNS, FEATURES, GENES, PLACE
from dashboards.run_tables import has_rows, stored
from dashboards.text import counted, markdown

OFFERED = 2000  # cells in the box


def head() -> bool:
    """The box, and the cell's name, type and figures; False if the run holds no cells."""
    if not (stored("feature_cell") and has_rows("cell")):
        st.title("Cell")
        st.info("This run has no cells to show: it was imported from published files, or made before cells were kept.")
        return False
    choices = query_run("cell_choices", n_rows=OFFERED, cell=asked("cell"))
    names = {row["cell_id"]: row for row in choices.iter_rows(named=True)}
    left, _ = st.columns([2, 1])
    with left:
        cell = addressed_choice(
            "Cell",
            "cell",
            list(names),
            lambda cell: _choice(names[cell]),
            key="cell_choice",
            help=f"The {OFFERED:,} cells that are strips of most features. Others are opened by their address.",
        )
    st.session_state[CHOSEN] = cell
    about = query_run("cell_about", cell=cell).row(0, named=True)
    st.set_page_config(page_title=tab_title(f"Cell {about['barcode']}"))
    st.title(f"Cell {markdown(about['barcode'])}")
    kind = f"Type: {markdown(about['label'])}." if about["label"] else "No type is known."
    use = "Autoencoders were trained on it" if about["split"] == "train" else "No autoencoder was trained on it"
    st.caption(f"{kind} {use}. File: {markdown(about['source'] or 'unnamed')}, row {cell:,}.")
    known = "–" if about["known_share"] is None else f"{about['known_share']:.0%}"
    metrics(
        {
            "Counts": (_whole(about["n_counts"]), "Counts over all genes"),
            "Genes": (_whole(about["n_genes"]), "Genes with a count or more"),
            "Tokens": (_whole(about["n_tokens"]), "What the model reads of it, special tokens included"),
            "Known counts": (known, "Share of the counts that is of genes the model knows"),
        }
    )
    return True


def _choice(row: dict[str, Any]) -> str:
    return f"{row['barcode']} · {row['label'] or 'no type'} ({counted(row['n_features'], 'feature')})"


def _whole(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


PAGE = Page(
    name="cell",
    title="Cell",
    icon="fiber_manual_record",
    shows="one cell: its genes in the model's order, its strongest features, and where it lies among the others",
    head=head,
    panels=(GENES, FEATURES, PLACE, COLUMNS),
    words=("feature", "position", "activation"),
)

if __name__ == "__main__":
    run_page(PAGE)
