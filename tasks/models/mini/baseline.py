"""The frequency baseline of masked-gene prediction: the genes that stand at a rank, whatever the rest of the cell.

1. Positions are cut into buckets of ``BUCKET`` ranks; genes of the training cells are counted in each.
2. Its first guess is the most frequent gene of the bucket (the smaller token on a tie); its probability of a gene is
   (count + 1) / (genes of the bucket + genes of the vocabulary).
"""

import numpy as np
from numpy.typing import NDArray

from tasks.cells.reader import TokenizedCells
from tasks.models.masked import MaskedScore
from tasks.vocabulary.vocabulary import Vocabulary

BUCKET = 16  # ranks; the width at which the baseline is about strongest on the bundled cells


def baseline_score(
    vocabulary: Vocabulary, train: TokenizedCells, heldout: TokenizedCells, hidden: NDArray[np.bool_]
) -> MaskedScore:
    """Score of the baseline at the ``hidden`` tokens [N] of the held-out cells, counted on the training cells."""
    counts = _counts(vocabulary, train, int(heldout.lengths.max()))
    share = (counts + 1) / (counts + 1).sum(axis=1, keepdims=True)
    column = np.full(vocabulary.size, -1)
    column[_genes(vocabulary)] = np.arange(len(vocabulary.token_of))
    bucket, gene = _buckets(heldout)[hidden], column[heldout.tokens[hidden]]
    loss = -np.log(share[bucket, gene]).mean()
    top1 = (counts.argmax(axis=1)[bucket] == gene).mean()
    return MaskedScore(float(loss), float(top1), int(hidden.sum()))


def _counts(vocabulary: Vocabulary, train: TokenizedCells, longest: int) -> NDArray[np.int64]:
    """How often every gene stands in every bucket of ranks: [buckets, genes], genes by ascending token."""
    genes = _genes(vocabulary)
    known = np.isin(train.tokens, genes)
    buckets, columns = _buckets(train)[known], np.searchsorted(genes, train.tokens[known])
    counts = np.zeros((max(longest, int(train.lengths.max(initial=0))) // BUCKET + 1, len(genes)), dtype=np.int64)
    np.add.at(counts, (buckets, columns), 1)
    return counts


def _buckets(cells: TokenizedCells) -> NDArray[np.int64]:
    """The bucket of every token [N]."""
    position = np.arange(len(cells.tokens)) - np.repeat(cells.offsets[:-1], cells.lengths)
    return position // BUCKET


def _genes(vocabulary: Vocabulary) -> NDArray[np.int64]:
    return np.array(sorted(vocabulary.token_of.values()))
