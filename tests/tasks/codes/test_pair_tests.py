"""Pairs tested given the gene: planted groups are found, pairs that share a gene only are not, errors stay at level."""

import numpy as np
import pytest

from tasks.codes.pair_tests import associate, significant_pairs
from tasks.statistics.bernoulli_tails import upper_tail
from tests.builders.planted_pairs import N_CELLS, N_FEATURES, N_GENES, N_POSITIONS, Planted, association, plant

ALPHA = 0.05
PUBLISHED_PMI, PUBLISHED_BOTH = 2.0, 50


def called(found):
    pairs = significant_pairs(found, ALPHA)
    calls = np.zeros(found.both.shape, dtype=bool)
    calls[pairs.first, pairs.second] = True
    return calls


def shuffled(planted, seed):
    """The firings of every feature dealt anew to the positions of each gene: nothing covaries beyond the gene."""
    by_gene = planted.fires.reshape(N_CELLS, N_GENES, N_FEATURES)
    dealt = np.random.default_rng([seed, 1]).permuted(by_gene, axis=0)
    return Planted(dealt.reshape(N_POSITIONS, N_FEATURES), planted.group, planted.shares)


def false_share(seeds, across=False):
    """Realised false discovery rate and recall over planted studies of weakly tied groups."""
    false = true = missed = 0
    for seed in seeds:
        first = plant(seed, strength=0.12)
        second = plant(seed, strength=0.12, own_rng=1) if across else first
        calls = called(association(first.fires, second.fires, first.gene))
        tied = first.tied | first.tied.T | (np.diag(first.group >= 0)) if across else first.tied
        false, true, missed = false + (calls & ~tied).sum(), true + (calls & tied).sum(), missed + (tied & ~calls).sum()
    return false / (false + true), true / (true + missed), false + true


def assert_at_level(rate, n_calls):
    sampling = 3 * np.sqrt(ALPHA * (1 - ALPHA) / n_calls)
    assert ALPHA - 0.01 - sampling < rate < ALPHA + max(0.01, sampling)


def test_realised_false_discovery_rate_is_the_nominal_one():
    rate, recall, n_calls = false_share(range(6))
    assert_at_level(rate, n_calls)
    assert recall > 0.9


def test_realised_false_discovery_rate_between_layers_is_the_nominal_one():
    rate, recall, n_calls = false_share(range(3), across=True)
    assert_at_level(rate, n_calls)
    assert recall > 0.9


@pytest.mark.slow
@pytest.mark.parametrize("across", [False, True])
def test_realised_false_discovery_rate_over_many_studies(across):
    rate, recall, n_calls = false_share(range(100, 160), across)
    assert n_calls > 8_000
    assert 0.04 < rate < 0.06
    assert recall > 0.9


def test_planted_groups_are_called_and_shared_genes_are_not_but_pmi_calls_both():
    planted = plant(0)
    found = association(planted.fires, planted.fires, planted.gene)
    calls = called(found)
    assert calls[planted.tied].all()
    assert calls[planted.sharing].mean() < 0.01
    first, second = np.nonzero(planted.sharing)
    pmi = found.pmi(first, second, N_POSITIONS)
    assert np.mean((pmi >= PUBLISHED_PMI) & (found.both[first, second] >= PUBLISHED_BOTH)) == 1
    strong = plant(0, strength=0.29)  # groups so close that the published bound of 2 bit is within their reach
    by_cell = np.nonzero(strong.tied)
    assert (association(strong.fires, strong.fires, strong.gene).pmi(*by_cell, N_POSITIONS) > 0.5).all()


def test_errors_stay_at_level_far_out_when_nothing_is_planted():
    """Firings dealt anew within genes: all pairs of 3 studies, each of 132 features."""
    p = []
    for seed in range(3):
        planted = shuffled(plant(seed), seed)
        null = association(planted.fires, planted.fires, planted.gene)
        pair = np.nonzero(np.triu(np.ones_like(null.both, dtype=bool), k=1))
        cumulants = (getattr(null.null, name)[pair] for name in ("mean", "variance", "third", "fourth"))
        p.append(upper_tail(null.both[pair].astype(float), *cumulants))
    every = np.concatenate(p)
    for level in (0.05, 1e-3, 1e-5):
        expected = level * every.size
        assert (every <= level).sum() <= expected + 4 * np.sqrt(expected) + 1, level
    assert (every <= 0.05).mean() > 0.04


def test_nothing_is_called_where_firings_are_dealt_anew():
    found = [
        called(association(one.fires, one.fires, one.gene)).any() for one in (shuffled(plant(s), s) for s in range(3))
    ]
    assert sum(found) <= 1


def test_z_and_strength_equal_those_of_permutations():
    planted = plant(3)
    features = [0, 1, 8, N_FEATURES - 1]
    fires = planted.fires[:, features]
    found = association(fires, fires, planted.gene)
    rng = np.random.default_rng(0)
    by_gene = fires.reshape(N_CELLS, N_GENES, len(features))
    draws = [
        np.einsum("cga,cgb->ab", by_gene.astype(np.float32), rng.permuted(by_gene, axis=0).astype(np.float32))
        for _ in range(150)
    ]
    first, second = np.triu_indices(len(features), k=1)
    drawn = np.array(draws)[:, first, second]
    sd = np.sqrt(found.null.variance[first, second])
    np.testing.assert_allclose(found.null.mean[first, second], drawn.mean(0), atol=4 * sd.max() / np.sqrt(150))
    np.testing.assert_allclose(sd, drawn.std(0), rtol=0.25)
    centred = fires - np.stack([fires[planted.gene == g].mean(0) for g in range(N_GENES)])[planted.gene]
    slow = np.corrcoef(centred.T)[first, second]
    np.testing.assert_allclose(found.strength(first, second), slow, atol=1e-6)
    np.testing.assert_allclose(
        found.z(first, second), (found.both[first, second] - found.null.mean[first, second]) / sd
    )


def test_pairs_given_the_label_need_more_than_the_label():
    """A group that follows the label of its cells is explained by it; the other groups are not."""
    planted = plant(1)
    cells = planted.fires.reshape(N_CELLS, N_GENES, N_FEATURES)
    label = np.argsort(np.argsort(cells[:, :, planted.group == 0].sum((1, 2)))) >= N_CELLS // 2
    stratum = planted.gene * 2 + np.repeat(label, N_GENES)
    calls = called(association(planted.fires, planted.fires, stratum))
    own = (planted.group == 0)[:, None] & (planted.group == 0)
    assert calls[planted.tied & own].mean() < 0.1
    assert calls[planted.tied & ~own].all()


def test_layers_without_usable_features_have_no_pairs():
    nobody = np.empty((0, 3), dtype=np.uint32)
    found = associate(np.zeros((0, 0), dtype=np.int64), nobody, nobody, np.array([4, 4, 4]))
    assert significant_pairs(found, ALPHA).q.size == 0
    assert found.n_tests == 0
