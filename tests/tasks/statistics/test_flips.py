"""Sign flips against explicit enumeration of d, and the two ways to p."""

from itertools import product

import numpy as np
import pytest
import torch

from tasks.statistics.flips import SignFlips, count_exceedances, permutation_p, sign_flips
from tasks.statistics.signs import draw_signs, enumerate_signs


def sparse_effects(n: int, targets: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (rng.normal(0.2, 1, (n, targets)) * (rng.random((n, targets)) < 0.6)).astype(np.float32)


def p_of(x: torch.Tensor, flips: SignFlips) -> torch.Tensor:
    exceed = count_exceedances(x, flips)
    n_perm, exact = torch.full_like(exceed, len(flips.signs)), torch.full_like(exceed, flips.exact, dtype=torch.bool)
    return permutation_p(exceed, n_perm, exact)


def d_of(x: np.ndarray) -> np.ndarray:
    sd = x.std(0, ddof=1) if len(x) > 1 else np.zeros(x.shape[1])
    return x.mean(0) / np.maximum(sd, 1e-10)


def slow_exceedances(x: np.ndarray, signs: np.ndarray) -> list[int]:
    """|d| recomputed for every flip, within rounding of the observed one."""
    x = x.astype(np.float64)
    flipped = np.array([np.abs(d_of(s[:, None] * x)) for s in signs])
    return (flipped >= np.abs(d_of(x)) * (1 - 1e-9)).sum(0).tolist()


@pytest.mark.parametrize("n", [2, 3, 5, 8, 10])
def test_comparing_sums_is_comparing_d_over_all_flips(n):
    x = sparse_effects(n, 30)
    every = np.array(list(product([1.0, -1.0], repeat=n)))
    flips = sign_flips(n, 1000, [0])
    assert flips.exact
    assert flips.signs.shape == (2 ** (n - 1), n)
    assert (2 * count_exceedances(torch.from_numpy(x), flips)).tolist() == slow_exceedances(x, every)


def test_comparing_sums_is_comparing_d_over_drawn_flips():
    x = sparse_effects(30, 40)
    flips = sign_flips(30, 600, [1, 2])
    assert not flips.exact
    assert count_exceedances(torch.from_numpy(x), flips).tolist() == slow_exceedances(x, flips.signs.numpy())


def test_p_equals_the_share_of_all_flips():
    x = sparse_effects(6, 12)
    every = np.array(list(product([1.0, -1.0], repeat=6)))
    flips = sign_flips(6, 500, [0])
    p = p_of(torch.from_numpy(x), flips)
    np.testing.assert_allclose(p, np.array(slow_exceedances(x, every)) / 64, rtol=1e-15)


def test_equal_sums_count_although_they_round_apart():
    x = torch.tensor([0.1, 0.2, 0.3, -0.6, 0.7], dtype=torch.float64)[:, None]  # 0.1 + 0.2 + 0.3 - 0.6 is not 0
    assert x.sum().item() != 0.7
    flips = SignFlips(torch.tensor([[-1.0, -1, -1, -1, 1]], dtype=torch.float64), exact=False)
    assert count_exceedances(x, flips).item() == 1


def test_tiles_of_targets_change_no_count(monkeypatch):
    x, flips = torch.from_numpy(sparse_effects(20, 60)), sign_flips(20, 500, [0])
    whole = count_exceedances(x, flips)
    monkeypatch.setattr("tasks.statistics.flips.TILE", 7)
    assert torch.equal(count_exceedances(x, flips), whole)
    assert count_exceedances(x[:, :0], flips).tolist() == []


def test_identity_and_negated_identity_always_count():
    x = torch.from_numpy(sparse_effects(20, 60))
    signs = torch.ones(2, 20, dtype=torch.float64) * torch.tensor([[1.0], [-1.0]])
    assert count_exceedances(x, SignFlips(signs, exact=False)).tolist() == [2] * 60


@pytest.mark.parametrize("n", [2, 5, 6, 7, 10])
def test_the_smallest_p_of_few_cells_is_two_of_all_flips(n):
    """Identity and negated identity reach |d| whatever the effects; none other does if all have one sign."""
    flips = sign_flips(n, 512, [0])
    assert p_of(torch.linspace(1, 2, n)[:, None], flips).item() == 2 / 2**n


def test_more_flips_than_a_byte_counts():
    flips = SignFlips(torch.ones(777, 4, dtype=torch.float64), exact=False)
    assert count_exceedances(torch.ones(4, 3), flips).tolist() == [777] * 3


def test_enumeration_holds_the_identity_and_each_flip_once():
    signs = enumerate_signs(5)
    assert (signs[0] == 1).all()
    assert len(np.unique(signs, axis=0)) == 16
    assert (signs[:, 0] == 1).all()


def test_enumeration_is_chosen_when_half_of_all_flips_fit():
    assert sign_flips(10, 512, [0]).exact
    assert not sign_flips(11, 1000, [0]).exact
    assert sign_flips(11, 1024, [0]).exact


@pytest.mark.parametrize("n", [0, 1])
def test_hardly_any_cells_can_never_be_significant(n):
    flips = sign_flips(n, 500, [0])
    assert p_of(torch.ones(n, 3), flips).tolist() == [1, 1, 1]


def test_p_stays_within_its_range():
    x = np.vstack([sparse_effects(40, 200), sparse_effects(40, 200, 1) + 3])
    flips = sign_flips(80, 500, [3])
    p = p_of(torch.from_numpy(x), flips)
    assert p.min() == pytest.approx(1 / 501)
    assert p.max() <= 1


def test_p_is_uniform_when_there_is_no_effect():
    x = torch.from_numpy(np.random.default_rng(5).normal(size=(25, 4000)))
    p = p_of(x, sign_flips(25, 1000, [9]))
    shares = [(p <= level).double().mean().item() for level in (0.01, 0.05, 0.25, 0.5)]
    assert shares == pytest.approx([0.01, 0.05, 0.25, 0.5], abs=0.025)


def test_drawn_signs_follow_their_seed():
    assert (draw_signs(20, 50, [1, 2]) == draw_signs(20, 50, [1, 2])).all()
    assert (draw_signs(20, 50, [1, 2]) != draw_signs(20, 50, [1, 3])).any()
    assert abs(draw_signs(100, 1000, [0]).mean()) < 0.02
