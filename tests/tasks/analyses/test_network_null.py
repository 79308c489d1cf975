"""The null of networks: that of enumeration; planted edges are found against it, and lists of hubs are not called."""

import itertools

import numpy as np
import pytest

from tasks.analyses.networks.alike import AlikeGenes
from tasks.analyses.networks.edges import Draws, count_edges, draw_until_settled
from tasks.statistics import benjamini_hochberg
from tests.builders.planted_networks import N_GENES, make_network, plant_lists, random_lists


def test_edges_are_counted_like_a_loop():
    joined, rng = make_network(0), np.random.default_rng(0)
    lists = np.array([rng.choice(N_GENES, 25, replace=False) for _ in range(60)])
    slow = [sum(int(joined[a, b]) for a, b in itertools.combinations(own, 2)) for own in lists]
    assert count_edges(joined, lists).tolist() == slow
    assert max(slow) > 0


def test_genes_that_stand_for_a_gene_are_the_nearest_within_the_caliper():
    counts = np.random.default_rng(0).integers(0, 3000, (200, 2)).astype(float)
    alike = AlikeGenes(counts, 12, 0.4, np.random.default_rng(1))
    place = np.log2(1 + counts)
    for gene in range(200):
        far = np.abs(place - place[gene]).max(axis=1)
        near = [int(one) for one in np.argsort(far, kind="stable")[:12] if far[one] <= 0.4]
        found = alike.candidates[gene, : alike.n[gene]].tolist()
        assert sorted(far[found].round(4)) == sorted(far[near].round(4))
        assert gene in found
    assert alike.n.min() < 12 == alike.n.max()


def all_lists(alike, chosen):
    offered = [alike.candidates[gene, : alike.n[gene]].tolist() for gene in chosen]
    return [one for one in itertools.product(*offered) if len(set(one)) == len(one)]


@pytest.mark.parametrize(("tries", "sweeps", "n_draws"), [(500, 0, 20_000), (0, 100, 5_000)])
@pytest.mark.parametrize("chosen", [[0, 1, 2, 3], [0, 6, 7, 8]])
def test_every_list_of_alike_genes_is_as_likely_as_another(chosen, tries, sweeps, n_draws, monkeypatch):
    """By independent draws and by the long chain, also where five genes alike leave no room but one in the list."""
    monkeypatch.setattr("tasks.analyses.networks.alike.TRIES", tries)
    monkeypatch.setattr("tasks.analyses.networks.alike.SWEEPS", sweeps)
    alike = AlikeGenes(np.repeat([1.0, 9.0, 80.0], [5, 4, 3])[:, None], 5, 0.2, np.random.default_rng(0))
    lists = all_lists(alike, chosen)
    drawn = alike.draw(np.array(chosen), n_draws, np.random.default_rng(1))
    found, times = np.unique(drawn, axis=0, return_counts=True)
    assert {tuple(one) for one in found.tolist()} == set(lists)
    wanted = n_draws / len(lists)
    assert np.sum((times - wanted) ** 2 / wanted) < len(lists) + 5 * np.sqrt(2 * len(lists))  # chi-square + 5 sd


def test_tries_and_sweeps_are_enough_where_genes_are_tight():
    """Of five genes alike, four in the list: each is left out in a fifth of the draws, within a tenth of that."""
    alike = AlikeGenes(np.ones((5, 1)), 5, 0.2, np.random.default_rng(0))
    drawn = alike.draw(np.arange(4), 40_000, np.random.default_rng(1))
    left_out = 10 - drawn.sum(axis=1)
    np.testing.assert_allclose(np.bincount(left_out) / 40_000, 0.2, rtol=0.1)


def test_p_and_moments_are_those_of_all_lists():
    joined = make_network(3)[:40, :40]
    joined[:4, :4] = 1 - np.eye(4, dtype=np.uint8)
    counts = np.random.default_rng(0).integers(1, 4, (40, 1)).astype(float)
    alike = AlikeGenes(counts, 6, 0.1, np.random.default_rng(0))
    chosen = np.array([0, 1, 2, 3])
    edges = count_edges(joined, np.array(all_lists(alike, chosen)))
    draws = Draws(joined, [chosen], alike, [0])
    draws.more(100)
    draws.more(40_000)
    tests = draws.tests()
    assert tests.n_edges.tolist() == [6]
    assert tests.n_null[0] == 40_000
    assert tests.p[0] == pytest.approx(np.mean(edges >= 6), abs=5 / 40_000**0.5)
    assert tests.expected[0] == pytest.approx(edges.mean(), abs=5 * edges.std() / 40_000**0.5)
    assert tests.sd[0] == pytest.approx(edges.std(), rel=0.05)


def held(joined, lists, seed, max_draws=100_000):
    times = np.bincount(np.concatenate(lists), minlength=N_GENES)
    like = np.column_stack([joined.sum(axis=1), times]).astype(float)
    draws = Draws(joined, lists, AlikeGenes(like, 50, 0.25, np.random.default_rng(seed)), [seed])
    draw_until_settled([draws], 0.05, max_draws)
    return draws.tests()


def planted_rates(seeds):
    """Share of p <= 0.05 of random and of hub lists; false ones among the called; recall; hubs above every plant."""
    found = []
    for seed in seeds:
        joined = make_network(seed)
        planted = plant_lists(joined, 50, seed)
        degree = joined.sum(axis=1).astype(float)
        popular = np.random.default_rng(seed).pareto(1.2, N_GENES) + 0.2
        tests = held(
            joined, random_lists(popular, 200, seed) + random_lists(degree**2, 150, seed + 100) + planted, seed
        )
        called = benjamini_hochberg(tests.p) <= 0.05
        dense = np.median(tests.n_edges[200:350]) > np.median(tests.n_edges[350:])
        false = called[:350].sum() / max(called.sum(), 1)
        found.append(
            ((tests.p[:200] <= 0.05).mean(), (tests.p[200:350] <= 0.05).mean(), false, called[350:].mean(), dense)
        )
    return np.array(found, dtype=float).mean(axis=0)


def test_planted_edges_are_found_and_lists_of_hubs_are_not():
    """Hubs have twice as many edges as lists with six planted ones: by raw density they would be called first."""
    random, hubs, false, recall, dense = planted_rates(range(3))
    assert random <= 0.05 + 3 * (0.05 * 0.95 / 600) ** 0.5
    assert hubs <= 0.05 + 3 * (0.05 * 0.95 / 450) ** 0.5
    assert false <= 0.05
    assert recall >= 0.95
    assert dense == 1


@pytest.mark.slow
def test_rates_hold_over_many_networks():
    random, hubs, false, recall, dense = planted_rates(range(40))
    assert random <= 0.05
    assert 0.03 <= hubs <= 0.055  # of 6,000; many edges, so p is nearly continuous
    assert false <= 0.05
    assert recall >= 0.95
    assert dense == 1


def test_draws_go_on_until_the_smallest_p_decides_nothing():
    joined = make_network(0)
    (planted,) = plant_lists(joined, 1, 0, n_edges=10)
    lists = [*random_lists(np.ones(N_GENES), 400, 1), planted]
    tests = held(joined, lists, 0)
    assert tests.n_null[-1] > 20 * 401  # 1 / (1 + 400) would not have survived 401 tests
    assert benjamini_hochberg(tests.p)[-1] <= 0.05
    assert held(joined, lists, 0, max_draws=400).n_null.max() == 400
    again = held(joined, lists, 0)
    assert np.array_equal(again.p, tests.p)
    assert tests.n_null.sum() < 401 * 2000
    assert (tests.p[tests.n_edges == 0] == 1).all()
    assert np.isnan(tests.expected[tests.n_edges == 0]).all()
