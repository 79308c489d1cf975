"""Which genes tell cells apart.

A gene scores by how far its counts scatter beyond what a negative binomial with a common dispersion allows:

1. size factors s_c = total of cell c over the mean total; expected count mu_cg = s_c p_g with
   p_g = sum_c x_cg / sum_c s_c;
2. scatter S_g = sum_c (x_cg - mu_cg)^2; under the null its mean is sum_c (mu + phi mu^2) and, near the Poisson limit,
   its variance sum_c (mu + 2 mu^2);
3. phi, the scatter that every gene has, is the lower quartile of (S - sum mu) / sum mu^2 over the tenth of the genes
   with most counts (housekeeping genes among them), and at least 0;
4. score z_g = (S_g - sum (mu + phi mu^2)) / sqrt(sum (mu + 2 mu^2)).

Every sum separates into sums over stored values, so the matrix stays sparse.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix


def informative_genes(counts: csr_matrix, max_genes: int, min_cells: int) -> NDArray[np.int64]:
    """Columns of the ``max_genes`` highest scores among genes that ``min_cells`` cells express, ascending.

    ``counts``: raw counts [n_cells, n_genes]. Ties go to the earlier column.
    """
    expressed = np.flatnonzero(cells_per_gene(counts) >= min_cells)
    if len(expressed) <= max_genes:
        return expressed
    order = np.argsort(-scatter_score(counts)[expressed], kind="stable")
    return np.sort(expressed[order[:max_genes]])


def cells_per_gene(counts: csr_matrix) -> NDArray[np.int64]:
    """Cells with at least one count, per gene: [n_genes]."""
    expressing = counts.indices[counts.data > 0]
    return np.bincount(expressing, minlength=counts.shape[1])


def scatter_score(counts: csr_matrix) -> NDArray[np.float64]:
    """The score z_g of step 4, [n_genes]; minus infinity for genes without counts."""
    data, gene = counts.data.astype(np.float64), counts.indices
    size = _row_sums(counts) / max(data.sum() / counts.shape[0], 1.0)
    total = np.bincount(gene, data, minlength=counts.shape[1]).astype(np.float64)
    squared = np.bincount(gene, data**2, minlength=counts.shape[1])
    crossed = np.bincount(gene, data * np.repeat(size, np.diff(counts.indptr)), minlength=counts.shape[1])
    rate = total / size.sum()
    expected_squared = rate**2 * (size**2).sum()
    scatter = squared - 2 * rate * crossed + expected_squared
    seen = total > 0
    dispersion = _common_dispersion(total[seen], scatter[seen], expected_squared[seen])
    excess = scatter - total - dispersion * expected_squared
    return np.where(seen, excess / np.sqrt(np.where(seen, total + 2 * expected_squared, 1.0)), -np.inf)


def _common_dispersion(
    total: NDArray[np.float64], scatter: NDArray[np.float64], expected_squared: NDArray[np.float64]
) -> float:
    top = total >= np.quantile(total, 0.9)
    return max(0.0, float(np.quantile((scatter - total)[top] / expected_squared[top], 0.25)))


def _row_sums(counts: csr_matrix) -> NDArray[np.float64]:
    return np.asarray(counts.sum(axis=1, dtype=np.float64)).ravel()
