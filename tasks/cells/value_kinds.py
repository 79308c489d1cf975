"""What the values of a matrix are that are no counts, as far as they tell.

A cell whose counts were divided by one number, and perhaps passed through log1p, has values that are whole multiples of
its smallest: the value of one count. Fractions without a common measure are counts that a program corrected (SoupX and
DecontX subtract a share that differs from gene to gene), or were divided by the lengths of genes.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tasks.cells.slices import Values

LARGEST_LOG = 25.0  # a larger value cannot be the logarithm of an expression
MULTIPLE = 4e-6  # how far a quotient may be from a whole number, relative to it: float32 keeps 1e-6 of expm1's result
LARGEST_MULTIPLE = 5e4  # beyond it, that tolerance says nothing
FEWEST_TIES = 0.05  # share of a cell's values that are its smallest, for values that were whole once
FEW = 20  # values of a cell below which it tells nothing about ties
ADVICE = 'give raw counts, or set cells.values = "corrected" for a model that reads ranks'


def kind_of(rows: csr_matrix) -> str:
    """How the values, not all whole, of some rows were made: what an error line says behind their largest."""
    return _kind_of_amounts(rows) or _kind_of_logarithms(rows)


def _kind_of_amounts(rows: csr_matrix) -> str | None:
    total = common_sum(rows)
    if total:
        return f", and rows sum to {total:,.0f}: counts normalised to that total"
    unit = common_unit(rows)
    if unit:
        return f", and all are whole multiples of {unit:.4g}: normalised or corrected counts, {ADVICE}"
    return f": normalised or corrected counts, {ADVICE}" if rows.data.max() > LARGEST_LOG else None


def _kind_of_logarithms(rows: csr_matrix) -> str:
    exponential = unlogged(rows)
    total, whole = common_sum(exponential), bool(whole_multiples(exponential).all())
    if total:
        remedy = ", from which cells.recover = true takes the counts back" if whole else ""
        return f", and rows sum to {total:,.0f} after expm1: log-normalised counts per {total:,.0f}{remedy}"
    if whole:
        return ": looks log-transformed, with genes left out afterwards, so that nothing says what one count was"
    if share_of_ties(rows) < FEWEST_TIES:
        return f": corrected counts, or logarithms of counts by length: {ADVICE}"
    return ": looks log-transformed"


def unlogged(rows: csr_matrix) -> csr_matrix:
    """expm1 of the stored values, float64."""
    return csr_matrix((np.expm1(rows.data.astype(np.float64)), rows.indices, rows.indptr), shape=rows.shape)


def common_sum(rows: csr_matrix, tolerance: float = 0.01) -> float | None:
    """The sum that all non-empty rows share, to ``tolerance`` of it, if they do."""
    sums = np.asarray(rows.sum(axis=1, dtype=np.float64)).ravel()
    sums = sums[sums > 0]
    if len(sums) < 2 or np.ptp(sums) > tolerance * np.median(sums):
        return None
    return float(np.median(sums))


def smallest(rows: csr_matrix) -> Values:
    """The smallest stored value of every row, NaN for empty rows: [n_rows]."""
    lengths = np.diff(rows.indptr)
    found = np.full(rows.shape[0], np.nan)
    if len(rows.data):
        found[lengths > 0] = np.minimum.reduceat(rows.data.astype(np.float64), rows.indptr[:-1][lengths > 0])
    return found


def whole_multiples(rows: csr_matrix) -> NDArray[np.bool_]:
    """Which rows hold only whole multiples of their smallest value, bool [n_rows]; empty rows do."""
    unit = np.repeat(smallest(rows), np.diff(rows.indptr))
    quotient = rows.data / unit
    far = (np.abs(quotient - np.rint(quotient)) > MULTIPLE * quotient) | (quotient > LARGEST_MULTIPLE)
    whole: NDArray[np.bool_] = np.bincount(_row_of(rows)[far], minlength=rows.shape[0]) == 0
    return whole


def common_unit(rows: csr_matrix) -> float | None:
    """The smallest value of all rows, if they share it and hold only whole multiples of it."""
    units = smallest(rows)
    units = units[np.isfinite(units)]
    if len(units) < 2 or np.ptp(units) > 1e-5 * units.max() or not whole_multiples(rows).all():
        return None
    return float(np.median(units))


def share_of_ties(rows: csr_matrix) -> float:
    """How much of a row equals its smallest value, in the median row with enough values; 1 if there is none."""
    lengths = np.diff(rows.indptr)
    equal = rows.data <= np.repeat(smallest(rows), lengths) * (1 + 1e-4)
    shares = np.bincount(_row_of(rows)[equal], minlength=rows.shape[0]) / np.maximum(lengths, 1)
    return float(np.median(shares[lengths >= FEW])) if (lengths >= FEW).any() else 1.0


def _row_of(rows: csr_matrix) -> NDArray[np.int64]:
    return np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
