"""Arms: hubs are the top, matches are as near as they can be, and the published arms come out of published files."""

import json
from itertools import permutations

import numpy as np
import polars as pl
import pytest

from tasks.analyses.damage.arms import choose_arms
from tasks.statistics.matching import CannotMatch, nearest_pairs
from tasks.store import RequestError
from tests.shared import shared_path


def features(n=60, seed=0):
    rng = np.random.default_rng(seed)
    columns = {"feature": np.arange(n) * 2, "degree": rng.integers(0, 90, n), "frequency": 10 ** rng.uniform(-3, -1, n)}
    return pl.DataFrame(columns)


def test_hubs_are_the_top_and_no_feature_is_in_two_arms():
    known = features()
    arms = choose_arms(known, 10, 0.3, [0])
    assert arms.hubs == known.sort("degree", "feature", descending=[True, False])["feature"].head(10).to_list()
    every = [each for own in arms.features.values() for each in own.values()]
    assert len(set(every)) == len(every) > 20
    assert [len(own) for own in arms.features.values()][:2] == [10, 10]


def test_a_match_fires_as_often_and_stands_at_the_place_of_its_hub():
    known = features()
    arms, frequency = choose_arms(known, 10, 0.1, [0]), dict(known.select("feature", "frequency").iter_rows())
    assert 0 < len(arms.matched) <= 10
    for place, match in arms.features["matched"].items():
        hub = arms.features["hub"][place]
        assert arms.matched[hub] == match
        assert abs(np.log10(frequency[hub] / frequency[match])) <= 0.1


def test_nearest_pairs_are_the_best_of_all_pairings():
    rng = np.random.default_rng(1)
    for _ in range(10):
        values = rng.normal(size=9)
        chosen, pool = np.array([2, 0, 5]), np.array([1, 3, 4, 6, 7, 8])
        found = nearest_pairs(chosen, pool, values)
        best = min(np.abs(values[chosen] - values[list(each)]).sum() for each in permutations(pool, 3))
        assert np.abs(values[chosen] - values[found]).sum() == pytest.approx(best)
        assert len(set(found)) == 3
    with pytest.raises(CannotMatch, match="2 items to draw from hold no partners of 3"):
        nearest_pairs(chosen, pool[:2], values)


def test_more_features_than_there_are_is_refused_in_one_line():
    message = r"damage\.n_features: three arms of 21 features need 63, and 60 sources fire: set it to 20 or less"
    with pytest.raises(RequestError, match=message) as refused:
        choose_arms(features(), 21, 0.1, [0])
    assert len(str(refused.value).splitlines()) == 1


def test_hubs_that_nothing_fires_like_have_no_match():
    assert choose_arms(features(), 5, 1e-12, [0]).features["matched"] == {}


def test_the_published_arms():
    """Hubs of the exhaustive map, frequencies of the atlas: medians of 50 hubs, of matches, of random features.

    Degrees of 897 features are deposited, the hubs among them: the others count as having none here.
    """
    layer = json.loads(shared_path("published/geneformer_atlas/layer_05_features.json").read_text())
    degrees = json.loads(shared_path("published/exhaustive_map/edges_raw.json").read_text())
    rows = [(row["i"], degrees.get(str(row["i"]), 0), row["f"]) for row in layer if row["f"] >= 0.001]
    known = pl.DataFrame(rows, schema=["feature", "degree", "frequency"], orient="row").sort("feature")
    assert known.height == 4065
    arms = choose_arms(known, 50, 0.1, [0])
    by_arm = {arm: known.filter(pl.col("feature").is_in(list(own.values()))) for arm, own in arms.features.items()}
    assert by_arm["hub"]["degree"].median() == 1255.5
    assert len(arms.matched) == 50
    for arm in ("hub", "matched"):
        assert by_arm[arm]["frequency"].median() == pytest.approx(0.0254, abs=5e-5)
    assert by_arm["random"]["frequency"].median() == pytest.approx(0.0047, abs=0.0015)  # published: another draw
