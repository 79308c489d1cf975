"""Tables with readable headings and number formats."""

from typing import Any, Literal

import polars as pl
import streamlit as st

HEADINGS = {
    "n_cells_active": "cells active", "mean_when_active": "mean when active", "top_genes": "top genes",
    "label_q": "label q", "label_library": "library", "top_cell_type": "cell type", "top_cell_type_auroc": "AUROC",
    "n_edges": "edges", "n_edges_out": "edges leaving", "n_edges_in": "edges reaching", "auroc": "AUROC",
    "n_positions": "active positions", "max_activation": "max activation", "n_pos": "cells +", "n_neg": "cells -",
    "n_pairs": "measured pairs", "n_total": "total edges", "n_direct": "direct edges", "n_both": "edges in both",
    "d_rho": "d, rho", "max_d_difference": "largest difference of d",
    "p999_d_difference": "99.9 % difference of d", "edge_jaccard": "edges, Jaccard", "degree_rho": "degrees, rho",
    "sum_of_singles": "sum of single effects", "joint": "joint effect",
    "n_tests": "pairs compared", "effect_ratio": "effect over real", "edge_ratio": "edges over real",
}  # fmt: skip
WIDTHS: dict[str, Literal["small", "medium", "large"]] = {"label": "medium", "term": "medium", "meaning": "large"}
SMALL = {"p", "q", "label_q"}  # shown in scientific notation
HELP = {
    "q": "p corrected for all tests (Benjamini-Hochberg): the share of false findings among rows up to this one",
    "p": "Chance of an effect at least as large if nothing were there",
    "d": "Mean effect over its standard deviation (Cohen's d, one sample)",
    "g": "d, corrected for few cells (Hedges g)",
    "auroc": "Chance that a cell of the type has the higher activation; 0.5 is no difference",
    "top_cell_type_auroc": "Chance that a cell of the type has the higher activation; 0.5 is no difference",
    "n_edges": "Outgoing edges, total effect, calibrated rule; empty if the feature was not traced",
    "frequency": "Share of all gene positions at which the feature fires",
    "d_rho": "Spearman correlation of d: 1 where direct and total effects rank all pairs alike",
    "fold": "Overlap over what chance gives",
    "label": "Best annotation by q",
}


def column_settings(frame: pl.DataFrame) -> dict[str, Any]:
    """Heading, format and help of every column, by name and type."""
    return {name: _setting(name, kind) for name, kind in frame.schema.items()}


def _setting(name: str, kind: pl.DataType) -> Any:  # noqa: ANN401 - Streamlit's column settings have no public type
    heading = HEADINGS.get(name, name.removeprefix("n_").replace("_", " "))
    if kind.is_float():
        return st.column_config.NumberColumn(heading, format="%.2e" if name in SMALL else "%.4g", help=HELP.get(name))
    if kind.is_integer():
        return st.column_config.NumberColumn(heading, format="localized", help=HELP.get(name))
    return st.column_config.Column(heading, help=HELP.get(name), width=WIDTHS.get(name))


def show_table(frame: pl.DataFrame, links: dict[str, Any] | None = None, **options: Any) -> Any:  # noqa: ANN401
    """A read-only table; ``links`` replaces settings of columns, ``options`` go to ``st.dataframe``."""
    settings = column_settings(frame) | (links or {})
    return st.dataframe(frame, column_config=settings, hide_index=True, placeholder="–", **options)
