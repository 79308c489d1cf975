"""The spread of rewired networks: few networks of chance lie beyond it, and networks with modules do."""

import numpy as np
import pytest

from tasks.analyses.modules.communities import best_modularity, null_modularities, partition
from tasks.analyses.modules.graph import Graph, by_test
from tasks.analyses.modules.step import ModulesSettings
from tasks.analyses.modules.work import module_rows
from tasks.statistics.communities import weighted_graph
from tasks.statistics.switching import switch_edges
from tests.builders.planted_pairs import N_FEATURES, N_POSITIONS, association, plant


@pytest.fixture(scope="module")
def found():
    truth = plant(0)
    return association(truth.fires, truth.fires, truth.gene)


def beyond(graph, seed):
    """Whether the modularity lies above Student's prediction interval, one-sided, of five rewired networks."""
    settings = ModulesSettings(rewirings=5, seed=seed)
    null = null_modularities(graph, settings)
    joined = weighted_graph(graph.features.size, graph.ends, graph.pairs["weight"].to_numpy())
    bound = null.mean() + 2.132 * null.std(ddof=1) * np.sqrt(1 + 1 / 5)
    return best_modularity(joined, seed) > bound


def test_few_networks_of_chance_and_all_with_modules_lie_beyond_the_spread_of_rewired_ones(found):
    """Realised rate at 0.05 over 200 networks that keep degrees alone, and recall of planted modules."""
    graph = Graph(np.arange(N_FEATURES), by_test(found, ModulesSettings(), N_POSITIONS))
    weights, calls = graph.pairs["weight"].to_numpy(), []
    for draw, rewired in enumerate(switch_edges(graph.ends, N_FEATURES, 200, [11])):
        dealt = np.random.default_rng([11, draw]).permutation(weights)
        ends = {"first": rewired.edges[:, 0], "second": rewired.edges[:, 1], "weight": dealt}
        calls.append(beyond(Graph(graph.features, graph.pairs.with_columns(**ends)), draw))
    assert np.mean(calls) <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / 200)
    assert all(beyond(graph, seed) for seed in range(10))


def test_the_spread_of_rewired_networks_is_kept(found):
    graph = Graph(np.arange(N_FEATURES), by_test(found, ModulesSettings(), N_POSITIONS))
    rows = module_rows(graph, partition(graph, ModulesSettings(seeds=4, rewirings=3)), "given_gene")
    null = null_modularities(graph, ModulesSettings(rewirings=3))
    assert rows["null_modularity"][0] == pytest.approx(null.mean(), abs=1e-9)
    assert rows["null_sd"][0] == pytest.approx(np.std(null, ddof=1), abs=1e-9)
    assert rows["n_null"].unique().to_list() == [3]
    alone = module_rows(graph, partition(graph, ModulesSettings(seeds=4, rewirings=1)), "given_gene")
    assert alone["null_sd"].null_count() == alone.height
