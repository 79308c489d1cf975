"""Clusters of gene lists: planted programmes are found and nothing else, random lists give none, slow twins."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from tasks.analyses.unannotated.clusters import (
    CHANCE_NEIGHBOURS,
    Joined,
    cluster_q,
    communities,
    find_clusters,
    join,
    null_threshold,
    strengths,
)
from tasks.analyses.unannotated.likeness import (
    common_weight,
    plain_jaccard,
    random_weights,
    share_of_score,
    weighted_jaccard,
)
from tests.builders.gene_programmes import MEMBERS, programme_lists


def test_likeness_equals_loops():
    weights = programme_lists(0, 24, 1)
    dense = weights.toarray()
    found, plain = weighted_jaccard(common_weight(weights)), plain_jaccard((weights > 0).astype(np.int32))
    for i in range(24):
        for j in range(24):
            least, most = np.minimum(dense[i], dense[j]).sum(), np.maximum(dense[i], dense[j]).sum()
            assert found[i, j] == pytest.approx(0 if i == j else least / most, abs=1e-12)
            one, other = set(np.flatnonzero(dense[i])), set(np.flatnonzero(dense[j]))
            assert plain[i, j] == pytest.approx(0 if i == j else len(one & other) / len(one | other), abs=1e-12)


def test_shares_of_the_score_add_up_to_one():
    scores = csr_matrix(np.array([[3.0, 0, 1], [0, 2, 0]]))
    np.testing.assert_allclose(share_of_score(scores).toarray(), [[0.75, 0, 0.25], [0, 1, 0]])


def test_random_lists_keep_lengths_weights_and_how_often_genes_are_listed():
    weights = programme_lists(1, 200, 0)
    drawn = [random_weights(weights, np.random.default_rng([1, draw])) for draw in range(50)]
    for own in drawn[:3]:
        np.testing.assert_allclose(np.sort(own.toarray(), axis=1), np.sort(weights.toarray(), axis=1))
    times = np.mean([np.asarray((own > 0).sum(axis=0)).ravel() for own in drawn], axis=0)
    real = np.asarray((weights > 0).sum(axis=0)).ravel()
    assert np.corrcoef(times, real)[0, 1] > 0.99


@pytest.mark.parametrize("n_lists", [60, 900])
def test_chance_joins_as_many_pairs_as_it_says(n_lists):
    weights = programme_lists(2, n_lists, 0)
    least = null_threshold(weights, 99.9, 20, 0)
    pairs = n_lists * (n_lists - 1) / 2
    expected = pairs * min(0.001, CHANCE_NEIGHBOURS / (n_lists - 1))
    fresh = [random_weights(weights, np.random.default_rng([77, draw])) for draw in range(10)]
    joined = np.mean([len(join(common_weight(own), least, strictly=True).first) for own in fresh])
    assert abs(joined - expected) <= 0.15 * expected + 4 * np.sqrt(expected / 10)


def test_strength_and_communities_by_hand():
    first, second = np.array([0, 0, 1, 3, 3, 4, 2]), np.array([1, 2, 2, 4, 5, 5, 3])
    weight = np.array([0.3, 0.4, 0.5, 0.2, 0.2, 0.2, 0.01])
    joined = Joined(8, first, second, weight)
    found = communities(joined, 1.0, 0)
    assert found == [[0, 1, 2], [3, 4, 5]]
    np.testing.assert_allclose(strengths(joined, found), [1.2 / 3, 0.6 / 3])
    assert communities(Joined(5, first[:0], second[:0], weight[:0]), 1.0, 0) == []


def test_q_equals_counting():
    rng = np.random.default_rng(3)
    strength, drawn = rng.random(12) * 2, [rng.random(5) for _ in range(19)]
    raw = [(1 + sum((own >= s).sum() for own in drawn)) / 20 / (strength >= s).sum() for s in strength]
    slow = [min(1, *(raw[k] for k in range(12) if strength[k] <= strength[i])) for i in range(12)]
    np.testing.assert_allclose(cluster_q(strength, drawn), slow, rtol=1e-12)
    assert cluster_q(np.empty(0), drawn).size == 0


def realised(n_draws, seed):
    """How often lists without a programme give any cluster with q <= 0.05."""
    every = [find_clusters(programme_lists(seed + draw, 80, 0), 99.9, 1.0, 20, draw) for draw in range(n_draws)]
    return sum(bool((found.q <= 0.05).any()) for found in every)


def most_hits(n_draws):
    return 0.05 * n_draws + 3 * np.sqrt(0.05 * 0.95 * n_draws)


def found_programmes(seed):
    """Share of five planted programmes that are a cluster, and share of the clusters that are no programme."""
    found = find_clusters(programme_lists(seed, 200, 5), 99.9, 1.0, 20, 0).strong(0.05).members
    planted = [set(range(start, start + MEMBERS)) for start in range(0, 5 * MEMBERS, MEMBERS)]
    # A list by chance may be drawn to a programme.
    hits = [any(len(own & set(one)) >= MEMBERS - 1 and len(set(one) - own) <= 4 for one in found) for own in planted]
    return np.mean(hits), (len(found) - sum(hits)) / max(len(found), 1)


def test_five_programmes_are_found_and_nothing_else():
    recall, false = found_programmes(3)
    assert (recall, false) == (1.0, 0.0)


@pytest.mark.slow
def test_programmes_are_found_over_many_draws_with_few_others():
    recall, false = np.array([found_programmes(100 + draw) for draw in range(30)]).T
    assert recall.mean() >= 0.95
    assert false.mean() <= 0.05 + 3 * false.std(ddof=1) / np.sqrt(30)


def test_random_lists_give_clusters_at_no_more_than_the_nominal_rate():
    assert realised(8, 1000) <= most_hits(8)


@pytest.mark.slow
def test_random_lists_give_clusters_at_no_more_than_the_nominal_rate_over_many_draws():
    assert realised(150, 2000) <= most_hits(150)


def test_too_few_lists_give_nothing():
    found = find_clusters(programme_lists(0, 2, 0), 99.9, 1.0, 20, 0)
    assert (found.members, found.null_size) == ([], 0.0)
