"""Rank-value encoding: a cell becomes its known genes, the most unusually expressed first.

1. value = count / total of the cell * 10,000 / median of the gene (``official``, the encoding of Geneformer), or
   log(1 + count / total * 10,000) / median (``published``: the published atlas, whose model never saw such ranks).
2. Known genes with a count stand in descending order of value; equal values in ascending order of token.
3. The sequence is cut to the longest the model takes, ``<cls>`` in front and ``<eos>`` behind where it has them.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tasks.cells.reader import TokenizedCells
from tasks.models.vocabulary import Vocabulary
from tasks.store.progress import track

BLOCK = 4096  # cells that are ranked together


@dataclass(frozen=True)
class GeneTokens:
    """``token`` int32 and ``median`` float64, [n_genes]; a gene the model does not know has token -1, median NaN."""

    token: NDArray[np.int32]
    median: NDArray[np.float64]

    @classmethod
    def of(cls, gene_ids: list[str], vocabulary: Vocabulary) -> "GeneTokens":
        """A gene is known if it has a token and a median above zero."""
        median = np.array([vocabulary.median_of.get(gene, np.nan) for gene in gene_ids], dtype=np.float64)
        token = np.array([vocabulary.token_of.get(gene, -1) for gene in gene_ids], dtype=np.int32)
        known = (token >= 0) & (median > 0)
        return cls(np.where(known, token, -1).astype(np.int32), np.where(known, median, np.nan))

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which genes the model knows."""
        return self.token >= 0


def tokenise(
    counts: csr_matrix,
    cell_id: NDArray[np.uint32],
    genes: GeneTokens,
    vocabulary: Vocabulary,
    kind: Literal["official", "published"],
) -> TokenizedCells:
    """Token sequences of all rows of ``counts``: raw counts [n_cells, n_genes] over all genes of the file."""
    starts = range(0, counts.shape[0], BLOCK)
    blocks = [
        _rank_block(counts[start : start + BLOCK], genes, vocabulary, kind)
        for start in track(starts, "tokenising", len(starts), "block")
    ]
    lengths = np.concatenate([block[1] for block in blocks])
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return TokenizedCells(np.concatenate([block[0] for block in blocks]), offsets, cell_id)


def _rank_block(
    counts: csr_matrix, genes: GeneTokens, vocabulary: Vocabulary, kind: str
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Concatenated tokens and the length of each cell."""
    totals = np.asarray(counts.sum(axis=1, dtype=np.float64)).ravel()
    stored = np.flatnonzero(genes.known[counts.indices] & (counts.data > 0))
    cell = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))[stored]
    gene = counts.indices[stored]
    scaled = counts.data[stored] / totals[cell] * 1e4
    value = (np.log1p(scaled) if kind == "published" else scaled) / genes.median[gene]
    order = np.lexsort((genes.token[gene], -value, cell))
    return _lay_out(cell[order], genes.token[gene][order], counts.shape[0], vocabulary)


def _lay_out(
    cell: NDArray[np.int64], token: NDArray[np.int32], n_cells: int, vocabulary: Vocabulary
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Cut each cell's ranked tokens and put the special tokens around them."""
    front = [vocabulary.special[name] for name in ("<cls>",) if name in vocabulary.special]
    behind = [vocabulary.special[name] for name in ("<eos>",) if name in vocabulary.special]
    room = vocabulary.max_length - len(front) - len(behind)
    number = np.bincount(cell, minlength=n_cells)
    place = np.arange(len(cell)) - (np.cumsum(number) - number)[cell]
    lengths = np.minimum(number, room) + len(front) + len(behind)
    start = np.cumsum(lengths) - lengths
    tokens = np.empty(lengths.sum(), dtype=np.int32)
    kept = place < room
    tokens[start[cell[kept]] + len(front) + place[kept]] = token[kept]
    for special in front:
        tokens[start] = special
    for special in behind:
        tokens[start + lengths - 1] = special
    return tokens, lengths.astype(np.int64)
