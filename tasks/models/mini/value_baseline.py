"""The baseline of masked-value prediction: a gene's mean value in the training cells, whatever the rest of the cell.

The mean is over the positions at which training cells show the gene; a gene that none shows has the mean of all.
"""

import numpy as np
from numpy.typing import NDArray

from tasks.cells.reader import TokenizedCells
from tasks.models.masked import MaskedScore
from tasks.vocabulary.vocabulary import Vocabulary


def value_baseline(
    vocabulary: Vocabulary, train: TokenizedCells, heldout: TokenizedCells, hidden: NDArray[np.bool_]
) -> MaskedScore:
    """Mean squared error at the ``hidden`` tokens [N] of the held-out cells; there are no guesses."""
    assert train.values is not None
    assert heldout.values is not None
    means = gene_means(vocabulary, train.tokens, train.values)
    errors = means[heldout.tokens[hidden]] - heldout.values[hidden]
    return MaskedScore(float((errors**2).mean()), None, int(hidden.sum()))


def gene_means(vocabulary: Vocabulary, tokens: NDArray[np.int32], values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean value by token [size of the vocabulary], from the ``values`` [N] beside ``tokens`` [N]."""
    gene = np.isin(tokens, list(vocabulary.token_of.values()))
    sums = np.bincount(tokens[gene], values[gene], vocabulary.size)
    number = np.bincount(tokens[gene], minlength=vocabulary.size)
    overall = sums.sum() / max(number.sum(), 1)
    return np.where(number > 0, sums / np.maximum(number, 1), overall)
