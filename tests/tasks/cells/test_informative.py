import numpy as np
from scipy.sparse import csr_matrix

from tasks.cells.informative import cells_per_gene, informative_genes, scatter_score
from tests.builders.h5ad_files import random_counts


def slow_scores(dense):
    """Steps 1 to 4 of the module, gene by gene and cell by cell."""
    size = dense.sum(axis=1) / dense.sum(axis=1).mean()
    expected = np.outer(size, dense.sum(axis=0) / size.sum())
    scatter = ((dense - expected) ** 2).sum(axis=0)
    top = dense.sum(axis=0) >= np.quantile(dense.sum(axis=0), 0.9)
    dispersion = max(0, np.quantile(((scatter - expected.sum(axis=0)) / (expected**2).sum(axis=0))[top], 0.25))
    excess = scatter - (expected + dispersion * expected**2).sum(axis=0)
    return excess / np.sqrt((expected + 2 * expected**2).sum(axis=0))


def test_scores_are_those_of_the_dense_sums():
    counts = random_counts()
    np.testing.assert_allclose(scatter_score(counts), slow_scores(counts.toarray().astype(float)), rtol=1e-9, atol=1e-9)


def test_a_gene_of_one_group_scores_above_an_even_one():
    rng = np.random.default_rng(0)
    dense = rng.poisson(2.0, (300, 40)).astype(np.float32)
    dense[:, 7] = np.where(np.arange(300) < 60, rng.poisson(10.0, 300), 0)
    assert np.argmax(scatter_score(csr_matrix(dense))) == 7


def test_genes_without_counts_never_score():
    counts = random_counts().tolil()
    counts[:, 3] = 0
    assert scatter_score(csr_matrix(counts))[3] == -np.inf
    assert 3 not in informative_genes(csr_matrix(counts), max_genes=59, min_cells=0)


def test_few_genes_are_all_kept_if_enough_cells_express_them():
    dense = np.zeros((10, 5), dtype=np.float32)
    dense[:, 0], dense[:3, 1], dense[:2, 4] = 1, 1, 1
    assert informative_genes(csr_matrix(dense), max_genes=5, min_cells=3).tolist() == [0, 1]


def test_the_best_genes_are_kept_in_file_order():
    counts = random_counts()
    best = np.argsort(-slow_scores(counts.toarray().astype(float)))[:10]
    assert informative_genes(counts, max_genes=10, min_cells=1).tolist() == sorted(best)


def test_stored_zeros_are_no_expression():
    counts = csr_matrix((np.array([0.0, 2.0]), np.array([0, 1]), np.array([0, 2])), shape=(1, 2))
    assert cells_per_gene(counts).tolist() == [0, 1]
