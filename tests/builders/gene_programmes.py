"""Gene lists with planted programmes among lists that hold genes by their frequency alone."""

import numpy as np
from scipy.sparse import csr_matrix

from tasks.analyses.unannotated.likeness import share_of_score

N_GENES, LENGTH, OWN, MEMBERS = 800, 20, 10, 8


def programme_lists(seed: int, n_lists: int, n_programmes: int) -> csr_matrix:
    """Weights [n_lists, N_GENES]: the first lists are those of programmes, each with OWN genes in MEMBERS lists."""
    rng = np.random.default_rng(seed)
    often = 1 / np.arange(1, N_GENES + 1) ** 0.7
    programmes = [rng.choice(np.arange(50, N_GENES), OWN, replace=False) for _ in range(n_programmes)]
    rows, columns, values = [], [], []
    for row in range(n_lists):
        own = programmes[row // MEMBERS] if row < MEMBERS * n_programmes else np.empty(0, dtype=int)
        left = often.copy()
        left[own] = 0
        others = rng.choice(N_GENES, LENGTH - len(own), replace=False, p=left / left.sum())
        rows += [row] * LENGTH
        columns += rng.permutation(np.concatenate([own, others])).tolist()
        values += np.sort(rng.exponential(size=LENGTH) + 0.2)[::-1].tolist()
    return share_of_score(csr_matrix((values, (rows, columns)), shape=(n_lists, N_GENES)))
