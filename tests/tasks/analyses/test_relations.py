"""Relations: loops find the same links; nothing is linked by chance; planted pairs are told known from novel."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from scipy.stats import hypergeom, poisson

from tasks.analyses.domains.frames import About, pair_rows
from tasks.analyses.domains.graph import number_domains, wire
from tasks.analyses.domains.pairs import pair_tests
from tasks.analyses.domains.step import DomainsSettings
from tasks.analyses.networks.graphs import Graph
from tasks.analyses.relations.ensemble import expected, joined
from tasks.analyses.relations.links import joined_genes, shared_genes
from tasks.analyses.relations.share import novel_share
from tasks.analyses.relations.step import RelationsSettings
from tasks.analyses.relations.work import link, relation_tables
from tasks.statistics.fdr import benjamini_hochberg
from tasks.statistics.rewiring import rewire
from tasks.store import table_frame
from tests.builders.contract import assert_contract
from tests.builders.planted_domains import World, domain_name, plant_domains
from tests.builders.planted_relations import N_GENES, plant_sets

SETTINGS, CHOICE = RelationsSettings(), DomainsSettings(n_draws=999, kinds=("term",), bins=4)
N, CHANCE = 12, 0.05
TINY = World(n_domains=5)


def pairs_of(size):
    return list(zip(*np.triu_indices(size, 1), strict=True))


def test_shared_genes_are_those_of_a_loop():
    sets, _ = plant_sets(0, N, linked=[(0, 1)])
    found = shared_genes(sets.members)
    genes = [set(row.indices) for row in sets.members]
    p = []
    for first, second in pairs_of(N):
        n = len(genes[first] & genes[second])
        assert found.shared[first, second] == found.shared[second, first] == n
        assert found.published[first, second] == (n >= 3)
        assert found.expect[first, second] == pytest.approx(len(genes[first]) * len(genes[second]) / N_GENES)
        p.append(hypergeom.sf(n - 1, N_GENES, len(genes[first]), len(genes[second])))
    upper = np.triu_indices(N, 1)
    assert found.p[upper] == pytest.approx(np.array(p))
    assert found.q[upper] == pytest.approx(benjamini_hochberg(np.array(p)))


@pytest.mark.parametrize("directed", [True, False])
def test_joined_genes_are_those_of_a_loop(directed):
    sets, networks = plant_sets(1, N, linked=[(0, 1)], directed=directed)
    found = joined_genes(sets.members, shared_genes(sets.members).shared, networks)
    chance = expected(networks[0])
    edges = set(zip(networks[0].source.tolist(), networks[0].target.tolist(), strict=True))
    genes = [set(row.indices.tolist()) for row in sets.members]
    for first, second in pairs_of(N):
        a, b = genes[first] - genes[second], genes[second] - genes[first]
        n = sum(((i, j) in edges) + ((j, i) in edges) for i in a for j in b)
        mean = sum(chance[i, j] for i in a for j in b)
        assert found.n_edges[first, second] == n
        assert found.expect[first, second] == pytest.approx(mean)
        assert found.p[first, second] == pytest.approx(poisson.sf(n - 1, mean))


@pytest.mark.parametrize("directed", [True, False])
def test_expected_edges_give_every_gene_its_degree(directed):
    _, (network,) = plant_sets(2, N, directed=directed)
    chance, counted = expected(network), joined(network)
    assert np.allclose(chance, chance.T)
    assert not np.diag(chance).any()
    assert chance.max() <= (2 if directed else 1)
    assert chance.sum(axis=1) == pytest.approx(counted.sum(axis=1), rel=0.01, abs=0.05)


def test_a_gene_joined_to_all_others_is_expected_to_be():
    star = Graph("star", "any", True, np.zeros(9, dtype=np.int64), np.arange(1, 10), 10)
    assert expected(star)[0, 1:] == pytest.approx(1, abs=0.01)


def link_rates(seeds, joined_pairs=()):
    """Share of p <= .05, and of studies with a q <= .05, of shared genes and of rewired networks; recall of q."""
    shares, any_q, recall = [], [], []
    for seed in seeds:
        sets, (network,) = plant_sets(seed, N, joined=joined_pairs)
        if not joined_pairs:
            edges = np.column_stack([network.source, network.target])
            (drawn,) = rewire(edges, 1, [seed], self_loops=False)
            network = Graph("net", "any", True, *drawn.edges.T, N_GENES)
        shared = shared_genes(sets.members)
        found = joined_genes(sets.members, shared.shared, [network])
        upper = np.triu_indices(N, 1)
        shares.append([(one.p[upper] <= CHANCE).mean() for one in (shared, found)])
        any_q.append([(one.q[upper] <= CHANCE).any() for one in (shared, found)])
        recall += [found.q[pair] <= CHANCE for pair in joined_pairs]
    return np.mean(shares, axis=0), np.mean(any_q, axis=0), np.mean(recall) if recall else None


def test_random_sets_and_rewired_networks_link_no_domains():
    share, any_q, _ = link_rates(range(6))
    assert (share <= CHANCE + 0.01).all()
    assert (any_q <= 0.4).all()


def test_planted_network_edges_link_domains():
    assert link_rates(range(5), joined_pairs=[(0, 1), (2, 3)])[2] >= 0.8


def relations(seed, prefer, strength, linked):
    graph = plant_domains(seed, prefer, strength, world=TINY)
    names = number_domains(graph, kind="term")
    tests = pair_tests(wire(graph, "term", names, CHOICE.bins), CHOICE.min_edges, CHOICE.n_draws, [seed])
    pairs = pair_rows(About("total", graph.criterion, "term", names), graph, CHOICE, tests)
    found = link(SETTINGS, names, *plant_sets(seed, len(names), linked=linked), None)
    return relation_tables(SETTINGS, CHOICE, "term", graph, pairs, found)


def test_planted_pairs_are_told_known_from_novel():
    """Sources of A prefer B, which its genes link, and sources of B prefer C, which nothing links."""
    known, novel, wrong = 0, 0, 0
    for seed in range(6):
        tables = relations(seed, {0: 1, 1: 2}, 0.7, linked=[(0, 1)])
        links = tables["domain_link"].filter("known").select("first", "second").rows()
        pairs = tables["novel_pair"].filter(rule="default").select("source_domain", "target_domain").rows()
        known += (domain_name(0), domain_name(1)) in links
        novel += (domain_name(1), domain_name(2)) in pairs
        wrong += (domain_name(0), domain_name(1)) in pairs
        for table, frame in tables.items():
            assert_contract(frame, table)
    assert (known, wrong) == (6, 0)
    assert novel >= 5


def test_random_wiring_has_no_novel_pair_by_our_rule_and_most_by_the_published():
    """The share of edges without a known link is that of exchanged targets, however large it is."""
    found, shares = [], []
    for seed in range(6):
        tables = relations(seed, None, 0.0, linked=[(0, 1)])
        found.append(tables["novel_pair"].filter(rule="default").height)
        shares.append(tables["novel_share"])
    rows = pl.concat(shares)
    assert np.sum(np.array(found) > 0) <= 1
    assert (rows["share"] - rows["expected_share"]).abs().max() < 0.1
    assert rows.filter(rule="published")["share"].mean() > 0.6
    assert rows.filter(rule="published")["n_novel_pairs"].min() > 5


def test_the_share_is_that_of_a_loop_and_its_p_is_even():
    graph = plant_domains(3)
    names = number_domains(graph, kind="term")
    unknown = np.triu(np.ones((len(names),) * 2, dtype=bool), 2)
    unknown |= unknown.T
    found = novel_share(wire(graph, "term", names, 4), unknown, 99, [0])
    domain = {(layer, feature): names.index(name) for layer, feature, name in graph.domains["term"].iter_rows()}
    ends = [(domain.get(row[:2]), domain.get(row[2:4])) for row in graph.edges.iter_rows()]
    apart = [one for one in ends if None not in one and one[0] != one[1]]
    assert (found.n_edges, found.n_novel) == (len(apart), sum(bool(unknown[one]) for one in apart))
    p = share_p(range(20), unknown)
    assert np.mean(p <= 0.5) == pytest.approx(0.5, abs=0.35)


def share_p(seeds, unknown):
    names = [domain_name(number) for number in range(len(unknown))]
    wirings = {seed: wire(plant_domains(seed), "term", names, 4) for seed in seeds}
    return np.array([novel_share(one, unknown, 99, [seed]).p for seed, one in wirings.items()])


def test_studies_without_domains_or_networks_have_no_links():
    sets, _ = plant_sets(0, 1)
    found = link(SETTINGS, [], sets, [], None)
    assert found.pairs.is_empty()
    graph = plant_domains(0)
    nothing = replace(graph, edges=graph.edges.clear(), domains={"term": graph.domains["term"].clear()})
    tables = relation_tables(SETTINGS, CHOICE, "term", nothing, table_frame("domain_pair", []), found)
    assert tables["novel_share"]["share"].null_count() == 2
    assert tables["novel_pair"].is_empty()
    named = link(SETTINGS, [domain_name(0)], sets, [], None)
    assert named.unknown()["default"].tolist() == [[False]]
