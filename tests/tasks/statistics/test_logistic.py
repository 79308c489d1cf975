"""Logistic regression: a simplex finds the same fit, finite differences the same errors."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit

from tasks.statistics.logistic import logistic


def test_logistic_regression_is_the_likeliest():
    rng = np.random.default_rng(2)
    columns = rng.normal(size=(300, 2))
    outcome = rng.random(300) < expit(0.3 + columns @ np.array([0.8, -0.5]))
    found = logistic(outcome, columns)
    design = np.column_stack([np.ones(300), columns])

    def cost(b):
        return np.logaddexp(0, design @ b).sum() - outcome @ (design @ b)

    slow = minimize(cost, np.zeros(3), method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-10}).x
    assert found.coefficients == pytest.approx(slow, abs=1e-5)
    steps = 1e-3 * np.eye(3)
    bent = [
        [cost(slow + a + b) - cost(slow + a - b) - cost(slow - a + b) + cost(slow - a - b) for a in steps]
        for b in steps
    ]
    assert found.errors == pytest.approx(np.sqrt(np.diag(np.linalg.inv(np.array(bent) / 4e-6))), rel=1e-4)
    assert found.p(0) < 1e-4
    assert logistic(columns[:, 0] > 0, columns) is None
    assert logistic(outcome, np.column_stack([columns[:, 0], 2 * columns[:, 0]])) is None
