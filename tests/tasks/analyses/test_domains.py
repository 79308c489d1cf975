"""Domains: loops give the same counts; random wiring stays at chance, planted wiring and order do not."""

import numpy as np
import pytest

from tasks.analyses.domains.graph import number_domains, wire
from tasks.analyses.domains.pairs import pair_tests
from tasks.analyses.domains.step import DomainsSettings
from tasks.analyses.domains.work import domain_tables
from tests.builders.planted_domains import SAES, domain_name, plant_domains

SETTINGS = DomainsSettings(n_draws=99, kinds=("term",))
BINS, LEAST, DRAWS, MANY = 4, 3, 199, 1499
CHANCE = 0.05


def wired(graph):
    return wire(graph, "term", number_domains(graph, kind="term"), BINS)


@pytest.fixture(scope="module")
def graph():
    return plant_domains(0)


@pytest.fixture(scope="module")
def wiring(graph):
    return wired(graph)


def test_edges_are_counted_by_domain_as_a_loop_counts_them(graph, wiring):
    names = number_domains(graph, kind="term")
    domain = {(layer, feature): name for layer, feature, name in graph.domains["term"].iter_rows()}
    slow, by_layers = np.zeros((len(names),) * 2), {}
    for source_layer, source, target_layer, target, _ in graph.edges.iter_rows():
        ends = domain.get((source_layer, source)), domain.get((target_layer, target))
        if None not in ends:
            place = tuple(names.index(end) for end in ends)
            slow[place] += 1
            by_layers.setdefault((source_layer, target_layer), []).append(place)
    assert np.array_equal(wiring.counts(wiring.domain), slow)
    margins = np.zeros_like(slow)
    for pairs in by_layers.values():
        for a, b in np.ndindex(slow.shape):
            out, into = sum(one[0] == a for one in pairs), sum(one[1] == b for one in pairs)
            margins[a, b] += out * into / len(pairs)
    assert wiring.margins(wiring.domain) == pytest.approx(margins)


def test_exchanges_keep_bins_and_never_pass_what_is_attainable(wiring):
    assert np.unique(wiring.bin).size > len(SAES)
    most = np.zeros((wiring.n_domains,) * 2)
    for domain in wiring.exchanges(200, [0]):
        for one in np.unique(wiring.bin):
            own = wiring.bin == one
            assert sorted(domain[own]) == sorted(wiring.domain[own])
        most = np.maximum(most, wiring.counts(domain))
    assert (most <= wiring.attainable() + 1e-9).all()
    assert (most >= wiring.attainable() / 3)[wiring.attainable() > 20].all()


def test_figures_of_a_pair_are_those_of_its_draws(wiring):
    found = pair_tests(wiring, LEAST, DRAWS, [3])
    observed = wiring.counts(wiring.domain) - wiring.margins(wiring.domain)
    draws = np.stack([wiring.counts(one) - wiring.margins(one) for one in wiring.exchanges(DRAWS, [3])])
    expected = draws.mean(axis=0) + wiring.margins(wiring.domain)
    assert found.expected == pytest.approx(expected)
    assert found.sd == pytest.approx(draws.std(axis=0, ddof=1), abs=1e-6)
    reached = (1 + (draws >= observed - 1e-9 * (1 + found.n_edges)).sum(axis=0)) / (1 + DRAWS)
    assert np.array_equal(found.p[found.family], reached[found.family])
    assert (found.p[~found.family] == 1).all()
    every = np.concatenate([draws, observed[None]])
    counts = np.stack([*(wiring.counts(one) for one in wiring.exchanges(DRAWS, [3])), found.n_edges])
    spread = every.std(axis=0, ddof=1)
    fit = (counts >= LEAST) & (spread > 1e-9)
    z = np.where(fit, (every - every.mean(axis=0)) / np.where(spread > 1e-9, spread, 1), -np.inf)
    largest = z.reshape(DRAWS + 1, -1).max(axis=1)
    for place in np.argwhere(fit[-1]):
        slow = (largest[:-1] >= z[-1][tuple(place)] - 1e-9).sum()
        assert found.p_any[tuple(place)] == pytest.approx((1 + slow) / (1 + DRAWS))


def rates(seeds, **planted):
    """Share of p <= .05 over all tests, of studies with any p_any <= .05, with any q <= .05, and the same of order."""
    shares, anywhere, q, order = [], [], [], []
    for seed in seeds:
        found = pair_tests(wired(plant_domains(seed, **planted)), LEAST, DRAWS, [seed])
        shares.append((found.p[found.family] <= CHANCE).mean())
        anywhere.append((found.p_any[found.n_edges >= LEAST] <= CHANCE).any())
        q.append((found.q <= CHANCE).any())
        upper = np.triu(found.family | found.family.T, k=1)
        order.append((found.lead_p[upper] <= CHANCE).mean())
    return np.mean(shares), np.mean(anywhere), np.mean(q), np.mean(order)


@pytest.mark.parametrize("readiness", [0.0, 1.0])
def test_random_wiring_joins_no_domains(readiness):
    """Also where targets of the most common domain answer any source more readily: margins take that off."""
    share, anywhere, q, order = rates(range(40), readiness=readiness)
    sampling = 3 * (CHANCE * (1 - CHANCE) / 40) ** 0.5
    assert share <= CHANCE + 0.015
    assert anywhere <= CHANCE + sampling
    assert q <= CHANCE + sampling
    assert order <= CHANCE + 0.015


def test_planted_domains_are_found():
    """q needs as many draws as there are pairs, twenty times over; p_any does not."""
    found = [pair_tests(wired(plant_domains(seed, {0: 1}, 0.6)), LEAST, MANY, [seed]) for seed in range(10)]
    assert np.mean([one.q[0, 1] <= CHANCE for one in found]) >= 0.9
    assert np.mean([one.p_any[0, 1] <= CHANCE for one in found]) >= 0.9
    assert all(one.n_edges[0, 1] > one.expected[0, 1] for one in found)
    assert np.mean([one.lead_p[0, 1] <= CHANCE for one in found]) >= 0.8


def test_tables_hold_what_was_tested(graph):
    frames = domain_tables(SETTINGS, "term", graph, 4)
    pairs, coverage = frames["domain_pair"], frames["domain_coverage"]
    assert coverage["n_both"].sum() == pairs["n_edges"].sum() + _fewer(graph)
    assert pairs["n_edges"].min() >= SETTINGS.min_edges
    assert set(frames["feature_domain"]["domain"]) <= {domain_name(one) for one in range(26)}
    order = frames["domain_order"]
    assert (order["first"] < order["second"]).all()
    assert (order["lead"] == order["n_forward"].cast(float) - order["n_backward"].cast(float)).all()


def _fewer(graph):
    """Edges of pairs of domains with too few of them to be listed."""
    counts = wired(graph).counts(wired(graph).domain)
    return counts[counts < SETTINGS.min_edges].sum()
