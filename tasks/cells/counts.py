"""Find raw counts in a file by their values, and say how anything else was recognised."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from tasks.cells.h5ad import H5ad
from tasks.cells.matrix import Matrix
from tasks.cells.slices import Floats, Rows, Values
from tasks.store import RequestError

LOOKED_AT = ("X", "layers/counts", "layers/raw_counts", "raw.X")
TOLERANCE = 1e-4  # how far a count may be from an integer: half-precision and division leave traces
LOOKED_AT_ROWS = 50
LARGEST_LOG = 25.0  # a larger value cannot be the logarithm of an expression


@dataclass(frozen=True)
class RawCounts:
    """The matrix of raw counts and where it was found."""

    place: str
    matrix: Matrix

    def rows(self, wanted: Rows) -> csr_matrix:
        """Counts of the rows ``wanted`` (ascending), float32. Raises RequestError if a value is no count."""
        piece = self.matrix.rows(wanted)
        complaint = _not_counts(piece.data)
        if complaint:
            raise RequestError(f"{self.place} looked like raw counts but {complaint} in some cells: name another place")
        return csr_matrix((np.rint(piece.data), piece.indices, piece.indptr), shape=piece.shape)


def find_counts(file: H5ad, named: str | None) -> RawCounts:
    """The first matrix that holds raw counts, or the one the study names.

    Raises RequestError if there is none; the line says for every matrix how it was recognised.
    """
    places = [named] if named else [place for place in LOOKED_AT if place in file.places()]
    complaints = []
    for place in places:
        matrix = file.matrix(place)
        complaint = why_not_counts(matrix)
        if complaint is None:
            return RawCounts(place, matrix)
        complaints.append(f"{place} {complaint}")
    raise RequestError(
        f"{file.path} holds no raw counts: {'; '.join(complaints)}. "
        "Put raw UMI counts into X, layers['counts'] or raw.X, or name their place in cells.counts"
    )


def why_not_counts(matrix: Matrix) -> str | None:
    """None if the sampled values are counts, else what they look like."""
    values = matrix.sample()
    if not len(values):
        return "has no values"
    complaint = _not_counts(values)
    if complaint != "is not integer":
        return complaint
    return f"is not integer, largest {values.max():.4g}{_kind(matrix, values)}"


def _not_counts(values: Floats | Values) -> str | None:
    if not np.isfinite(values).all():
        return "has infinite values or NaN"
    if (values < 0).any():
        return f"has negative values (smallest {values.min():.4g}): scaled"
    if (np.abs(values - np.rint(values)) > TOLERANCE).any():
        return "is not integer"
    return None


def _kind(matrix: Matrix, values: Values) -> str:
    """How non-integer values were made, as far as their row sums tell."""
    wanted = np.unique(np.linspace(0, matrix.shape[0] - 1, LOOKED_AT_ROWS).astype(np.int64))
    rows = matrix.rows(wanted).astype(np.float64)
    total = _common_sum(rows)
    if total:
        return f", and rows sum to {total:,.0f}: counts normalised to that total"
    if values.max() > LARGEST_LOG:
        return ": normalised or corrected counts"
    total = _common_sum(csr_matrix((np.expm1(rows.data), rows.indices, rows.indptr), shape=rows.shape))
    if total:
        return f", and rows sum to {total:,.0f} after expm1: log-normalised counts per {total:,.0f}"
    return ": looks log-transformed"


def _common_sum(rows: csr_matrix) -> float | None:
    """The sum that all non-empty rows share to one part in a hundred, if they do."""
    sums = np.asarray(rows.sum(axis=1)).ravel()
    sums = sums[sums > 0]
    if len(sums) < 2 or np.ptp(sums) > 0.01 * np.median(sums):
        return None
    return float(np.median(sums))
