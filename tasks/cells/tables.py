"""Rows of the warehouse tables ``cell``, ``gene`` and ``cell_obs``, without the run that the warehouse adds."""

import hashlib
from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.cells.choose import Cells, Fate
from tasks.cells.informative import cells_per_gene
from tasks.cells.obs import ObsColumn
from tasks.cells.pipeline import TokenizedFile
from tasks.cells.slices import Rows
from tasks.store import RequestError


def cell_table(file: TokenizedFile) -> pl.DataFrame:
    """Every cell of the files, chosen or not, in file order."""
    cells, tokens = file.cells, file.tokens
    return pl.DataFrame(
        {
            "cell_id": np.arange(len(cells.fate)),
            "barcode": pl.Series(file.barcodes),
            "chosen": pl.Series(cells.fate == Fate.CHOSEN),
            "drop_reason": [Fate(fate).reason for fate in cells.fate],
            "split": _at_chosen(cells, ["heldout" if held else "train" for held in file.heldout]),
            "label": pl.Series(file.labels),
            "n_counts": _whole(cells.n_counts),
            "n_genes": _whole(cells.n_genes),
            "n_tokens": _at_chosen(cells, tokens.lengths.tolist()),
            "token_sha": _at_chosen(cells, [_sha(tokens.cell(i)) for i in range(tokens.n_cells)]),
            "draw_rank": _whole(cells.draw_rank),
            "source": pl.Series(file.sources),
            "known_share": _at_chosen(cells, file.known.of_cell.tolist()),
            "count_unit": _whole(file.normalised_to / cells.n_counts),
        }
    )


def cell_obs_table(file: TokenizedFile) -> pl.DataFrame:
    """The obs columns that are kept, of the chosen cells, column by column.

    Raises RequestError for infinite numbers.
    """
    chosen = file.cells.chosen
    return pl.concat([_obs_rows(chosen, name, column) for name, column in file.obs.items()])


def _obs_rows(chosen: Rows, name: str, column: ObsColumn) -> pl.DataFrame:
    number = column.number[chosen]
    text = [None] * len(chosen) if column.kind == "number" else column.text[chosen].tolist()
    if np.isinf(number).any():
        raise RequestError(f"cells.obs: {name} is infinite in some cells: leave it out, or mend the file")
    return pl.DataFrame(
        {
            "cell_id": chosen,
            "key": [name] * len(chosen),
            "value": pl.Series(text, dtype=pl.String),
            "number": _whole(number),
            "kind": [column.kind] * len(chosen),
        }
    )


def gene_table(file: TokenizedFile) -> pl.DataFrame:
    """Every gene of the file, in the order of the count columns."""
    genes, counts = file.genes.frame, file.cells.counts
    totals = np.bincount(counts.indices, counts.data.astype(np.float64), minlength=counts.shape[1])
    return pl.DataFrame(
        {
            "gene_id": genes["gene_id"],
            "symbol": genes["symbol"],
            "token_id": pl.Series(file.gene_tokens.shown).replace(-1, None),
            "median": pl.Series(file.gene_tokens.median).fill_nan(None),
            "n_cells": cells_per_gene(counts),
            "mean_count": totals / counts.shape[0],
            "matched_by": genes["matched_by"],
        }
    )


def _whole(values: NDArray[np.float64]) -> pl.Series:
    """A column over all cells; NaN becomes NULL."""
    return pl.Series(values).fill_nan(None)


def _at_chosen(cells: Cells, values: Sequence[object]) -> pl.Series:
    """A column that only chosen cells have."""
    column = np.full(len(cells.fate), None, dtype=object)
    column[cells.chosen] = values
    return pl.Series(column.tolist())


def _sha(tokens: NDArray[np.int32]) -> str:
    return hashlib.sha256(tokens.astype("<i4").tobytes()).hexdigest()
