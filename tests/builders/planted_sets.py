"""Sets of three features whose effects add up exactly but for noise, or that act only together."""

from itertools import combinations

import polars as pl
import torch

from tasks.combine.designed import MeasuredSet, ratio_row
from tasks.combine.sets import Combination, Intervention
from tasks.combine.settings import CombineSettings, DesignSettings
from tasks.combine.tables import stat_frame
from tasks.sae import Sae

SETTINGS = CombineSettings(n_flips=500, fine_flips=500)
DESIGN = DesignSettings(layers=(0, 1, 2), n_draws=99)


def planted_effects(
    seed: int, *, n_cells: int = 100, n_targets: int = 60, noise: float = 0.3, gate: float = 0.0, n_members: int = 3
) -> dict[tuple[int, ...], torch.Tensor]:
    """Effects [n cells, F] of every subset: sums of single ones, and ``noise`` in each that is as likely up as down.

    Single effects are independent, of one sign, with a mean like their spread. ``gate``: what all members together add
    to a third of the targets, and no fewer of them do.
    """
    generator = torch.Generator().manual_seed(seed)
    shape = (n_cells, n_targets)
    singles = [1 + torch.randn(shape, generator=generator) for _ in range(n_members)]
    effects = {}
    for size in range(1, n_members + 1):
        for subset in combinations(range(1, n_members + 1), size):
            joint = torch.stack([singles[number - 1] for number in subset]).sum(0)
            effects[subset] = joint + noise * torch.randn(shape, generator=generator) * (size > 1)
    whole = tuple(range(1, n_members + 1))
    effects[whole][:, : n_targets // 3] += gate
    return effects


def measured(seed: int, **planted: float) -> tuple[MeasuredSet, pl.DataFrame]:
    """A planted set as step combine measured it, and its rows of combination_stat."""
    effects = planted_effects(seed, **planted)
    n_members = len(max(effects, key=len))
    members = tuple(Intervention(layer, 0, 0.0) for layer in range(n_members))
    n_targets = effects[1,].shape[1]
    weights = torch.zeros(1, n_targets)
    target = Sae("L03-planted", "", 3, 1, weights, weights[0], weights.T, weights[0, :1])
    each = Combination(f"set-{seed}", members, drawn=True)
    found = MeasuredSet(seed, each, target, effects)
    return found, stat_frame(each, seed, effects, target, SETTINGS)


def planted_row(seed: int, **planted: float) -> dict:
    """Its row of combination_ratio but for q."""
    found, stats = measured(seed, **planted)
    return ratio_row(SETTINGS, DESIGN, found, stats)
