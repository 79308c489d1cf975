"""Every test keeps its error rate where nothing is planted, and finds what is; what it replaces does not."""

import pytest

from tasks.statistics.proportion import wilson
from tests.builders.calibration import CASES, CONTRASTS, LEVEL, rate

SAMPLES, FEW = 40, 12  # few of what takes a second a sample
SKEWED = 0.09  # what bootstrap intervals of 25 skewed donors miss, instead of 0.05


@pytest.mark.parametrize("name", CASES)
def test_errors_are_as_rare_as_promised_and_planted_effects_are_found(name):
    samples = FEW if "rewired" in name else SAMPLES
    hits, n = rate(CASES[name], samples, 0, planted=False)
    low, _ = wilson(hits, n, 0.999)
    assert low <= (SKEWED if "bootstrap" in name else LEVEL)
    found, n = rate(CASES[name], samples, 0, planted=True)
    assert found / n > 0.5


@pytest.mark.parametrize("name", [name for name in CONTRASTS if "bootstrap" not in name])
def test_what_a_test_replaces_errs(name):
    hits, n = rate(CONTRASTS[name], SAMPLES, 0, planted=False)
    low, _ = wilson(hits, n, 0.999)
    assert low > LEVEL
