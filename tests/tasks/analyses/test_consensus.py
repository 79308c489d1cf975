"""Consensus: two studies wired at random agree as chance has it, two of one plan agree on the plan."""

import numpy as np
import pytest

from tasks.analyses.consensus.overlap import compare, exchanged_overlap, published_overlap, published_p
from tasks.analyses.consensus.step import ConsensusSettings
from tasks.analyses.consensus.work import consensus_tables
from tasks.analyses.domains.graph import number_domains, wire
from tasks.analyses.domains.pairs import pair_tests
from tests.builders.planted_domains import World, plant_domains

SETTINGS = ConsensusSettings(n_draws=1499)
BINS, CHANCE = 4, 0.05
MANY_DOMAINS = World(n_features=300, n_domains=60, n_sources=20, n_edges=20)


def joined(graph, domain):
    """Ordered pairs of domains with an edge, counted one by one."""
    pairs = set()
    for source_layer, source, target_layer, target, _ in graph.edges.iter_rows():
        ends = domain.get((source_layer, source)), domain.get((target_layer, target))
        pairs |= set() if None in ends else {ends}
    return pairs


def test_pairs_in_both_are_those_that_loops_find():
    graphs = plant_domains(0), plant_domains(1)
    names = number_domains(*graphs, kind="term")
    found = exchanged_overlap(*(wire(one, "term", names, BINS) for one in graphs), 99, [0])
    pairs = [
        joined(one, {(layer, feature): name for layer, feature, name in one.domains["term"].iter_rows()})
        for one in graphs
    ]
    assert (found.n_own, found.n_other) == tuple(map(len, pairs))
    assert found.n_both == len(pairs[0] & pairs[1])


def test_two_random_studies_agree_by_chance_alone():
    """The published null calls them alike in every draw: sources and common labels are alike."""
    exchanged, published, fold = [], [], []
    for seed in range(30):
        graphs = plant_domains(2 * seed, world=MANY_DOMAINS), plant_domains(2 * seed + 1, world=MANY_DOMAINS)
        names = number_domains(*graphs, kind="term")
        pair = [wire(one, "term", names, BINS) for one in graphs]
        overlap = exchanged_overlap(*pair, 99, [seed])
        exchanged.append(overlap.draws.p()[0])
        fold.append(overlap.n_both / overlap.draws.mean[0])
        published.append(published_p(published_overlap(*pair)))
    assert np.mean(np.array(exchanged) <= CHANCE) <= CHANCE + 3 * (CHANCE * 0.95 / 30) ** 0.5
    assert np.mean(fold) == pytest.approx(1, abs=0.05)
    assert np.mean(np.array(published) <= CHANCE) > 0.5


def test_two_studies_of_one_plan_agree():
    plan = {0: 1, 1: 2, 2: 0}
    graphs = plant_domains(1, plan, 0.8), plant_domains(2, plan, 0.8)
    names = number_domains(*graphs, kind="term")
    own, other = (wire(one, "term", names, BINS) for one in graphs)
    tests = pair_tests(own, SETTINGS.min_edges, SETTINGS.n_draws, [0])
    found = compare(SETTINGS, (own, tests), other, 1)
    assert all(found.q[pair] <= CHANCE for pair in plan.items())
    assert (found.q <= CHANCE).sum() <= 2 * len(plan)


def test_tables_hold_what_was_compared():
    graph, twin = plant_domains(0), plant_domains(1)
    frames = consensus_tables(SETTINGS.model_copy(update={"n_draws": 99}), "term", graph, {"twin": twin})
    tests = {row["null_kind"]: row for row in frames["consensus_test"].to_dicts()}
    assert set(tests) == {"exchanged", "published"}
    assert frames["consensus_pair"].height == tests["exchanged"]["n_both"] == tests["published"]["n_both"]
    assert frames["null_draw"].height == 99 + 1000
    assert frames["null_draw"]["scope"].unique().to_list() == ["term, twin"]


@pytest.mark.parametrize("same", [True, False])
def test_draws_of_both_studies_are_their_own(same):
    """A study beside itself shares all its pairs, and by chance as many as two others of its kind."""
    first = plant_domains(0)
    other = first if same else plant_domains(1)
    names = number_domains(first, other, kind="term")
    found = exchanged_overlap(*(wire(one, "term", names, BINS) for one in (first, other)), 99, [0])
    assert found.n_both <= min(found.n_own, found.n_other)
    assert (found.n_both == found.n_own) == same
    assert found.draws.sd[0] > 0
