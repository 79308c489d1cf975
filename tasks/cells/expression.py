"""The genes of a matrix: the columns that are gene expression of one genome, and what they are called."""

import re
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from tasks.cells.feature_types import TYPE_COLUMNS, gene_columns
from tasks.cells.formats.protocol import Annotation, Matrix, MatrixFile, read_columns
from tasks.cells.genes import NAMING_COLUMNS
from tasks.cells.genomes import genome_columns, genome_of, without_genome
from tasks.cells.slices import Rows, Values
from tasks.store import RequestError

SAMPLED_ROWS = 500
NUMBERED = re.compile(r"(.+)-\d+")


@dataclass(frozen=True)
class Expression:
    """``matrix``: its columns that are genes; ``var``: their names [n_genes]; ``obs``: its cells."""

    matrix: Matrix
    var: pd.DataFrame
    obs: Annotation


class SomeColumns:
    """A matrix without some of its columns."""

    def __init__(self, matrix: Matrix, columns: Rows) -> None:
        self.shape = (matrix.shape[0], len(columns))
        self.stored_per_row = matrix.stored_per_row
        self._matrix, self._columns = matrix, columns

    def rows(self, wanted: Rows) -> csr_matrix:
        """See Matrix."""
        return csr_matrix(self._matrix.rows(wanted)[:, self._columns])

    def sample(self) -> Values:
        """Non-zero values of rows spread over the matrix: other columns may hold values of another kind."""
        spread = np.unique(np.linspace(0, max(0, self.shape[0] - 1), SAMPLED_ROWS).astype(np.int64))
        values = self.rows(spread[: self.shape[0]]).data.astype(np.float64)
        return np.asarray(values[values != 0])


def _names_alone(names: list[str], others: Collection[str]) -> list[str]:
    """Names without the number that told them from columns that are gone: ``CD14-1`` beside an antibody ``CD14``."""
    taken = set(names)
    stems = [NUMBERED.fullmatch(name) for name in names]
    return [
        stem[1] if stem and stem[1] in others and stem[1] not in taken else name
        for stem, name in zip(stems, names, strict=True)
    ]


def expression_at(file: MatrixFile, place: str, genome: str | None = None) -> Expression:
    """The genes of the matrix at ``place``; ``genome`` says of which genome where there are several.

    Raises RequestError if there is no such matrix, if it has another size than its annotation, or if no column is a
    gene.
    """
    matrix, obs, annotation = file.matrix(place), file.obs(place), file.var(place)
    for of, length, along in zip(("rows", "columns"), matrix.shape, (obs, annotation), strict=True):
        if length != along.n_rows:
            raise RequestError(
                f"{place} of {file.path} has {length:,} {of}, {along.name} {along.n_rows:,} rows: the file is damaged"
            )
    var = read_columns(annotation, (*NAMING_COLUMNS, *TYPE_COLUMNS, "genome"))
    genes = gene_columns(var, annotation.name)
    kept, others = np.flatnonzero(genes), set(map(str, var.index[~genes]))
    var = var[genes].drop(columns=[name for name in TYPE_COLUMNS if name in var])
    var.index = pd.Index(_names_alone(list(map(str, var.index)), others))
    genomes = genome_of(var)
    of_genome = genome_columns(genomes, genome, annotation.name)
    kept, var = kept[of_genome], without_genome(var[of_genome], genomes[of_genome])
    return Expression(matrix if len(kept) == matrix.shape[1] else SomeColumns(matrix, kept), var, obs)
