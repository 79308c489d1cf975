"""Whole numbers that are no counts, recognised in the cells that were chosen.

1. Presence: every value is 1.
2. Ranks: in most cells no value occurs twice. Counts always do: many genes have one.
3. Rounded values of cells that were normalised: totals vary less than those of equal cells would, whose variance is
   their mean; if they do not vary at all, they may be counts that were sampled to one depth.
4. Multiples: of the genes that are there in some cells and not in others, hardly any value is 1.
5. Rounded logarithms: the genes of highest mean vary over cells by less than half of their mean, in the median of them.
   Counts are at least Poisson distributed: their variance is the mean or more.
"""

import numpy as np
from scipy.sparse import csr_matrix

from tasks.cells.readings import only_ones
from tasks.cells.slices import Values
from tasks.store import RequestError

FEW_CELLS, FEW_GENES = 10, 10  # with fewer, nothing is concluded from how cells, or genes, compare
FEW_VALUES = 20  # of a cell, from which on its values are compared with each other
DEEP = 200  # median total from which on equal totals are no chance
SOME_CELLS = (0.1, 0.9)
FEWEST_ONES = 0.01
HIGH_MEAN, SMALL_VARIANCE = 2.0, 0.5


def refuse_odd_counts(counts: csr_matrix, place: str) -> None:
    """Raise RequestError if whole numbers [n_cells, n_genes] are recognised as something other than counts."""
    odd = odd_counts(counts)
    if odd:
        raise RequestError(
            f"{place} holds whole numbers, but no counts: {odd}. Name the place of raw counts in cells.counts; if "
            'these are counts all the same, set cells.values = "integers"'
        )


def odd_counts(counts: csr_matrix) -> str | None:
    """What the values of chosen cells are instead of counts; None if they may be counts."""
    if only_ones(counts.data):
        return "all values are 1, the presence of genes"
    full = counts[np.flatnonzero(np.diff(counts.indptr) >= FEW_VALUES)]
    if full.shape[0] < FEW_CELLS:
        return None
    return _ranks(full) or _rounded(full) or _multiples(full) or _logarithms(full)


def _ranks(counts: csr_matrix) -> str | None:
    rows = np.split(counts.data, counts.indptr[1:-1])
    repeated = [len(np.unique(row)) < len(row) for row in rows]
    return "in most cells no value occurs twice, so they are ranks" if np.mean(repeated) < 0.5 else None


def _rounded(counts: csr_matrix) -> str | None:
    totals = np.asarray(counts.sum(axis=1, dtype=np.float64)).ravel()
    middle = float(np.median(totals))
    if middle < DEEP or not 0 < totals.var() < SMALL_VARIANCE * middle:
        return None
    return f"totals of all cells are about {middle:,.0f}, so they are rounded normalised values"


def _multiples(counts: csr_matrix) -> str | None:
    there = np.bincount(counts.indices, minlength=counts.shape[1]) / counts.shape[0]
    some = (there >= SOME_CELLS[0]) & (there <= SOME_CELLS[1])
    if some.sum() < FEW_GENES:
        return None
    ones = float(np.mean(counts.data[some[counts.indices]] == 1))
    if ones >= FEWEST_ONES:
        return None
    return f"of genes that some cells lack, {ones:.1%} of the values are 1: multiples of counts, or rounded values"


def _logarithms(counts: csr_matrix) -> str | None:
    mean, squares = (_column_sums(counts, power) / counts.shape[0] for power in (1, 2))
    top = np.argsort(-mean)[:FEW_GENES]
    top = top[mean[top] >= HIGH_MEAN]
    if len(top) < FEW_GENES:
        return None
    ratio = float(np.median((squares[top] - mean[top] ** 2) / mean[top]))
    if ratio >= SMALL_VARIANCE:
        return None
    return f"the variance of high values is {ratio:.2g} of their mean, that of counts 1 or more: rounded logarithms"


def _column_sums(counts: csr_matrix, power: int) -> Values:
    values: Values = counts.data.astype(np.float64) ** power
    return np.bincount(counts.indices, values, minlength=counts.shape[1]).astype(np.float64)
