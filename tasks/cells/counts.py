"""Find raw counts in a file by their values, and say how anything else was recognised."""

from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_matrix

from tasks.cells.h5ad import H5ad
from tasks.cells.matrix import Matrix
from tasks.cells.readings import Reading, not_counts, not_fractions, only_ones, recoverable_total
from tasks.cells.settings import Amounts
from tasks.cells.slices import Rows
from tasks.cells.value_kinds import kind_of
from tasks.store import RequestError

LOOKED_AT = ("X", "layers/counts", "layers/raw_counts", "raw.X")
LOOKED_AT_ROWS = 50


@dataclass(frozen=True)
class RawCounts:
    """The matrix of raw counts, where it was found, and how its values are read."""

    place: str
    matrix: Matrix
    reading: Reading = field(default_factory=Reading)

    @property
    def says(self) -> str:
        """The place, with what was made of the values there unless they are counts."""
        return self.reading.says(self.place)

    def rows(self, wanted: Rows) -> csr_matrix:
        """Counts of the rows ``wanted`` (ascending), float32. Raises RequestError if a value is no count."""
        return self.reading.read(self.matrix.rows(wanted), self.place)


def find_counts(file: H5ad, named: str | None, values: Amounts = "counts", recover: bool = False) -> RawCounts:
    """The first matrix that holds raw counts, or the one the study names.

    ``values``: what the study says they are; ``recover``: if there are none, whether to take counts back from
    logarithms. Raises RequestError if there is none; the line says for every matrix how it was recognised.
    """
    places = [named] if named else [place for place in LOOKED_AT if place in file.places()]
    matrices = {place: file.matrix(place) for place in places}
    complaints = {place: why_not(matrix, values) for place, matrix in matrices.items()}
    for place, complaint in complaints.items():
        if complaint is None:
            return RawCounts(place, matrices[place], Reading("counts" if values == "integers" else values))
    for place, matrix in matrices.items() if recover else ():
        total = recoverable_total(_some_rows(matrix))
        if total is not None:
            return RawCounts(place, matrix, Reading(total=total))
    raise RequestError(
        f"{file.path} holds no raw counts: {'; '.join(f'{place} {why}' for place, why in complaints.items())}. "
        "Put raw UMI counts into X, layers['counts'] or raw.X, or name their place in cells.counts"
    )


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
