"""Panel of the cells of the input files: how often each value of a column stands in them, dropped cells beside."""

import polars as pl
import streamlit as st

from dashboards.address import addressed_choice, addressed_toggle
from dashboards.charts.cells import TITLES, Scale, number_steps, value_bars
from dashboards.data import query_run
from dashboards.layout import filled
from dashboards.panel import Panel
from dashboards.style import show

N_VALUES, N_BINS = 30, 40
FATES = (
    "Training cells, held-out ones and, where the column is known of them, cells of the input files that were dropped, "
    "by reason. Shares tell whether dropped cells are like those in use, whatever their number."
)
OBS = "What obs columns say is kept of cells in use alone; the study names them in cells.obs."


def spread() -> None:
    """The chosen column of the cells: bars of its values, or the outline of its numbers."""
    columns = query_run("cell_value_columns")
    if not filled(columns, "Nothing is known of the cells of this run."):
        return
    known = {(row["origin"], row["key"]): row for row in columns.iter_rows(named=True)}
    first, second, third, fourth = st.columns(4, vertical_alignment="bottom")
    chosen = addressed_choice("Column", "column", list(known), _name, first.selectbox)
    scales: list[Scale] = ["cells", "share"]
    scale = addressed_choice("Height", "height", scales, TITLES.__getitem__, second.selectbox)
    has_dropped = known[chosen]["n_dropped"] > 0
    dropped = has_dropped and addressed_toggle("Dropped cells too", "dropped", third, first=True)
    asked = {"origin": chosen[0], "key": chosen[1]}
    if known[chosen]["kind"] == "number":
        logarithmic = addressed_toggle("Logarithmic", "log", fourth)
        bins = _wanted(query_run("cell_value_bins", n_bins=N_BINS, logarithmic=logarithmic, **asked), dropped)
        if filled(bins, "No cell has a number here that can be shown: zero has no logarithm."):
            text = f"{_left(int(bins['n_left'][0]), logarithmic)}{FATES}"
            show(number_steps(bins, chosen[1], scale, logarithmic), _about(chosen[0], text))
        return
    counts = _wanted(query_run("cell_value_counts", n_rows=N_VALUES, **asked), dropped)
    n_values = int(counts["n_values"][0])
    cut = f"The {N_VALUES} values of most cells, of {n_values:,}. " if n_values > N_VALUES else ""
    show(value_bars(counts, chosen[1], scale), _about(chosen[0], f"{cut}{FATES}"))


def _name(column: tuple[str, str]) -> str:
    origin, key = column
    return f"obs: {key}" if origin == "obs" else key


def _wanted(rows: pl.DataFrame, dropped: bool) -> pl.DataFrame:
    """The rows, those of dropped cells only if they are asked for."""
    return rows if dropped else rows.filter(pl.col("fate").is_in(["train", "heldout"]))


def _left(n: int, logarithmic: bool) -> str:
    """What is said of cells that no stretch holds."""
    why = "without such a number, or with none above zero" if logarithmic else "without such a number"
    return f"Left out: {n:,} cells {why}. " if n else ""


def _about(origin: str, text: str) -> str:
    return f"{text} {OBS}" if origin == "obs" else text


SPREAD = Panel("What is known of the cells", ("cell",), spread, also=("cell_obs",))
