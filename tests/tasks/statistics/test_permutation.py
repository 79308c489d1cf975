"""Coarse and fine permutation tests against each part alone, and the validity of what they make together."""

import numpy as np
import pytest
import torch

from tasks.statistics import permutation
from tasks.statistics.flips import SignFlips, count_exceedances, sign_flips
from tasks.statistics.permutation import RARE, permute
from tasks.statistics.signs import draw_signs


def effects(n: int, targets: int, shift: float, seed: int = 0) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).normal(shift, 1, (n, targets)))


def test_common_targets_keep_the_coarse_test_and_rare_ones_get_the_fine():
    x = torch.cat([effects(20, 300, 0.0), effects(20, 300, 0.8, 1)], dim=1)
    found = permute(x, 500, 3500, [4])
    coarse = count_exceedances(x, sign_flips(20, 500, [4]))
    chunks = [draw_signs(20, size, [4, 1, number]) for number, size in enumerate([1000, 1000, 1000, 500])]
    fine = count_exceedances(x, SignFlips(torch.from_numpy(np.concatenate(chunks)), exact=False))
    rare = coarse < RARE
    assert 100 < int(rare.sum()) < 500
    assert torch.equal(found.exceed, torch.where(rare, fine, coarse))
    assert torch.equal(found.n_perm, torch.where(rare, 3500, 500))
    assert not found.exact.any()
    assert torch.equal(found.p, (1 + found.exceed.double()) / (1 + found.n_perm.double()))


def test_a_rare_target_is_enumerated_if_the_fine_flips_suffice():
    x = torch.cat([effects(12, 50, 0.0), effects(12, 50, 3.0, 1)], dim=1)
    found = permute(x, 500, 2048, [0])
    whole = count_exceedances(x, sign_flips(12, 2048, [0]))
    assert found.exact[50:].all()
    assert not found.exact[:50].all()
    assert torch.equal(found.exceed[found.exact], whole[found.exact])
    assert found.p[50:].min() == pytest.approx(1 / 2048)


def test_nothing_is_left_to_refine_when_all_flips_were_enumerated(monkeypatch):
    monkeypatch.setattr(permutation, "_fine_flips", lambda *_: pytest.fail("flipped again"))
    assert permute(effects(6, 40, 2.0), 500, 5000, [0]).exact.all()


def test_no_target_is_no_test():
    assert permute(effects(20, 0, 0.0), 500, 1000, [0]).p.tolist() == []


def test_each_feature_alone_gives_the_same():
    """Neither which targets stand beside it nor how many are rare changes a test."""
    x = effects(20, 40, 0.7)
    together = permute(x, 500, 3000, [2])
    apart = [permute(x[:, [at]], 500, 3000, [2]) for at in range(40)]
    assert torch.equal(together.p, torch.cat([each.p for each in apart]))


def test_under_the_null_no_level_is_met_too_often():
    """4,000 targets under each of 20 sign matrices; levels on both sides of where the fine test takes over."""
    p = torch.cat([permute(effects(16, 4000, 0.0, seed), 500, 5000, [seed]).p for seed in range(20)])
    for level in (0.0005, 0.001, 0.005, 0.01, 0.02, 11 / 501, 0.05, 0.2):
        assert (p <= level).double().mean().item() <= level + 4 * (level / len(p)) ** 0.5 + 0.05 * level


def test_a_rare_effect_is_told_from_chance_among_many():
    """The smallest coarse p is too large for Benjamini-Hochberg over 100,000 tests, the fine one is not."""
    clear = torch.linspace(1.0, 1.2, 20)[:, None].double()
    found = permute(clear, 1000, 20_000, [0])
    assert found.p.item() == pytest.approx(1 / 20_001)
    assert found.p.item() * 100_000 / 100 <= 0.05 < 100_000 / 100 / 1001
