"""Modules: planted programmes are found by each rule, independent features are not, partitions are as defined."""

from itertools import combinations

import igraph
import numpy as np
import polars as pl
import pytest
from scipy.sparse import csr_matrix

from tasks.analyses.modules.communities import (
    co_assignment,
    connected,
    consensus,
    leiden,
    modularity,
    partition,
)
from tasks.analyses.modules.graph import Graph, by_cells, by_pmi, by_test, correlations
from tasks.analyses.modules.step import ModulesSettings
from tasks.analyses.modules.work import member_rows, module_rows
from tasks.statistics.communities import by_size
from tasks.statistics.switching import switch_edges
from tests.builders.planted_pairs import N_CELLS, N_FEATURES, N_GENES, N_POSITIONS, association, plant

FAST = {"seeds": 4, "rewirings": 2}


def test_correlations_equal_numpy():
    rng = np.random.default_rng(0)
    dense = np.where(rng.random((200, 8)) < 0.4, rng.random((200, 8)), 0)
    dense[:, 3] = 0.5
    expected = np.corrcoef(np.delete(dense, 3, axis=1).T)
    found = correlations(csr_matrix(dense))
    np.testing.assert_allclose(np.delete(np.delete(found, 3, 0), 3, 1), expected, atol=1e-12)


@pytest.fixture(scope="module")
def truth():
    return plant(0)


@pytest.fixture(scope="module")
def found(truth):
    return association(truth.fires, truth.fires, truth.gene)


def agreement(modules, truth):
    """Adjusted Rand index with the planted groups; features without a module or a group are alone."""
    labels = np.arange(N_FEATURES) + len(modules)
    for number, own in enumerate(modules):
        labels[own] = number
    groups = np.where(truth.group >= 0, truth.group, np.arange(N_FEATURES) + N_FEATURES)
    _, one = np.unique(labels, return_inverse=True)
    _, other = np.unique(groups, return_inverse=True)
    return igraph.compare_communities(one.tolist(), other.tolist(), method="adjusted_rand")


def test_features_that_follow_the_same_cells_are_modules_and_those_of_the_same_genes_are_not(truth, found):
    settings = ModulesSettings(**FAST)
    graph = Graph(np.arange(N_FEATURES), by_test(found, settings, N_POSITIONS))
    made = partition(graph, settings)
    assert agreement(made.modules, truth) >= 0.9
    shared = {frozenset(pair) for own in made.modules for pair in combinations(own, 2)}
    assert not any(truth.sharing[tuple(sorted(pair))] for pair in shared)
    assert min(made.stability) > 0.9
    assert made.modularity > made.null_modularity + 0.1


def test_the_published_rule_joins_features_of_the_same_genes(truth, found):
    pairs = by_pmi(found, ModulesSettings(rule="published"), N_POSITIONS)
    joined = set(zip(pairs["first"], pairs["second"], strict=True))
    assert set(zip(*map(np.ndarray.tolist, np.nonzero(truth.sharing)), strict=True)) <= joined
    z = dict(zip(zip(pairs["first"], pairs["second"], strict=True), pairs["z"], strict=True))
    assert np.mean([abs(z[pair]) > 4 for pair in zip(*np.nonzero(truth.sharing), strict=True)]) == 0
    slow = {
        (a, b)
        for a, b in combinations(range(N_FEATURES), 2)
        if (n := np.count_nonzero(truth.fires[:, a] & truth.fires[:, b])) >= 50
        and n * N_POSITIONS >= 4 * np.count_nonzero(truth.fires[:, a]) * np.count_nonzero(truth.fires[:, b])
    }
    assert joined == slow


def test_correlation_over_cells_finds_planted_groups_as_well(truth, found):
    settings = ModulesSettings(rule="cells", **FAST)
    means = truth.fires.reshape(N_CELLS, N_GENES, N_FEATURES).mean(1)
    graph = Graph(np.arange(N_FEATURES), by_cells(found, csr_matrix(means), settings, N_POSITIONS))
    made = partition(graph, settings)
    assert agreement(made.modules, truth) >= 0.9
    assert made.stability == [None] * len(made.modules)
    assert graph.pairs["q"].null_count() == graph.pairs.height


def test_no_more_pairs_are_joined_than_asked_for_and_the_most_certain_stay(found):
    every = by_test(found, ModulesSettings(), N_POSITIONS)
    fewer = by_test(found, ModulesSettings(max_pairs=40), N_POSITIONS)
    assert fewer.height == 40 < every.height
    assert fewer["q"].max() <= every.join(fewer, on=["first", "second"], how="anti")["q"].min()


def two_cliques():
    """Two cliques of four nodes with a bridge, a pair, and a node alone."""
    ends = [*combinations(range(4), 2), *combinations(range(4, 8), 2), (3, 4), (8, 9)]
    return Graph(
        np.arange(0, 22, 2), pl.DataFrame([(*e, 1.0) for e in ends], ["first", "second", "weight"], orient="row")
    )


def test_a_network_of_chance_stands_at_its_null(found):
    """Also where the consensus of many runs puts few features together, which one run would."""
    settings = ModulesSettings(**FAST)
    graph = Graph(np.arange(N_FEATURES), by_test(found, settings, N_POSITIONS))
    apart = []
    for rewired in switch_edges(graph.ends, N_FEATURES, 10, [7]):
        ends = {"first": rewired.edges[:, 0], "second": rewired.edges[:, 1]}
        made = partition(Graph(graph.features, graph.pairs.with_columns(**ends)), settings)
        apart.append(made.modularity - made.null_modularity)
    assert abs(np.mean(apart)) < 0.02


def test_a_partition_has_the_modularity_of_its_definition():
    graph = two_cliques()
    made = partition(graph, ModulesSettings(resolutions=[1.0], **FAST))
    assert made.modules == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert made.stability == [1.0, 1.0]
    degree = np.bincount(graph.ends.ravel(), minlength=11)
    label = np.array([0] * 4 + [1] * 4 + [2, 3, 4])
    total = graph.pairs.height
    slow = sum(label[a] == label[b] for a, b in graph.ends) / total
    slow -= sum(degree[label == one].sum() ** 2 for one in range(5)) / (2 * total) ** 2
    assert made.modularity == pytest.approx(slow, abs=1e-9)
    rows = module_rows(graph, made, "given_gene")
    assert rows.select("n_features", "n_edges", "mean_weight").rows() == [(4, 6, 1.0), (4, 6, 1.0)]
    assert member_rows(graph, made.modules)["feature"].to_list() == list(range(0, 16, 2))


def test_consensus_is_what_most_runs_say_and_large_modules_come_first():
    together = np.eye(7)
    for a, b, share in ((0, 1, 0.9), (0, 2, 0.8), (1, 2, 0.9), (3, 4, 0.6), (2, 3, 0.4), (5, 6, 0.2)):
        together[a, b] = together[b, a] = share
    groups = consensus(together)
    assert len({groups[0], groups[1], groups[2]}) == 1
    assert groups[3] == groups[4] != groups[2]
    assert groups[5] != groups[6]
    assert by_size(np.array([5, 1, 5, 1, 1, 5, 1, 2])) == [[1, 3, 4, 6], [0, 2, 5]]


def test_parts_of_a_group_that_no_pair_joins_come_apart():
    joined = igraph.Graph(n=9, edges=[(0, 2), (2, 4), (5, 6), (6, 8), (5, 8), (1, 3)])
    assert connected(joined, [0, 1, 2, 4, 5, 6, 7, 8]) == [[0, 2, 4], [5, 6, 8]]


def test_co_assignment_counts_runs():
    graph = two_cliques()
    joined = igraph.Graph(n=11, edges=graph.ends, edge_attrs={"weight": [1.0] * graph.pairs.height})
    settings = ModulesSettings(resolutions=[0.05, 1.0], seeds=3)
    linked = np.arange(10)
    runs = [leiden(joined, r, settings.seed + s)[:10] for r in settings.resolutions for s in range(3)]
    slow = [[np.mean([run[a] == run[b] for run in runs]) for b in linked] for a in linked]
    np.testing.assert_allclose(co_assignment(joined, linked, settings), slow, atol=1e-12)
    assert modularity(joined, []) < 0


def test_independent_features_make_no_module():
    rng = np.random.default_rng(1)
    fires = rng.random((N_POSITIONS, 40)) < 0.2
    gene = np.tile(np.arange(N_GENES), N_CELLS)
    for columns in (fires, fires[:, :0]):
        graph = Graph(
            np.arange(columns.shape[1]), by_test(association(columns, columns, gene), ModulesSettings(), N_POSITIONS)
        )
        made = partition(graph, ModulesSettings(**FAST))
        assert (graph.pairs.height, made.modules) == (0, [])
