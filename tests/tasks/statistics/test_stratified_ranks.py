"""Ranks within strata against scipy, one feature and stratum at a time. Tests of groups: test_van_elteren.py."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.stats import rankdata

from tasks.statistics.stratified_ranks import StratifiedRanks


@pytest.fixture(scope="module")
def sample():
    rng = np.random.default_rng(0)
    values = np.round(rng.exponential(2, (80, 7)), 0) * (rng.random((80, 7)) < 0.6)
    values[:, 3] = 0
    return values, rng.integers(0, 5, 80) * 10


def test_ranks_equal_scipy(sample):
    values, strata = sample
    ranks = StratifiedRanks.of(csr_matrix(values), strata)
    found = ranks.excess.toarray() + ranks.silent[ranks.stratum]
    for one in np.unique(strata):
        np.testing.assert_allclose(found[strata == one], rankdata(values[strata == one], axis=0))


def test_mean_ranks_equal_a_loop_and_are_a_half_over_all(sample):
    values, strata = sample
    unit = np.random.default_rng(1).integers(0, 3, 80)
    ranks = StratifiedRanks.of(csr_matrix(values), strata)
    scaled = np.empty(values.shape)
    for one in np.unique(strata):
        own = strata == one
        scaled[own] = (rankdata(values[own], axis=0) - 0.5) / own.sum()
    found = ranks.mean_ranks(unit, 4)
    np.testing.assert_allclose(found[:3], [scaled[unit == one].mean(axis=0) for one in range(3)])
    assert np.isnan(found[3]).all()
    np.testing.assert_allclose(ranks.mean_ranks(np.zeros(80, dtype=np.int64), 1), 0.5)


def test_a_part_is_what_its_cells_give_alone(sample):
    values, strata = sample
    group = np.random.default_rng(2).integers(0, 2, 80)
    own = strata >= 20
    part = StratifiedRanks.of(csr_matrix(values), strata).part(own).compare(group[own], 2)
    alone = StratifiedRanks.of(csr_matrix(values[own]), strata[own]).compare(group[own], 2)
    np.testing.assert_allclose(part.p, alone.p)
    np.testing.assert_allclose(part.auroc, alone.auroc)
    with pytest.raises(ValueError, match="whole strata"):
        StratifiedRanks.of(csr_matrix(values), strata).part(np.arange(80) > 3)


def test_a_group_beyond_all_others_has_an_auroc_of_exactly_one_or_zero():
    for seed in range(60):  # without a bound, 1 + 4e-15 in some of them
        rng = np.random.default_rng(seed)
        strata, group = rng.integers(0, 8, 200), (rng.random(200) < 0.05).astype(np.int64)
        values = np.stack([group, 1 - group], axis=1) * (1 + rng.random((200, 2)))
        auroc = StratifiedRanks.of(csr_matrix(values), strata).compare(group, 2).auroc
        np.testing.assert_allclose(auroc, [[0, 1], [1, 0]], atol=1e-12)
        assert auroc.min() >= 0
        assert auroc.max() <= 1
