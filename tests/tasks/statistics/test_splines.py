"""Natural splines: straight outside their knots, bent within."""

import numpy as np
import pytest

from tasks.statistics.splines import fitted, natural_spline


def test_a_natural_spline_is_straight_outside_and_bends_within():
    x = np.sort(np.random.default_rng(3).normal(size=400))
    columns = natural_spline(x, 4)
    assert columns.shape == (400, 4)
    assert np.abs(columns.mean(0)).max() < 1e-9
    curve = np.sin(1.5 * x)
    line = fitted(curve, (x - x.mean())[:, None])
    assert np.std(curve - fitted(curve, columns)) < np.std(curve - line) / 2
    assert natural_spline(np.ones(5)).shape == (5, 0)
    with pytest.raises(ValueError, match="finite"):
        natural_spline(np.array([0.0, np.nan]))
