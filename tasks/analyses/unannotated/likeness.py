"""How alike the gene lists of features are.

Weighted (the default): with the scores of a feature's listed genes divided by their sum, s_ig,

    J_ij = sum_g min(s_ig, s_jg) / sum_g max(s_ig, s_jg) = m / (2 - m),   m = sum_g min(s_ig, s_jg)

Plain (published): common genes over all genes of both lists.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tasks.references.null_lists import random_lists

Floats = NDArray[np.float64]


def common_weight(weights: csr_matrix) -> Floats:
    """m [U, U] of lists whose rows ``weights`` [U, G] add up to 1; the diagonal is 0. Gene by gene."""
    by_gene = weights.tocsc()
    common = np.zeros((weights.shape[0], weights.shape[0]))
    for start, stop in zip(by_gene.indptr[:-1], by_gene.indptr[1:], strict=True):
        if stop - start > 1:
            own, values = by_gene.indices[start:stop], by_gene.data[start:stop]
            common[own[:, None], own] += np.minimum.outer(values, values)
    np.fill_diagonal(common, 0.0)
    return common


def weighted_jaccard(common: Floats) -> Floats:
    """J of any m."""
    return common / (2 - common)


def plain_jaccard(lists: csr_matrix) -> Floats:
    """Jaccard indices [U, U] of binary ``lists`` [U, G], none empty; the diagonal is 0."""
    size = np.diff(lists.indptr)
    common = (lists @ lists.T).toarray().astype(np.float64)
    likeness: Floats = common / (size[:, None] + size - common)
    np.fill_diagonal(likeness, 0.0)
    return likeness


def share_of_score(scores: csr_matrix) -> csr_matrix:
    """``scores`` [U, G] of listed genes, all above 0, each row divided by its sum."""
    total = np.asarray(scores.sum(axis=1)).ravel()
    shared = scores.astype(np.float64)
    shared.data = shared.data / np.repeat(total, np.diff(scores.indptr))
    return shared


def random_weights(weights: csr_matrix, rng: np.random.Generator) -> csr_matrix:
    """Each list with its own weights, from the largest on, at genes drawn by how often lists hold them."""
    drawn = random_lists((weights > 0).astype(np.int32), rng)
    rows = np.repeat(np.arange(weights.shape[0]), np.diff(weights.indptr))
    order = np.lexsort((-weights.data, rows))  # rows stay together, and drawn genes stand in the order of their draw
    return csr_matrix((weights.data[order], drawn.indices, weights.indptr), shape=weights.shape)
