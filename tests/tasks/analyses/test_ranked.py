"""Rankings: scores are those of a loop, ES of a walk, p of random sets; planted sets are found, random ones are not."""

import numpy as np
import polars as pl
import pytest

from tasks.analyses.ranked.prerank import enrich_ranking
from tasks.analyses.ranked.step import NamedFeature, RankedSettings
from tasks.analyses.ranked.work import gene_scores, ranking
from tasks.codes.reader import CodesReader
from tasks.references.gene_sets import cut_to_background
from tasks.statistics import benjamini_hochberg
from tasks.store import RequestError, StepFolder
from tests.builders.contract import assert_contract
from tests.builders.describe import LAYER, make_world, write_inputs
from tests.builders.steps import do_step

TABLE = "ranked_term"
N_GENES = 400
SYMBOLS = [f"g{i}" if i % 2 else f"G{i}" for i in range(N_GENES)]  # no name changes its case on the way


def random_ranking(seed):
    score = np.sort(np.random.default_rng(seed).exponential(size=N_GENES))[::-1]
    return pl.DataFrame({"symbol": SYMBOLS, "score": score})


def library(sets):
    return cut_to_background("lib", sets, SYMBOLS, 2, 500)


def random_sets(n, seed, low=5, high=60):
    rng = np.random.default_rng([seed, 1])
    return {f"s{i}": frozenset(rng.choice(SYMBOLS, rng.integers(low, high), replace=False)) for i in range(n)}


def walk(score, own):
    """ES and its place, step by step."""
    total, best, place, inside = 0.0, 0.0, 0, score[sorted(own)].sum()
    for i, one in enumerate(score):
        total += one / inside if i in own else -1 / (len(score) - len(own))
        if abs(total) > abs(best):
            best, place = total, i
    return best, place


@pytest.mark.parametrize("method", ["multilevel", "permutation"])
def test_es_and_leading_edge_are_those_of_a_walk(method):
    ranked, sets = random_ranking(0), random_sets(40, 0)
    found = enrich_ranking(ranked, library(sets), RankedSettings(method=method, permutations=100), 0)
    assert found.height == 40
    for row in found.to_dicts():
        own = {SYMBOLS.index(gene) for gene in sets[row["term"]]}
        es, place = walk(ranked["score"].to_numpy(), own)
        assert row["es"] == pytest.approx(es, abs=1e-9)
        assert row["n_set"] == len(own)
        if es > 0:
            assert row["genes"] == ", ".join(SYMBOLS[i] for i in sorted(own) if i <= place)


def test_p_is_that_of_random_sets():
    ranked, sets = random_ranking(1), random_sets(12, 1)
    score, rng = ranked["score"].to_numpy(), np.random.default_rng(0)
    many = enrich_ranking(ranked, library(sets), RankedSettings(), 0)
    few = enrich_ranking(ranked, library(sets), RankedSettings(method="permutation", permutations=2000), 0)
    for row in many.to_dicts():
        drawn = [walk(score, set(rng.choice(N_GENES, row["n_set"], replace=False).tolist()))[0] for _ in range(400)]
        same = [one for one in drawn if (one > 0) == (row["es"] > 0)]
        p = np.mean([abs(one) >= abs(row["es"]) for one in same])
        other = few.filter(term=row["term"])["p"][0]
        assert row["p"] == pytest.approx(p, abs=5 * max(p * (1 - p), 0.002) ** 0.5 / len(same) ** 0.5 + 0.01)
        assert other == pytest.approx(row["p"], abs=0.06)


def rates(seeds, method):
    """Share of random sets with p <= 0.05, false ones among the called, recall of planted sets."""
    below, false, recall = [], [], []
    for seed in seeds:
        rng = np.random.default_rng([seed, 2])
        planted = {
            f"own {i}": frozenset([*rng.choice(SYMBOLS[:80], 15, replace=False), *rng.choice(SYMBOLS, 10)])
            for i in range(10)
        }
        settings = RankedSettings(method=method)
        found = enrich_ranking(random_ranking(seed), library(random_sets(90, seed) | planted), settings, seed)
        called, own = benjamini_hochberg(found["p"].to_numpy()) <= 0.05, found["term"].str.starts_with("own").to_numpy()
        below.append((found["p"].to_numpy()[~own] <= 0.05).mean())
        false.append(called[~own].sum() / max(called.sum(), 1))
        recall.append(called[own].mean())
    return np.mean(below), np.mean(false), np.mean(recall)


def test_random_sets_are_called_at_the_nominal_rate_and_planted_ones_found():
    below, false, recall = rates(range(6), "multilevel")
    assert abs(below - 0.05) <= 3 * (0.05 * 0.95 / 540) ** 0.5
    assert false <= 0.05 + 3 * (0.05 * 0.95 / 60) ** 0.5
    assert recall >= 0.95


@pytest.mark.slow
@pytest.mark.parametrize(("method", "n"), [("multilevel", 60), ("permutation", 15)])
def test_rates_hold_over_many_rankings(method, n):
    below, false, recall = rates(range(n), method)
    assert abs(below - 0.05) <= 3 * (0.05 * 0.95 / (90 * n)) ** 0.5
    assert false <= 0.05 + 3 * (0.05 * 0.95 / (10 * n)) ** 0.5
    assert recall >= 0.95


@pytest.mark.slow
def test_permutations_have_a_floor_that_multilevel_does_not_have():
    sets = {"own": frozenset(SYMBOLS[:30])}
    ranked = random_ranking(0)
    few = enrich_ranking(ranked, library(sets), RankedSettings(method="permutation", permutations=500), 0)
    assert few["p"].to_list() == pytest.approx([1 / 501])
    assert 0 < enrich_ranking(ranked, library(sets), RankedSettings(), 0)["p"][0] < 1e-10


def test_a_ranking_without_sets_or_with_one_gene_has_no_test():
    ranked = random_ranking(0)
    assert enrich_ranking(ranked, library({}), RankedSettings(), 0).is_empty()
    assert enrich_ranking(ranked.head(1), library(random_sets(3, 0)), RankedSettings(), 0).is_empty()


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    found = write_inputs(tmp_path_factory.mktemp("ranked"), make_world())
    return {name: found[name] for name in ("codes", "activations", "cells", "references")}


def run(folders, folder, *features, **changes):
    named = tuple(NamedFeature(layer=LAYER, feature=one) for one in features)
    settings = RankedSettings(features=named, **changes)
    return StepFolder.open(do_step("ranked", settings, folder, layer=LAYER, **folders))


def test_scores_are_those_of_dense_codes(folders):
    world = make_world()
    scores = gene_scores(CodesReader(folders["codes"]), world.axes, [0, 13], 20.0)
    for row, feature in zip(scores, (0, 13), strict=True):
        for gene in range(240):
            own = world.codes[world.gene == gene, feature].astype(float)
            assert row[gene] == pytest.approx(own.sum() / (own.size + 20), rel=1e-9)
    ranked = ranking(scores[0], world.axes)
    assert ranked["score"].is_sorted(descending=True)
    assert ranked.height == np.count_nonzero(scores[0])


def test_a_features_own_set_leads_its_ranking_and_a_feature_of_noise_has_none(folders, tmp_path):
    folder = run(folders, tmp_path / "ranked-0123456789abcdef", 3, 5, 15)
    frame = folder.read_table(TABLE)
    assert_contract(frame, TABLE)
    best = frame.filter(rank=1)
    assert best["feature"].to_list() == [3, 5, 15]
    assert best["term"].to_list()[:2] == ["set 3", "set 5"]
    assert best["significant"].to_list() == [True, True, False]
    again = run(folders, tmp_path / "again-0123456789abcdef", 3, 5, 15)
    assert again.shards(TABLE)[0].read_bytes() == folder.shards(TABLE)[0].read_bytes()
    alone = run(folders, tmp_path / "alone-0123456789abcdef", 5).read_table(TABLE)
    assert alone["p"].to_list() == frame.filter(feature=5).head(alone.height)["p"].to_list()


def test_a_dead_feature_has_no_row_and_an_unknown_one_is_refused(folders, tmp_path):
    assert run(folders, tmp_path / "ranked-0123456789abcdef", 23).read_table(TABLE).is_empty()
    with pytest.raises(RequestError, match=r"ranked\.features: no feature 99 in layer 2; it has features 0 to 23"):
        run(folders, tmp_path / "other-0123456789abcdef", 99)


def test_settings_that_contradict_themselves_are_refused():
    with pytest.raises(ValueError, match="named twice"):
        RankedSettings(features=({"layer": 1, "feature": 2}, {"layer": 1, "feature": 2}))
    with pytest.raises(ValueError, match="above max_set"):
        RankedSettings(min_set=9, max_set=8)


def test_a_set_of_a_sign_that_no_random_set_has_is_not_found():
    """All scores are positive and few are large: random sets of a hundred genes have a positive ES."""
    sets = {"low": frozenset(SYMBOLS[-100:]), "high": frozenset(SYMBOLS[:100])}
    found = enrich_ranking(random_ranking(0), library(sets), RankedSettings(), 0)
    assert found["p"].is_between(0, 1).all()
    assert found.filter(pl.col("nes").is_null())["p"].to_list() == [1.0] * found["nes"].null_count()
    assert found["nes"].null_count() > 0
