"""Moments against numpy, and the cases with hardly any cells."""

import numpy as np
import pytest
import torch

from tasks.statistics.moments import hedges_factor, moments


def test_moments_are_those_of_numpy():
    x = np.random.default_rng(0).normal(0.3, 1, (20, 7)) * np.random.default_rng(1).integers(0, 2, (20, 7))
    found = moments(torch.from_numpy(x))
    mean, sd = x.mean(0), x.std(0, ddof=1)
    np.testing.assert_allclose(found.mean, mean, rtol=1e-12)
    np.testing.assert_allclose(found.sd, sd, rtol=1e-12)
    np.testing.assert_allclose(found.d, mean / sd, rtol=1e-12)
    np.testing.assert_allclose(found.g, mean / sd * (1 - 3 / 75), rtol=1e-12)
    assert found.n_pos.tolist() == (x > 0).sum(0).tolist()
    assert found.n_neg.tolist() == (x < 0).sum(0).tolist()


def test_hedges_factor_at_twenty_cells_is_ninety_six_hundredths():
    assert hedges_factor(20) == pytest.approx(0.96, abs=1e-15)


def test_without_cells_everything_is_zero():
    found = moments(torch.empty(0, 3))
    assert found.mean.tolist() == found.sd.tolist() == found.d.tolist() == found.g.tolist() == [0, 0, 0]
    assert found.n_pos.tolist() == found.n_neg.tolist() == [0, 0, 0]


def test_one_cell_has_a_mean_but_no_effect_size():
    found = moments(torch.tensor([[2.0, -1.0]]))
    assert found.mean.tolist() == [2.0, -1.0]
    assert found.d.tolist() == found.g.tolist() == found.sd.tolist() == [0, 0]


def test_two_cells_have_a_d_but_no_g():
    found = moments(torch.tensor([[1.0], [3.0]]))
    assert found.d.item() == pytest.approx(2 / 2**0.5)
    assert found.g.item() == 0


def test_all_zeros_have_no_effect():
    found = moments(torch.zeros(5, 2))
    assert found.d.tolist() == [0, 0]
    assert found.sd.tolist() == [0, 0]


def test_all_equal_effects_meet_the_floor_of_the_deviation():
    found = moments(torch.full((20, 1), 0.1))
    assert found.sd.item() == 0
    assert found.d.item() == pytest.approx(0.1 / 1e-10, rel=1e-6)


def test_a_large_mean_costs_no_digits_of_the_deviation():
    x = torch.tensor([1e6, 1e6 + 1, 1e6 + 2], dtype=torch.float64)[:, None]
    assert moments(x).sd.item() == pytest.approx(1.0, rel=1e-9)
