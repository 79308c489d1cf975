"""Rank-value encoding: a cell becomes its known genes, the most unusually expressed first.

1. value = count / total of the cell * 10,000 / median of the gene (``official``, the encoding of Geneformer), or
   log(1 + count / total * 10,000) / median (``published``: the published atlas, whose model never saw such ranks).
   Without medians the divisor is 1.
2. Known genes with a count stand in descending order of value; equal values in ascending order of token.
3. The sequence is cut to the longest the model takes, ``<cls>`` in front and ``<eos>`` behind where it has them.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tasks.cells.gene_tokens import GeneTokens
from tasks.cells.reader import TokenizedCells
from tasks.store.progress import track
from tasks.vocabulary.vocabulary import Vocabulary

BLOCK = 4096  # cells that are ranked together


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
    value = (np.log1p(scaled) if kind == "published" else scaled) / genes.divisor[gene]
    order = np.lexsort((genes.token[gene], -value, cell))
    return _lay_out(cell[order], genes.token[gene][order], counts.shape[0], vocabulary)


def _lay_out(
    cell: NDArray[np.int64], token: NDArray[np.int32], n_cells: int, vocabulary: Vocabulary
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Cut each cell's ranked tokens and put the special tokens around them."""
    front, behind = ([vocabulary.special[name] for name in names] for names in (vocabulary.front, vocabulary.behind))
    room = vocabulary.room
    number = np.bincount(cell, minlength=n_cells)
    place = np.arange(len(cell)) - (np.cumsum(number) - number)[cell]
    lengths = np.minimum(number, room) + len(front) + len(behind)
    start = np.cumsum(lengths) - lengths
    tokens = np.empty(lengths.sum(), dtype=np.int32)
    kept = place < room
    tokens[start[cell[kept]] + len(front) + place[kept]] = token[kept]
    for number_before, special in enumerate(front):
        tokens[start + number_before] = special
    for number_after, special in enumerate(reversed(behind), start=1):
        tokens[start + lengths - number_after] = special
    return tokens, lengths.astype(np.int64)
