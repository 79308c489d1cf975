"""Tables with readable headings, number formats, and the contract's meaning of a column as its help."""

from functools import cache
from typing import Any, Literal

import polars as pl
import streamlit as st

from dashboards.text import markdown
from warehouse.contracts.contract import contracts

HEADINGS = {  # where the name itself would not do
    "label_library": "library", "top_cell_type": "cell type", "top_cell_type_auroc": "AUROC", "auroc": "AUROC",
    "n_edges_out": "edges leaving", "n_edges_in": "edges reaching", "n_positions": "active positions",
    "n_pos": "effects +", "n_neg": "effects -", "n_pairs": "measured pairs", "n_total": "total edges",
    "n_direct": "direct edges", "n_both": "edges in both", "d_rho": "d, rho",
    "max_d_difference": "largest difference of d", "p999_d_difference": "99.9 % difference of d",
    "edge_jaccard": "edges, Jaccard", "degree_rho": "degrees, rho", "sum_of_singles": "sum of single effects",
    "joint": "joint effect", "n_tests": "pairs compared", "effect_ratio": "effect over real",
    "edge_ratio": "edges over real", "n_specific": "specific", "q_specific": "specific q",
    "n_together": "joint firings", "n_joined": "joined to", "n_carrying": "with term",
    "n_first": "n, first", "n_second": "n, second",
    "ami": "AMI", "ami_q": "AMI q", "human_label": "people say", "list_note": "note",
}  # fmt: skip
WIDTHS: dict[str, Literal["small", "medium", "large"]] = {
    **{"label": "medium", "name": "medium", "term": "medium", "human_label": "medium"},
    "meaning": "large",
}
SMALL = {
    "p",
    "q",
    "p_cells",
    "q_cells",
    "q_published",
    "q_specific",
    "label_q",
    "donor_q",
    "ami_q",
}  # shown in scientific notation
WIDE = 7  # columns of a table that may not fit a page
ROW = 36  # pixels of a row, its line included
HELP = {  # of columns that queries compute, which no contract knows
    "n_edges": "Outgoing edges, total effect, by the rule specific, or calibrated where the run has no controls; empty "
    "if the feature was not traced",
    "sum_of_singles": "Sum of what each member does alone",
    "joint": "What all members do together",
    "carried_on": "Whether source and target are one direction that is found again from layer to layer",
    "interaction": "Joint effect less the sum of the single ones",
    "effect_ratio": "Mean |effect| over that of the real ablation",
    "edge_ratio": "Edges over those of the real ablation",
    "n_together": "Positions at which both fire",
    "n_with_terms": "Edges whose two ends have a significant term each",
    "n_joined": "Members of the module that the feature is joined to",
    "n_carrying": "Members that are annotated with a term, of which labels could be made",
    "n_overlap": "Pairs that are both a link and an edge",
    "expected_overlap": "Such pairs to expect if each source's edges went to living features drawn at random",
    "n_target_overlap": "Targets of edges that are targets of links as well",
    "ami": "Mutual information of label and feature, adjusted for chance, on held-out cells",
    "ami_q": "q of it, corrected for all features, columns and labels",
    "matched": "By what the feature matches the search; genes with their places in its list",
    "published": "Published rules that call the label",
    "human_label": "What people call the feature, by hand; nothing here is computed from it",
    "list_note": "What was written when the feature was put into the list",
    "in_import": "The figure of the imported run",
    "in_run": "The figure of this run, by the rule that the import follows; empty if it was not made by that rule",
    "by_chance": "What that rule gives where nothing is to be found, in this run; empty if that was not computed",
    "by_default_rule": "The figure of this run by the default rule",
    "default_by_chance": "What the default rule gives where nothing is to be found",
}


def column_settings(frame: pl.DataFrame, of: tuple[str, ...] = ()) -> dict[str, Any]:
    """Heading, format and help of every column, by name and type; ``of``: the tables that the columns are from."""
    return {name: _setting(name, kind, column_help(name, of)) for name, kind in frame.schema.items()}


@cache
def column_help(name: str, of: tuple[str, ...]) -> str | None:
    """What a column holds, in the words of the first of the tables ``of`` that has it; escaped Markdown."""
    for contract in (contracts()[table] for table in of):
        for column in contract.columns:
            if column.name == name:
                return markdown(column.meaning if column.unit is None else f"{column.meaning} ({column.unit})")
    return HELP.get(name)


def _setting(name: str, kind: pl.DataType, help: str | None) -> Any:  # noqa: A002, ANN401 - no public type
    heading = HEADINGS.get(name, name.removeprefix("n_").replace("_", " "))
    if kind.is_float():
        return st.column_config.NumberColumn(heading, format="%.2e" if name in SMALL else "%.4g", help=help)
    if kind.is_integer():
        return st.column_config.NumberColumn(heading, format="localized", help=help)
    return st.column_config.Column(heading, help=help, width=WIDTHS.get(name))


def show_table(
    frame: pl.DataFrame,
    links: dict[str, Any] | None = None,
    of: tuple[str, ...] = (),
    **options: Any,  # noqa: ANN401 - of Streamlit
) -> Any:  # noqa: ANN401
    """A read-only table. Columns of the tables ``of`` carry the contracts' meanings as help.

    ``links`` replaces settings of columns, ``options`` go to ``st.dataframe``; ``height`` (pixels) is the largest one.
    """
    height = options.get("height")
    if isinstance(height, int) and ROW * (frame.height + 1) < height:
        options["height"] = "content"
    settings = keep_first(column_settings(frame, of) | (links or {}))
    return st.dataframe(frame, column_config=settings, hide_index=True, placeholder="–", **options)


def keep_first(settings: dict[str, Any]) -> dict[str, Any]:
    """Hold the first column that is shown in its place while a wide table scrolls."""
    shown = [name for name in settings if settings[name] is not None]
    if len(shown) < WIDE:
        return settings
    return settings | {shown[0]: settings[shown[0]] | {"pinned": True}}
