"""Vuong's test against its formula written out, and what it refuses."""

import math

import numpy as np
import pytest
from scipy.stats import expon, lognorm, norm

from tasks.statistics.vuong import vuong


@pytest.fixture
def fits():
    data = np.random.default_rng(0).lognormal(0, 0.8, 400)
    return lognorm.logpdf(data, *lognorm.fit(data, floc=0)), expon.logpdf(data, *expon.fit(data, floc=0))


def test_equals_the_formula(fits):
    first, second = fits
    d = [a - b for a, b in zip(first, second, strict=True)]
    mean = sum(d) / 400
    omega = math.sqrt(sum((one - mean) ** 2 for one in d) / 400)
    found = vuong(first, second)
    assert found.z == pytest.approx(sum(d) / (omega * 20))
    assert found.p == pytest.approx(math.erfc(abs(sum(d)) / (math.sqrt(2 * 400) * omega)))
    corrected = vuong(first, second, parameters=(2, 1))
    assert corrected.ratio == pytest.approx(sum(d) - math.log(400) / 2)
    assert found.z > corrected.z > 2


def test_models_change_places(fits):
    first, second = fits
    assert vuong(second, first).z == -vuong(first, second).z


def test_units_are_summed(fits):
    first, second = fits
    units = np.arange(400) % 50
    summed = vuong(first, second, units=units)
    d = np.array([(first - second)[units == one].sum() for one in range(50)])
    assert summed.z == pytest.approx(d.mean() / d.std() * np.sqrt(50))
    assert summed.p == pytest.approx(2 * norm.sf(abs(summed.z)))
    assert (summed.n, summed.ratio) == (50, pytest.approx(d.sum()))
    copies = vuong(np.repeat(first, 9), np.repeat(second, 9), units=np.repeat(np.arange(400), 9))
    assert copies.z == pytest.approx(vuong(first, second).z)  # nine copies of a row are no further evidence


def test_models_that_cannot_be_compared_are_refused(fits):
    first, _ = fits
    with pytest.raises(ValueError, match="the same of every observation"):
        vuong(first, first + 0.5)
    with pytest.raises(ValueError, match="finite"):
        vuong(first, np.full(400, -np.inf))
