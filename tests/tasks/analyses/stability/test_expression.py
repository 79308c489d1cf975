"""Co-expression of features' genes, against plain loops; depth and cell type that make genes rise together."""

from itertools import product

import numpy as np
import polars as pl
import pytest
from scipy.sparse import csr_matrix

from tasks.analyses.stability.expression import Expression, FeaturePairs, correlations, gene_lists, indicators

N_GENES = 12


def test_partial_correlations_are_those_of_residuals():
    rng = np.random.default_rng(0)
    given = np.column_stack([np.ones(80), rng.normal(size=80), rng.integers(2, size=80)])
    values = (rng.normal(size=(80, N_GENES)) + given[:, 1:2] * rng.normal(size=N_GENES)).astype(np.float32)
    values[:, 3] = 2.5  # a gene that does not vary
    found = correlations(values, given)
    left = values - given @ np.linalg.lstsq(given, values, rcond=None)[0]
    for one, other in product(range(N_GENES), repeat=2):
        constant = 3 in (one, other)
        slow = 0.0 if one == other or constant else abs(np.corrcoef(left[:, one], left[:, other])[0, 1])
        assert found[one, other] == pytest.approx(slow, abs=1e-5)


def test_depth_and_type_make_genes_rise_together_and_are_taken_off():
    """Of genes that depend on nothing else, and of two that belong together beyond it."""
    rng = np.random.default_rng(1)
    depth, label = rng.normal(size=600), rng.integers(3, size=600)
    values = depth[:, None] + (label == 1)[:, None] * rng.normal(size=N_GENES) * 2 + rng.normal(size=(600, N_GENES))
    values[:, 1] = 0.5 * values[:, 1] + 0.8 * (values[:, 0] - depth)
    given = np.column_stack([np.ones(600), depth, indicators([f"T{each}" for each in label])])
    expression = Expression(values.astype(np.float32), given)
    apart = ~np.eye(N_GENES, dtype=bool)
    apart[:2, :2] = False
    assert expression.marginal[apart].mean() > 0.3
    assert expression.partial[apart].mean() < 0.06
    assert expression.partial[0, 1] > 0.5


def test_cells_without_a_label_are_in_no_type():
    assert indicators(["b", None, "a", "b"]).tolist() == [[1], [0], [0], [1]]
    assert indicators([None, None]).shape == (2, 0)


@pytest.fixture(scope="module")
def pairs():
    rng = np.random.default_rng(2)
    lists = [(rng.random((n, N_GENES)) < 0.3).astype(np.float32) for n in (5, 7)]
    lists[0][4] = 0  # a feature without genes
    lists[1][2] = lists[0][1]
    return FeaturePairs(*map(csr_matrix, lists)), np.abs(rng.normal(size=(N_GENES, N_GENES))).astype(np.float32)


def test_features_have_the_mean_of_different_genes(pairs):
    feature_pairs, correlation = pairs
    correlation = correlation.copy()
    np.fill_diagonal(correlation, 0.0)
    rows = np.array([4, 1, 0])
    found, shared = feature_pairs.mean(rows, correlation), feature_pairs.shared(rows)
    own, other = feature_pairs.sources.toarray(), feature_pairs.targets.toarray()
    for place, source in enumerate(rows):
        for target in range(7):
            ends = np.flatnonzero(own[source]), np.flatnonzero(other[target])
            values = [correlation[g, h] for g, h in product(*ends) if g != h]
            assert shared[place, target] == len(set(ends[0]) & set(ends[1]))
            if values:
                assert found[place, target] == pytest.approx(np.mean(values), rel=1e-5)
            else:
                assert np.isnan(found[place, target])


def test_the_published_largest_counts_a_gene_with_itself(pairs):
    feature_pairs, correlation = pairs
    own, other = feature_pairs.sources.toarray(), feature_pairs.targets.toarray()
    columns = np.arange(7)
    found = feature_pairs.largest(1, columns, correlation / 10)
    for target in columns:
        ends = np.flatnonzero(own[1]), np.flatnonzero(other[target])
        values = [1.0 if g == h else correlation[g, h] / 10 for g, h in product(*ends)]
        assert found[target] == pytest.approx(max(values, default=np.nan), nan_ok=True)
    assert found[2] == 1
    assert np.isnan(feature_pairs.largest(4, columns, correlation)).all()


def test_lists_hold_the_first_genes_that_have_counts():
    rows = {"feature": [0, 0, 0, 2], "gene_id": ["G1", "G0", "unknown", "G5"], "rank": [1, 2, 3, 11]}
    described = {0: pl.DataFrame(rows), 3: pl.DataFrame({**rows, "rank": [1, 11, 2, 2]})}
    genes = gene_lists(described, {0: 3, 3: 4}, 10, [f"G{each}" for each in range(6)])
    assert genes.symbols == ["G0", "G1", "G5"]
    assert genes.lists[0].toarray().tolist() == [[1, 1, 0], [0, 0, 0], [0, 0, 0]]
    assert genes.lists[3].toarray().tolist() == [[0, 1, 0], [0, 0, 0], [0, 0, 1], [0, 0, 0]]
