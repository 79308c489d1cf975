"""How the stored values of a matrix become what a study counts with.

``counts``: whole numbers, as they are. ``recovered``: counts taken back from log1p of counts per total,

    unit = smallest expm1(x) of the cell,   count = expm1(x) / unit,

refused for a cell whose quotients are not whole (to 4 parts in a million of themselves, what float32 keeps), are larger
than 50,000, or whose expm1(x) do not sum to the total that all cells have (to one part in a thousand): then genes were
left out after normalising, and the smallest value may stand for more than one count. Whether a cell's rarest gene had
one count is not to be seen; a cell in which every count is a multiple of two comes back halved.
``corrected``, ``fpkm``, ``tpm``: fractions, as they are, for models that read ranks within a cell.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from tasks.cells.settings import Amounts
from tasks.cells.slices import Floats, Values
from tasks.cells.value_kinds import LARGEST_LOG, common_sum, smallest, unlogged, whole_multiples
from tasks.store import RequestError

TOLERANCE = 1e-4  # how far a count may be from an integer: half-precision and division leave traces
SUM_TOLERANCE = 1e-3  # how far a cell's total may be from that of all cells
FEWEST_ONES = 50  # values, all of them 1, from which on they are no counts
SAID = {"corrected": "corrected counts", "fpkm": "FPKM", "tpm": "TPM"}


@dataclass(frozen=True)
class Reading:
    """What values are; ``total``: that to which cells were normalised, where counts are recovered."""

    kind: Amounts = "counts"
    total: float | None = None

    def says(self, place: str) -> str:
        """The place, with what was made of the values there unless they are counts."""
        if self.total is not None:
            return f"{place} (counts recovered from log1p of counts per {self.total:,.6g})"
        return place if self.kind == "counts" else f"{place} (taken as {SAID[self.kind]}, not counts)"

    def read(self, rows: csr_matrix, place: str) -> csr_matrix:
        """Counts float32 of stored rows [n_cells, n_columns]. Raises RequestError if values are not of this kind."""
        if self.total is not None:
            return recover_counts(rows, self.total, place)
        complaint = not_counts(rows.data) if self.kind == "counts" else not_amounts(rows.data)
        if complaint:
            raise RequestError(f"{place} looked like raw counts but {complaint} in some cells: name another place")
        values = np.rint(rows.data) if self.kind == "counts" else rows.data
        return csr_matrix((values, rows.indices, rows.indptr), shape=rows.shape)


def not_counts(values: Floats | Values) -> str | None:
    """What shows that values are no counts; None if nothing does."""
    complaint = not_amounts(values)
    if complaint:
        return complaint
    return "is not integer" if (np.abs(values - np.rint(values)) > TOLERANCE).any() else None


def only_ones(values: Values) -> bool:
    """Whether values say no more than that a gene is there."""
    return len(values) >= FEWEST_ONES and bool((values == 1).all())


def not_amounts(values: Floats | Values) -> str | None:
    """What shows that values are no amounts: they are infinite, missing or negative. None if nothing does."""
    if not np.isfinite(values).all():
        return "has infinite values or NaN"
    if (values < 0).any():
        return f"has negative values (smallest {values.min():.4g}): scaled"
    return None


def not_fractions(values: Values, kind: Amounts) -> str | None:
    """Why sampled values cannot be what the study says they are; None if they can."""
    complaint = not_amounts(values) if len(values) else "has no values"
    if complaint is None and kind in ("fpkm", "tpm") and values.max() <= LARGEST_LOG:
        return f"has no value above {LARGEST_LOG:g} (largest {values.max():.4g}): logarithms, no {SAID[kind]}"
    return complaint


def recoverable_total(rows: csr_matrix) -> float | None:
    """The total to which cells were normalised before log1p, if some rows say that their counts can be recovered."""
    if not_amounts(rows.data) or not len(rows.data) or rows.data.max() > LARGEST_LOG:
        return None
    exponential = unlogged(rows)
    return common_sum(exponential, SUM_TOLERANCE) if whole_multiples(exponential).all() else None


def recover_counts(rows: csr_matrix, total: float, place: str) -> csr_matrix:
    """Counts float32 of rows of log1p of counts per ``total``. Raises RequestError if one fails a check."""
    complaint = not_amounts(rows.data)
    if complaint:
        raise RequestError(f"{place} {complaint}: no counts can be recovered from it")
    rows = csr_matrix(rows)
    rows.eliminate_zeros()
    exponential = unlogged(rows)
    sums = np.asarray(exponential.sum(axis=1)).ravel()
    filled = np.diff(rows.indptr) > 0
    fractional = int((~whole_multiples(exponential)).sum())
    short = int((filled & (np.abs(sums - total) > SUM_TOLERANCE * total)).sum())
    if fractional or short:
        raise RequestError(
            f"cells.recover: {place}: of {rows.shape[0]:,} cells, {fractional:,} hold values that are no whole "
            f"multiples of their smallest after expm1, and {short:,} do not sum to {total:,.6g}: their counts cannot "
            "be recovered. Give a file with raw counts"
        )
    unit = np.repeat(smallest(exponential), np.diff(rows.indptr))
    counts = np.rint(exponential.data / unit).astype(np.float32)
    return csr_matrix((counts, rows.indices, rows.indptr), shape=rows.shape)
