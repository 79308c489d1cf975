"""Cell types against scipy's Mann-Whitney test and a loop over strata, one pair at a time."""

import numpy as np
import pytest
from scipy.sparse import csc_matrix, csr_matrix
from scipy.stats import mannwhitneyu

from tasks.describe.cell_types import cell_types, top_cell_types
from tasks.describe.settings import DescribeSettings
from tasks.statistics import benjamini_hochberg
from tasks.statistics.matching import quantile_bins
from tasks.statistics.rank_sums import rank_sums

N_CELLS, N_FEATURES = 150, 12
ALIKE = np.full(N_CELLS, 100)  # lengths of cells that form one stratum
SETTINGS = DescribeSettings()


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


def described(dense, labels, lengths=None, **changes):
    alive = np.ones(dense.shape[1], dtype=bool)
    lengths = np.full(len(labels), 100) if lengths is None else lengths
    return cell_types(csr_matrix(dense), labels, lengths, alive, DescribeSettings(**changes))


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
    lengths = np.random.default_rng(2).integers(50, 90, N_CELLS)
    frame = described(values, labels, lengths)
    assert frame.height == 3 * N_FEATURES
    strata = quantile_bins(lengths, 7)  # 150 cells make no more strata of 20
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
        u = pairs = 0.0
        for one in range(7):
            a, b = column[inside & (strata == one)], column[~inside & (strata == one)]
            above = (a[:, None] > b) + (a[:, None] == b) / 2
            u, pairs = u + above.sum() / (len(a) + len(b) + 1), pairs + above.size / (len(a) + len(b) + 1)
        assert row["auroc"] == pytest.approx(u / pairs, rel=1e-12)
        above = (column[inside][:, None] > column[~inside]) + (column[inside][:, None] == column[~inside]) / 2
        assert row["auroc_all"] == pytest.approx(above.mean(), rel=1e-12)
        assert (row["strata"], row["n_strata"]) == ("7 quantiles of n_tokens", 7)
        assert row["called"] == (row["significant"] and row["auroc_low"] >= 0.7)
    np.testing.assert_allclose(frame["q"], benjamini_hochberg(frame["p"].to_numpy()))


def test_unlabelled_cells_and_small_types_are_not_types():
    labels = ["T"] * 30 + ["B"] * 30 + ["rare"] * 5 + [None] * 40 + ["unlabelled"] * 45
    column = np.zeros((N_CELLS, 1))
    column[:30] = 1  # T cells only, and
    column[65:] = 9  # cells of unknown type, which must not count as "other cells"
    frame = described(column, labels)
    assert frame["cell_type"].to_list() == ["B", "T"]
    best = frame.row(1, named=True)
    assert (best["auroc"], best["mean_in"], best["mean_out"], best["n_active"]) == (1.0, 1.0, 0.0, 30)
    assert best["called"]
    assert best["strata"] == "none"


def test_being_less_active_is_not_a_marker():
    labels = ["A"] * 60 + ["B"] * 60
    frame = described(np.r_[np.zeros(60), np.ones(60)][:, None], labels)
    assert frame["called"].to_list() == frame["significant"].to_list() == [False, True]
    top = top_cell_types(frame).row(0, named=True)
    low = top.pop("top_cell_type_low")
    assert top == {"feature": 0, "top_cell_type": "B", "top_cell_type_auroc": 1.0, "top_cell_type_cells": 60}
    assert 0.85 < low < 0.95


def test_a_small_difference_is_significant_with_enough_cells_and_never_called():
    rng = np.random.default_rng(0)
    labels = ["A"] * 600 + ["B"] * 600
    frame = described(np.exp(rng.normal(np.repeat([0.4, 0], 600), 1))[:, None], labels)
    assert frame["significant"].to_list() == [True, False]
    assert 0.5 < frame["auroc"][0] < 0.7
    assert not frame["called"].any()
    assert top_cell_types(frame).is_empty()


def test_a_type_that_shares_no_length_with_others_has_no_auroc():
    labels, lengths = ["A"] * 40 + ["B"] * 40, np.repeat([50, 90], 40)
    frame = described(np.r_[np.ones(40), np.zeros(40)][:, None], labels, lengths, length_strata=2)
    assert frame.select("auroc", "auroc_low", "auroc_high").null_count().row(0) == (2, 2, 2)
    assert frame["p"].to_list() == [1, 1]
    assert frame["n_strata"].to_list() == [0, 0]
    assert frame["auroc_all"].to_list() == [1, 0]
    assert not frame["called"].any()


@pytest.mark.parametrize("labels", [[None] * 60, ["unlabelled"] * 60, ["only"] * 60, ["a", "b"] * 2 + [None] * 56])
def test_nothing_to_compare_gives_no_row(labels):
    assert described(np.ones((60, 2)), labels).is_empty()


def test_dead_features_are_not_tested(values, labels):
    alive = (values > 0).any(axis=0)
    frame = cell_types(csr_matrix(values), labels, ALIKE, alive, SETTINGS)
    assert 0 not in frame["feature"].to_list()
    assert frame["feature"].n_unique() == N_FEATURES - 1


def test_labels_without_effect_are_rarely_significant():
    rng = np.random.default_rng(5)
    dense = np.where(rng.random((200, 300)) < 0.2, rng.random((200, 300)), 0)
    labels = rng.choice(["A", "B", "C"], 200).tolist()
    frame = described(dense, labels, rng.integers(50, 200, 200))
    assert frame["significant"].sum() <= 3
    assert 0.03 < (frame["p"] <= 0.05).mean() < 0.07
