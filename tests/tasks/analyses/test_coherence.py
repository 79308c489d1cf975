"""Coherence: a loop gives the same counts and means, random wiring stays at chance, planted wiring does not."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from tasks.analyses.coherence.sharing import (
    Annotated,
    Wiring,
    exact_mean,
    exchange_targets,
    like_targets,
    one_bin,
    published_p,
    sharing,
    shuffle_terms,
)
from tasks.analyses.coherence.step import CoherenceSettings
from tasks.analyses.coherence.work import RULES, coherence_frame, compare_rules
from tasks.statistics.null_draws import NullDraws
from tests.builders.planted_terms import plant_terms

FAST = CoherenceSettings(n_draws=99)
CHANCE = 0.05


@pytest.fixture(scope="module")
def planted():
    return plant_terms(0, by_size=0.5, by_term=0.1)


@pytest.fixture(scope="module")
def held(planted):
    vocabulary: dict[str, int] = {}
    sources, targets = (end.annotated(vocabulary, bare=False) for end in planted.pair)
    ends = planted.edges["source_feature"].to_numpy(), planted.edges["target_feature"].to_numpy()
    return sources, targets, Wiring.of(ends, sources, targets)


def test_what_is_shared_is_what_sets_share(planted, held):
    sources, targets, _ = held
    terms, other = planted.terms
    slow = [[bool(terms[a] & other[b]) for b in targets.feature] for a in sources.feature]
    assert np.array_equal(sharing(sources, targets), slow)
    n_shared = sum(bool(terms[a] & other[b]) for a, b in planted.edges.rows())
    found = compare_rules(FAST, planted.edges, planted.pair, [0])
    assert {rule: (one.n_pairs, one.n_shared) for rule, one in found.items()} == dict.fromkeys(
        RULES, (planted.edges.height, n_shared)
    )
    assert all(one.draws.observed[0] == pytest.approx(n_shared, abs=1e-6) for one in found.values())


def test_an_exchange_is_the_edges_counted_one_by_one(held):
    sources, targets, wiring = held
    shares, rng = sharing(sources, targets), np.random.default_rng(1)
    matrix = wiring.exchange(shares)
    drawn = rng.permutation(targets.feature.size)
    slow = sum(int(shares[a, drawn[b]]) for a, b in zip(wiring.source, wiring.target, strict=True))
    assert matrix[np.arange(drawn.size), drawn].sum() == slow
    out = np.bincount(wiring.source, minlength=shares.shape[0])
    expected = sum(float(out @ shares[:, b]) / out.sum() for b in wiring.target)
    assert np.trace(wiring.margins(shares)) == pytest.approx(expected, rel=1e-9)


def test_draws_stay_within_bins_and_have_the_exact_mean(held):
    sources, targets, wiring = held
    bins = like_targets(wiring, targets, 4)
    assert bins.n_bins > 4
    assert bins.movable >= 0.9
    matrix = wiring.exchange(sharing(sources, targets))
    draws = exchange_targets(matrix, bins.bin, 4000, [0])
    exact = sum(matrix[b, bins.bin == bins.bin[b]].mean() for b in range(len(matrix)))
    assert exact_mean(matrix, bins.bin) == pytest.approx(exact, rel=1e-9)
    assert draws.mean[0] == pytest.approx(exact, abs=4 * draws.sd[0] / 4000**0.5)
    alone = exchange_targets(matrix, np.arange(len(matrix)), 99, [0])
    assert alone.share_identical[0] == 1
    assert alone.p()[0] == 1


def test_bins_become_coarse_where_features_are_few():
    terms = csr_matrix(np.tril(np.ones((5, 5), dtype=np.float32)))
    few = Annotated(np.arange(5), terms, np.linspace(0.1, 0.5, 5))
    wiring = Wiring(np.zeros(5, dtype=np.int64), np.arange(5))
    assert like_targets(wiring, few, 10).n_bins == 2
    assert one_bin(wiring, few).movable == 1


def test_the_published_p_has_no_draw_of_its_own():
    draws = NullDraws(np.array([9.0]), np.array([[1.0], [2.0], [3.0], [2.0]]))
    assert published_p(draws) == 0
    assert draws.p()[0] == 0.2
    assert published_p(NullDraws(np.array([3.0]), draws.values)) == 0.5


def test_shuffled_terms_are_those_of_average_features(planted, held):
    sources, targets, wiring = held
    shares = sharing(sources, targets)
    draws = shuffle_terms(wiring, shares, 199, [0])
    assert draws.mean[0] / wiring.source.size == pytest.approx(shares.mean(), rel=0.05)


def rates(seeds, **kind):
    """By rule: share of p <= 0.05, and mean fold."""
    found = []
    for seed in seeds:
        planted = plant_terms(seed, **kind)
        tested = compare_rules(FAST, planted.edges, planted.pair, [seed])
        found.append([[one.row(rule)["p"] <= CHANCE, one.row(rule)["fold"]] for rule, one in tested.items()])
    called, fold = np.array(found, dtype=float).mean(axis=0).T
    return dict(zip(RULES, called, strict=True)), dict(zip(RULES, fold, strict=True))


def test_random_wiring_of_annotated_sources_is_no_coherence():
    """Sources rich in terms share one with many targets, whoever these are. The published shuffle does not know it."""
    called, fold = rates(range(15))
    assert called["matched"] <= CHANCE + 3 * (CHANCE * 0.95 / 15) ** 0.5
    assert fold["matched"] == pytest.approx(1, abs=0.04)
    assert fold["shuffled"] > 3
    assert called["shuffled"] == 1


def test_targets_rich_in_terms_are_no_coherence_either():
    called, fold = rates(range(15), by_size=1.0)
    assert called["matched"] <= CHANCE + 3 * (CHANCE * 0.95 / 15) ** 0.5
    assert fold["matched"] == pytest.approx(1, abs=0.04)
    assert called["unmatched"] == 1
    assert fold["unmatched"] > 2


def test_planted_coherence_is_found():
    called, fold = rates(range(100, 110), by_term=0.1)
    assert called["matched"] >= 0.95
    assert fold["matched"] > 1.2


@pytest.mark.slow
def test_rates_hold_over_many_wirings():
    for by_size in (0.0, 0.5, 1.0):
        called, fold = rates(range(150), by_size=by_size)
        assert called["matched"] <= CHANCE + 3 * (CHANCE * 0.95 / 150) ** 0.5
        assert fold["matched"] == pytest.approx(1, abs=0.015)
    called, _ = rates(range(400, 440), by_term=0.05)
    assert called["matched"] >= 0.8  # .93 of 60 draws, .88 of these 40


def test_nothing_annotated_is_no_error(planted):
    bare = tuple(type(end)(end.terms.clear(), end.frequency) for end in planted.pair)
    found = compare_rules(FAST, planted.edges, bare, [0])
    ends = {"source_sae": "a", "target_sae": "b", "n_edges": 3}
    rows = [{**ends, "rule": rule, **one.row(rule)} for rule, one in found.items()]
    frame = coherence_frame({"effect": "total", "criterion": "calibrated"}, rows)
    assert frame["n_pairs"].to_list() == [0] * len(RULES)
    assert frame.select("share", "p", "q").null_count().row(0) == (len(RULES),) * 3
