"""Find raw counts in a file by their values, and say how anything else was recognised."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from tasks.cells.expression import Expression, expression_at
from tasks.cells.formats.protocol import Matrix, MatrixFile
from tasks.cells.genes import identify_genes
from tasks.cells.readings import Reading, not_counts, not_fractions, only_ones, recoverable_total
from tasks.cells.settings import Amounts
from tasks.cells.slices import Rows
from tasks.cells.value_kinds import kind_of
from tasks.store import RequestError

PLACE = re.compile(r"(?:(?!layers/)(?:mod/)?[^/]+/)?((?:layers/)?[^/]+)")
LOOKED_AT = ("X", "layers/counts", "layers/raw_counts", "raw.X")
LOOKED_AT_ROWS = 50


@dataclass(frozen=True)
class RawCounts:
    """Raw counts of genes, where they were found, and how the values there are read."""

    place: str
    expression: Expression
    reading: Reading = field(default_factory=Reading)

    @property
    def matrix(self) -> Matrix:
        """The values, genes in columns."""
        return self.expression.matrix

    @property
    def says(self) -> str:
        """The place, with what was made of the values there unless they are counts."""
        return self.reading.says(self.place)

    def rows(self, wanted: Rows) -> csr_matrix:
        """Counts of the rows ``wanted`` (ascending), float32. Raises RequestError if a value is no count."""
        return self.reading.read(self.matrix.rows(wanted), self.place)


def find_counts(
    file: MatrixFile, named: str | None, genome: str | None = None, values: Amounts = "counts", recover: bool = False
) -> RawCounts:
    """Of the matrices that hold raw counts the one with most genes, the first among equals, or the one that is named.

    ``values``: what the study says they are; ``recover``: if there are none, whether to take counts back from
    logarithms. Raises RequestError if there is none; the line says for every matrix how it was recognised.
    """
    places = [named] if named else _looked_at(file.places())
    matrices = {place: expression_at(file, place, genome) for place in places}
    complaints = {place: why_not(expression.matrix, values) for place, expression in matrices.items()}
    reading = Reading("counts" if values == "integers" else values)
    found = [RawCounts(place, matrices[place], reading) for place, why in complaints.items() if why is None]
    if recover and not found:
        found = _recovered(matrices)
    if found:
        return found[0] if len(found) == 1 else max(found, key=lambda each: _identified(each, file.path))
    told = "; ".join(f"{place} {why}" for place, why in complaints.items())
    raise RequestError(
        f"{file.path} holds no raw counts: {told or 'it has no matrix where they are looked for'}. "
        "Put raw UMI counts into X, layers['counts'] or raw.X, or name their place in cells.counts"
    )


def _recovered(matrices: dict[str, Expression]) -> list[RawCounts]:
    """Those whose counts can be taken back from logarithms."""
    totals = {place: recoverable_total(_some_rows(expression.matrix)) for place, expression in matrices.items()}
    return [
        RawCounts(place, matrices[place], Reading(total=total)) for place, total in totals.items() if total is not None
    ]


def _looked_at(places: Sequence[str]) -> list[str]:
    """Places that may hold raw counts, those that are preferred first; before them may stand the group they are in."""
    matches = [(place, PLACE.fullmatch(place)) for place in places]
    inner = {place: match[1] for place, match in matches if match}
    return [place for name in LOOKED_AT for place in inner if inner[place] == name]


def _identified(found: RawCounts, path: Path) -> int:
    try:
        return int(identify_genes(found.expression.var, path).identified.sum())
    except RequestError:  # of a matrix whose columns are no genes
        return 0


def why_not(matrix: Matrix, values: Amounts) -> str | None:
    """Why a matrix does not hold the ``values`` that a study names; None if it may."""
    if values in ("counts", "integers"):
        return why_not_counts(matrix, presence_too=values == "integers")
    return not_fractions(matrix.sample(), values)


def why_not_counts(matrix: Matrix, presence_too: bool = False) -> str | None:
    """None if the sampled values are counts, else what they look like; ``presence_too``: values may all be 1."""
    values = matrix.sample()
    if not len(values):
        return "has no values"
    if only_ones(values) and not presence_too:
        return "is 1 wherever it is not 0: the presence of genes, no counts"
    complaint = not_counts(values)
    if complaint != "is not integer":
        return complaint
    return f"is not integer, largest {values.max():.4g}{kind_of(_some_rows(matrix))}"


def _some_rows(matrix: Matrix) -> csr_matrix:
    """Rows spread over a matrix."""
    wanted = np.unique(np.linspace(0, matrix.shape[0] - 1, LOOKED_AT_ROWS).astype(np.int64))
    rows = matrix.rows(wanted)
    rows.eliminate_zeros()
    return rows
