"""Families against scipy's correction of each by itself, implicit members written out."""

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from tasks.statistics.families import family, in_families


def test_each_family_is_corrected_by_itself():
    rng = np.random.default_rng(0)
    names, p = rng.choice(["L1", "L2", "L10"], 200), rng.uniform(size=200) ** 3
    sizes = {"L1": 500, "L2": 120, "L10": 90, "L7": 4}
    found = in_families(names.tolist(), "a feature's genes are no more in a set than others", p, sizes)
    assert list(found.families) == ["L1", "L10", "L2", "L7"]
    for name in ("L1", "L2", "L10"):
        own = names == name
        full = np.concatenate([p[own], np.ones(sizes[name] - own.sum())])
        np.testing.assert_allclose(found.q[own], false_discovery_control(full)[: own.sum()], rtol=1e-13)
        np.testing.assert_array_equal(found.families[name].q, found.q[own])
        assert found.families[name].rejected(0.1).sum() == (found.q[own] <= 0.1).sum()
    assert (found.families["L7"].n_tests, found.families["L7"].q.size) == (4, 0)


def test_sizes_default_to_what_was_computed():
    found = in_families(["a", "b", "a"], "h", np.array([0.01, 0.02, 0.04]))
    np.testing.assert_allclose(found.q, [0.02, 0.02, 0.04])


def test_a_family_says_what_it_is():
    one = family("layer 3", "degree and term are independent", np.array([0.001, 0.5]), 5117)
    assert str(one) == (
        "layer 3: degree and term are independent; 5,117 tests, 5,115 of them with p = 1 not written out"
    )


@pytest.mark.parametrize(
    ("n_tests", "smallest_p", "wanted"),
    [(512, 1 / 1000, 11), (192, 1 / 1000, 4), (4928, 1 / 1000, 99), (4928, 1 / 20_000, 5), (3, 1 / 1000, 1)],
)
def test_how_many_must_reach_the_floor(n_tests, smallest_p, wanted):
    """Golden numbers of 999 and 19,999 flips; one rejection fewer must be impossible by the procedure itself."""
    assert family("f", "h", np.ones(1), n_tests).min_rejections(smallest_p) == wanted
    at_floor = family("f", "h", np.full(wanted, smallest_p), n_tests)
    assert at_floor.rejected().all()
    assert not family("f", "h", np.full(wanted - 1, smallest_p), n_tests).rejected().any()


def test_families_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="3 tests need as many families, not 1"):
        in_families(["a"], "h", np.ones(3))
    with pytest.raises(ValueError, match="how many tests has family b"):
        in_families(["a", "b"], "h", np.ones(2), {"a": 4})
    with pytest.raises(ValueError, match="cannot hold 2"):
        in_families(["a", "a"], "h", np.ones(2), {"a": 1})
