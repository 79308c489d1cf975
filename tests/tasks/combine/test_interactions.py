"""Interactions: zero where effects add up, of the right sign where they do not."""

from itertools import combinations

import pytest
import torch

from tasks.combine.interactions import interaction


def all_subsets(n):
    return [subset for size in range(1, n + 1) for subset in combinations(range(1, n + 1), size)]


def additive(singles):
    """Effects of every subset as sums of single ones [m, n, F]."""
    return {subset: sum(singles[number - 1] for number in subset) for subset in all_subsets(len(singles))}


@pytest.mark.parametrize("n_members", [2, 3, 4])
def test_effects_that_add_up_do_not_interact(n_members):
    singles = torch.randn(n_members, 20, 50, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    effects = {subset: values.float() for subset, values in additive(singles).items()}
    for subset in all_subsets(n_members)[n_members:]:
        found = interaction(effects, subset, 1e-6)
        assert found.dtype == torch.float32
        assert found.abs().max() <= 3e-6


def test_a_ratio_of_standardised_effects_would_call_them_redundant():
    """d of a sum of two independent effects of equal d is 1 / sqrt(2) of the sum of both d."""
    a, b = 1 + torch.randn(2, 200_000, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    d = [(each.mean() / each.std()).item() for each in (a, b, a + b)]
    assert d[2] / (d[0] + d[1]) == pytest.approx(2**-0.5, abs=0.01)
    found = interaction({(1,): a[:, None], (2,): b[:, None], (1, 2): (a + b)[:, None]}, (1, 2), 1e-6)
    assert not found.any()


def test_pairs_and_triplets_are_inclusion_and_exclusion():
    effects = {
        subset: torch.randn(4, 6, generator=torch.Generator().manual_seed(len(subset))) for subset in all_subsets(3)
    }
    e = {subset: values.double() for subset, values in effects.items()}
    pair = e[1, 3] - e[1,] - e[3,]
    torch.testing.assert_close(interaction(effects, (1, 3), 0.0), pair.float(), rtol=0, atol=0)
    triple = e[1, 2, 3] - e[1, 2] - e[1, 3] - e[2, 3] + e[1,] + e[2,] + e[3,]
    torch.testing.assert_close(interaction(effects, (1, 2, 3), 0.0).double(), triple, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(("joint", "sign"), [(1.5, 1), (0.6, -1)])
def test_more_and_less_than_the_sum(joint, sign):
    single = torch.full((5, 1), 0.5)
    found = interaction({(1,): single, (2,): single, (1, 2): torch.full((5, 1), joint)}, (1, 2), 1e-6)
    assert (found.sign() == sign).all()
    assert found[0].item() == pytest.approx(joint - 1)


def test_rounding_of_the_parts_is_no_interaction():
    """Each of the three effects may be off by a floor."""
    parts = {(1,): torch.tensor([[0.1]]), (2,): torch.tensor([[0.2]]), (1, 2): torch.tensor([[0.3 + 2.5e-6]])}
    assert interaction(parts, (1, 2), 1e-6).item() == 0
    assert interaction(parts, (1, 2), 1e-7).item() != 0
