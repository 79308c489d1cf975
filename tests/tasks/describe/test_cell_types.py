"""Cell types against scipy's Mann-Whitney test, one pair at a time."""

import numpy as np
import pytest
from scipy.sparse import csc_matrix, csr_matrix
from scipy.stats import mannwhitneyu

from tasks.describe.cell_types import cell_types, top_cell_types
from tasks.statistics import benjamini_hochberg
from tasks.statistics.rank_sums import rank_sums

N_CELLS, N_FEATURES = 150, 12


@pytest.fixture(scope="module")
def values():
    """Mostly zeros, with ties among the rest; feature 0 is silent, 1 is constant, 2 has no zero."""
    rng = np.random.default_rng(0)
    dense = np.where(rng.random((N_CELLS, N_FEATURES)) < 0.3, rng.integers(1, 6, (N_CELLS, N_FEATURES)) / 4, 0)
    dense[:, 0], dense[:, 1], dense[:, 2] = 0, 1, rng.random(N_CELLS) + 1
    return dense


@pytest.fixture(scope="module")
def labels():
    return np.random.default_rng(1).choice(["B", "NK", "T"], N_CELLS, p=[0.2, 0.3, 0.5]).tolist()


def test_rank_sums_equal_scipy(values, labels):
    group = np.searchsorted(["B", "NK", "T"], labels)
    sums = rank_sums(csc_matrix(values), group, 3)
    for f in range(N_FEATURES):
        for t in range(3):
            theirs = mannwhitneyu(values[group == t, f], values[group != t, f], method="asymptotic")
            n1, n2 = (group == t).sum(), (group != t).sum()
            assert sums.auroc[f, t] == pytest.approx(theirs.statistic / n1 / n2, rel=1e-12)
            assert sums.p[f, t] == pytest.approx(theirs.pvalue if f > 1 else 1.0, rel=1e-9)  # scipy: NaN if all tie


def test_rows_equal_a_loop(values, labels):
    frame = cell_types(csr_matrix(values), labels, np.ones(N_FEATURES, dtype=bool), 20, 0.05)
    assert frame.height == 3 * N_FEATURES
    for row in frame.iter_rows(named=True):
        inside = np.array([label == row["cell_type"] for label in labels])
        column = values[:, row["feature"]]
        assert row["n_cells"] == inside.sum()
        assert row["n_active"] == (column[inside] > 0).sum()
        assert row["mean_in"] == pytest.approx(column[inside].mean())
        assert row["mean_out"] == pytest.approx(column[~inside].mean())
        floor = column.mean() / 100
        fold = np.log2((column[inside].mean() + floor) / (column[~inside].mean() + floor)) if floor else 0.0
        assert row["log2_fold"] == pytest.approx(fold, abs=1e-12)
    np.testing.assert_allclose(frame["q"], benjamini_hochberg(frame["p"].to_numpy()))


def test_unlabelled_cells_and_small_types_are_not_types():
    labels = ["T"] * 30 + ["B"] * 30 + ["rare"] * 5 + [None] * 40 + ["unlabelled"] * 45
    column = np.zeros((N_CELLS, 1))
    column[:30] = 1  # T cells only, and
    column[65:] = 9  # cells of unknown type, which must not count as "other cells"
    frame = cell_types(csr_matrix(column), labels, np.array([True]), 20, 0.05)
    assert frame["cell_type"].to_list() == ["B", "T"]
    best = frame.row(1, named=True)
    assert (best["auroc"], best["mean_in"], best["mean_out"], best["n_active"]) == (1.0, 1.0, 0.0, 30)
    assert best["significant"]


def test_being_less_active_is_not_a_marker():
    labels = ["A"] * 60 + ["B"] * 60
    column = np.r_[np.zeros(60), np.ones(60)][:, None]
    frame = cell_types(csr_matrix(column), labels, np.array([True]), 20, 0.05)
    assert frame["significant"].to_list() == [False, True]
    assert top_cell_types(frame).row(0) == (0, "B", 1.0)


@pytest.mark.parametrize("labels", [[None] * 60, ["unlabelled"] * 60, ["only"] * 60, ["a", "b"] * 2 + [None] * 56])
def test_nothing_to_compare_gives_no_row(labels):
    assert cell_types(csr_matrix(np.ones((60, 2))), labels, np.ones(2, dtype=bool), 20, 0.05).is_empty()


def test_dead_features_are_not_tested(values, labels):
    alive = (values > 0).any(axis=0)
    frame = cell_types(csr_matrix(values), labels, alive, 20, 0.05)
    assert 0 not in frame["feature"].to_list()
    assert frame["feature"].n_unique() == N_FEATURES - 1


def test_labels_without_effect_are_rarely_significant():
    rng = np.random.default_rng(5)
    dense = np.where(rng.random((200, 300)) < 0.2, rng.random((200, 300)), 0)
    labels = rng.choice(["A", "B", "C"], 200).tolist()
    frame = cell_types(csr_matrix(dense), labels, np.ones(300, dtype=bool), 20, 0.05)
    assert frame["significant"].sum() <= 3
    assert 0.03 < (frame["p"] <= 0.05).mean() < 0.07
