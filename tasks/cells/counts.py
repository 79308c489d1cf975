"""Find raw counts in a file by their values, and say how anything else was recognised."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from tasks.cells.expression import Expression, expression_at
from tasks.cells.formats.protocol import Matrix, MatrixFile
from tasks.cells.genes import identify_genes
from tasks.cells.slices import Floats, Rows, Values
from tasks.store import RequestError

PLACE = re.compile(r"(?:(?!layers/)(?:mod/)?[^/]+/)?((?:layers/)?[^/]+)")
LOOKED_AT = ("X", "layers/counts", "layers/raw_counts", "raw.X")
TOLERANCE = 1e-4  # how far a count may be from an integer: half-precision and division leave traces
LOOKED_AT_ROWS = 50
LARGEST_LOG = 25.0  # a larger value cannot be the logarithm of an expression


@dataclass(frozen=True)
class RawCounts:
    """Raw counts of genes, and where they were found."""

    place: str
    expression: Expression

    @property
    def matrix(self) -> Matrix:
        """The counts, genes in columns."""
        return self.expression.matrix

    def rows(self, wanted: Rows) -> csr_matrix:
        """Counts of the rows ``wanted`` (ascending), float32. Raises RequestError if a value is no count."""
        piece = self.matrix.rows(wanted)
        complaint = _not_counts(piece.data)
        if complaint:
            raise RequestError(f"{self.place} looked like raw counts but {complaint} in some cells: name another place")
        return csr_matrix((np.rint(piece.data), piece.indices, piece.indptr), shape=piece.shape)


def find_counts(file: MatrixFile, named: str | None, genome: str | None = None) -> RawCounts:
    """Of the matrices that hold raw counts the one with most genes, the first among equals, or the one that is named.

    Raises RequestError if there is none; the line says for every matrix how it was recognised.
    """
    found, complaints = [], []
    for place in [named] if named else _looked_at(file.places()):
        expression = expression_at(file, place, genome)
        complaint = why_not_counts(expression.matrix)
        if complaint is None:
            found.append(RawCounts(place, expression))
        complaints.append(f"{place} {complaint}")
    if found:
        return found[0] if len(found) == 1 else max(found, key=lambda each: _identified(each, file.path))
    raise RequestError(
        f"{file.path} holds no raw counts: {'; '.join(complaints) or 'it has no matrix where they are looked for'}. "
        "Put raw UMI counts into X, layers['counts'] or raw.X, or name their place in cells.counts"
    )


def _looked_at(places: list[str]) -> list[str]:
    """Places that may hold raw counts, those that are preferred first; before them may stand the group they are in."""
    matches = [(place, PLACE.fullmatch(place)) for place in places]
    inner = {place: match[1] for place, match in matches if match}
    return [place for name in LOOKED_AT for place in inner if inner[place] == name]


def _identified(found: RawCounts, path: Path) -> int:
    try:
        return int(identify_genes(found.expression.var, path).identified.sum())
    except RequestError:  # of a matrix whose columns are no genes
        return 0


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
