"""Places of domains: slow twins of depth, PageRank and circles; random wiring moves none, planted depth is found."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from tasks.analyses.domains.graph import number_domains, targets, wire
from tasks.analyses.domains.places import DAMPING, pagerank, place_domains
from tasks.analyses.domains.step import DomainsSettings
from tasks.analyses.domains.work import domain_tables
from tests.builders.contract import assert_contract
from tests.builders.planted_domains import domain_name, plant_domains

N_LAYERS, DRAWS, LEAST, BINS, CHANCE = 4, 99, 3, 4, 0.05


def placed(graph, seed):
    names = number_domains(graph, kind="term")
    layer = targets(graph, "term", names)["layer"].to_numpy().astype(float)
    return names, place_domains(wire(graph, "term", names, BINS), (layer + 1) / N_LAYERS, LEAST, DRAWS, [seed])


def test_depth_is_that_of_a_loop_over_edges():
    graph = plant_domains(0)
    names, found = placed(graph, 0)
    domain = {(layer, feature): name for layer, feature, name in graph.domains["term"].iter_rows()}
    depths = {name: [] for name in names}
    for row in graph.edges.iter_rows():
        if row[:2] in domain and row[2:4] in domain:
            depths[domain[row[2:4]]].append((row[2] + 1) / N_LAYERS)
    slow = [np.mean(depths[name]) if depths[name] else np.nan for name in names]
    assert found.depth.observed == pytest.approx(np.array(slow), nan_ok=True)


def test_pagerank_solves_its_equations():
    rng = np.random.default_rng(0)
    counts = rng.poisson(1.0, (7, 7)).astype(float)
    counts[3] = 0
    weight = counts - np.diag(np.diag(counts))
    onwards = np.array([row / row.sum() if row.sum() else np.full(7, 1 / 7) for row in weight])
    slow = np.linalg.solve(np.eye(7) - DAMPING * onwards.T, np.full(7, (1 - DAMPING) / 7))
    assert pagerank(counts) == pytest.approx(slow, abs=1e-6)
    assert pagerank(counts).sum() == pytest.approx(1)


def test_circles_are_those_that_walks_find():
    graph = plant_domains(1, {0: 1, 1: 0}, 0.8)
    names, found = placed(graph, 0)
    counts = wire(graph, "term", names, BINS).counts(wire(graph, "term", names, BINS).domain)
    joined = counts >= LEAST
    np.fill_diagonal(joined, False)
    reach = joined | np.eye(len(names), dtype=bool)
    for _ in names:
        reach = (reach.astype(int) @ reach.astype(int)) > 0
    both = reach & reach.T
    assert found.loops.observed[1] == (both.sum(axis=1).max() if both.sum(axis=1).max() > 1 else 0)
    assert found.loops.observed[0] == sum(joined[a, b] and joined[b, a] for a in range(len(names)) for b in range(a))
    for a, b in np.ndindex(both.shape):
        assert both[a, b] == (found.component[a] == found.component[b])


def shares(seeds, **planted):
    """Share of p <= .05 of depth, PageRank and circles."""
    found = [placed(plant_domains(seed, **planted), seed)[1] for seed in seeds]
    parts = [[one.depth.p[~np.isnan(one.depth.observed)], one.rank.p, one.loops.p] for one in found]
    return [np.mean(np.concatenate([part[kind] for part in parts]) <= CHANCE) for kind in range(3)]


def test_random_wiring_moves_no_domain():
    depth, rank, loops = shares(range(20))
    assert depth <= CHANCE + 0.06  # of 20 studies, whose sampling error is 0.02
    assert rank <= CHANCE + 0.04
    assert loops <= CHANCE + 3 * (CHANCE * 0.95 / 20) ** 0.5


def test_a_domain_that_many_prefer_ends_up_in_front():
    found = [placed(plant_domains(seed, {0: 3, 1: 3, 2: 3}, 0.6), seed)[1] for seed in range(6)]
    assert np.mean([one.rank.p[3] <= CHANCE and one.rank.observed[3] > one.rank.expected[3] for one in found]) >= 0.8


def test_a_planted_late_domain_is_late():
    """Its targets of the first layer lose their edges to others of the layer; sources and numbers of edges stay."""
    found = []
    for seed in range(8):
        graph = plant_domains(seed)
        late = set(graph.domains["term"].filter(domain=domain_name(0), layer=1)["feature"].to_list())
        others, rng = sorted(set(range(120)) - late), np.random.default_rng(seed)
        moved = [
            int(rng.choice(others)) if layer == 1 and feature in late and rng.random() < 0.8 else feature
            for layer, feature in graph.edges.select("target_layer", "target_feature").iter_rows()
        ]
        edges = graph.edges.with_columns(target_feature=pl.Series(moved, dtype=pl.UInt32))
        one = placed(replace(graph, edges=edges), seed)[1].depth
        found.append(one.p[0] <= CHANCE and one.observed[0] > one.expected[0])
    assert np.mean(found) >= 0.75


def test_tables_keep_their_contracts():
    settings = DomainsSettings(n_draws=99, kinds=("term",), bins=BINS)
    tables = domain_tables(settings, "term", plant_domains(0, {0: 1, 1: 0}, 0.8), N_LAYERS)
    for table in ("domain_layer", "domain_centrality", "domain_scc", "domain_loop"):
        assert_contract(tables[table], table)
    targeted = tables["domain_layer"].filter(role="target")
    assert targeted["p"].null_count() == 0
    assert tables["domain_layer"].filter(role="source")["p"].null_count() > 0
    assert tables["domain_centrality"]["pagerank"].sum() <= 1 + 1e-9
    assert tables["domain_scc"]["size"].to_list() == sorted(tables["domain_scc"]["size"].to_list(), reverse=True)
