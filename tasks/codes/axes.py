"""What stands behind the positions of a layer: the cells and the genes that occur, numbered from 0."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.activations.reader import ActivationReader
from tasks.cells.reader import CellsReader
from tasks.store import RequestError

NO_GENE = -1


@dataclass(frozen=True)
class Axes:
    """Cells and genes of N positions.

    ``cell`` int64 [N] indexes ``cell_id`` [C] (ascending); ``gene`` int64 [N] indexes ``gene_id`` and ``symbol``
    [G], which hold, in the order of the gene table, the genes that occur; it is NO_GENE where the gene table does
    not know the token.
    """

    cell: NDArray[np.int64]
    cell_id: NDArray[np.uint32]
    gene: NDArray[np.int64]
    gene_id: list[str]
    symbol: list[str]

    @property
    def n_positions(self) -> int:
        """N."""
        return self.cell.size

    @cached_property
    def cell_count(self) -> NDArray[np.int64]:
        """Positions of every cell: [C]."""
        return np.bincount(self.cell, minlength=self.cell_id.size)

    @cached_property
    def gene_count(self) -> NDArray[np.int64]:
        """Positions of every gene: [G]."""
        return np.bincount(self.gene[self.gene != NO_GENE], minlength=len(self.gene_id))

    @cached_property
    def background(self) -> list[str]:
        """Symbols that a feature could have shown, each once whatever its case."""
        first: dict[str, str] = {}
        for symbol in self.symbol:
            first.setdefault(symbol.upper(), symbol)
        return list(first.values())


def make_axes(cell_id: NDArray[np.uint32], token: NDArray[np.int32], genes: pl.DataFrame) -> Axes:
    """Number the cells and genes of positions with these cell ids and tokens (both [N]).

    ``genes`` is the gene table (gene_id, symbol, token_id). Raises RequestError if it knows none of the tokens.
    """
    occurring = pl.Series(np.unique(token))
    known = genes.filter(pl.col("token_id").is_in(occurring.implode())).unique(
        "token_id", keep="first", maintain_order=True
    )
    if known.is_empty():
        raise RequestError("no activation belongs to a gene of the gene table: give the cells that were used for them")
    ids, cell = np.unique(cell_id, return_inverse=True)
    column = np.full(int(token.max()) + 1, NO_GENE, dtype=np.int64)
    column[known["token_id"].to_numpy()] = np.arange(known.height)
    return Axes(cell, ids, column[token], known["gene_id"].to_list(), known["symbol"].to_list())


def read_axes(activations: Path, cells: Path) -> Axes:
    """Cells and genes of the positions in a step folder ``activations``, made of those in ``cells``.

    Raises RequestError if the two do not belong together.
    """
    index = ActivationReader(activations).index()
    return make_axes(index.cell_id, index.token, CellsReader(cells).genes())
