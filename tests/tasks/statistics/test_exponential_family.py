"""Exponential families on finite supports: means are matched, and no other law of the family is likelier."""

import numpy as np
import pytest

from tasks.statistics.exponential_family import exponential_family


@pytest.mark.parametrize("start", [np.array([0.0, 0.0]), np.array([-3.0, 0.0]), np.array([-1.0, -0.01])])
def test_means_are_matched_wherever_the_search_sets_out(start):
    support = np.arange(1, 400, dtype=float)
    statistics = np.column_stack([np.log(support), support])
    theta, log_p = exponential_family(statistics, np.array([2.5, 20.0]), start)
    law = np.exp(log_p)
    assert law.sum() == pytest.approx(1, abs=1e-9)
    assert law @ statistics == pytest.approx([2.5, 20.0], rel=1e-8)
    raw = statistics @ theta
    assert log_p == pytest.approx(raw - np.log(np.exp(raw).sum()), abs=1e-8)


def test_a_base_measure_is_kept():
    support = np.arange(50, dtype=float)
    base = -0.1 * (support - 10) ** 2
    _, log_p = exponential_family(support[:, None], np.array([12.0]), np.array([0.0]), base)
    assert np.exp(log_p) @ support == pytest.approx(12)
    assert np.diff(log_p, 2) == pytest.approx(np.diff(base, 2), abs=1e-9)
