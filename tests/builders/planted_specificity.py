"""Effects of features, of directions drawn anew for every cell, and of decoys, on targets that are known.

A target of kind ``own`` answers its feature alone: by +-1 in every cell, by a normal number 0.1 times as large to any
other direction. ``size`` answers any displacement by the same amount; ``direction`` any by a normal number that is the
same in all cells; ``null`` by a sign of its own in every cell, ten times as much for the feature. Kinds with ``some``
answer in seven of twelve cells. All differ by a third from cell to cell.
"""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from tasks.statistics import benjamini_hochberg
from tasks.statistics.moments import moments
from tasks.trace.settings import TraceSettings
from tasks.trace.significance.pair_tests import as_stored
from tasks.trace.significance.rules import flip_rules
from tasks.trace.significance.specific import DecoyNull, beyond, joint_p, least_spread

RULES = flip_rules(TraceSettings())
FLIPS = 1000


@dataclass(frozen=True)
class World:
    """``counts`` of targets of a source by kind; ``own`` ones are the truth."""

    counts: tuple[tuple[str, int], ...]
    n_sources: int = 32
    n_cells: int = 24
    m: int = 16

    @property
    def kinds(self) -> np.ndarray:
        return np.repeat([kind for kind, _ in self.counts], [count for _, count in self.counts])


def effects(world: World, rng: np.random.Generator, what: str, present: np.ndarray, sign: np.ndarray) -> np.ndarray:
    """Effects [cells, targets]; ``what``: feature, companion (a direction a cell) or decoy (one for all cells)."""
    kinds, shape = world.kinds, present.shape
    base = np.array([kind.removesuffix(" some") for kind in kinds])
    drawn = rng.standard_normal((shape[0] if what == "companion" else 1, shape[1])) * np.ones(shape)
    noise = 1 + 0.3 * rng.standard_normal(shape)
    is_feature = what == "feature"
    found = {
        "own": (sign if is_feature else 0.1 * drawn) * noise,
        "size": sign * noise,
        "direction": drawn * noise,
        "null": rng.standard_normal(shape) * (1.0 if is_feature else 0.1),
    }
    return present * np.select([base == kind for kind in found], list(found.values()))


def judged(world: World, seed: int) -> dict[str, Any]:
    """Calls by rule, bool [sources * targets], the truth and p_control beside them."""
    rng, kinds = np.random.default_rng(seed), world.kinds
    shape = (world.n_cells, len(kinds))
    signs = rng.choice([-1.0, 1.0], (FLIPS, world.n_cells))
    rows: dict[str, list[np.ndarray]] = {name: [] for name in ("p", "excess", "published", "calibrated")}
    far = []
    for _ in range(world.n_sources):
        sign = rng.choice([-1.0, 1.0], len(kinds))
        some = np.char.endswith(kinds, "some")
        present = np.where(some, rng.random(shape) < 7 / 12, 1.0)
        cells = rng.permutation(world.n_cells)[: world.m]
        beside = torch.from_numpy(effects(world, rng, "companion", present, sign)[cells])
        least = torch.full((len(kinds),), least_spread(beside))
        for what in ("feature", "decoy", "decoy"):
            own = effects(world, rng, what, present, sign)
            out = beyond(torch.from_numpy(own[cells]), beside, least).excess.float().numpy()
            passes = [_passes(own, rule) for rule in RULES]
            if what == "decoy":
                far.append(out[passes[1]])
                continue
            p = (1 + (np.abs(signs @ own) >= np.abs(own.sum(0)) * (1 - 1e-9)).sum(0)) / (1 + FLIPS)
            for name, value in zip(rows, (p, out, *passes), strict=True):
                rows[name].append(value)
    found = SimpleNamespace(**{name: np.concatenate(value) for name, value in rows.items()})
    null = DecoyNull(np.sort(np.concatenate(far)), 2 * len(found.p))
    p_control = np.where(found.calibrated, null.p(found.excess), 1.0)
    truth = np.tile(np.char.startswith(kinds, "own"), world.n_sources)
    specific = found.calibrated & (benjamini_hochberg(joint_p(found.p, p_control)) <= 0.05)
    calibrated = found.calibrated & (benjamini_hochberg(found.p) <= 0.05)
    calls = {"published": found.published, "calibrated": calibrated, "specific": specific}
    return {"calls": calls, "truth": truth, "some": np.tile(np.char.endswith(kinds, "some"), world.n_sources)}


def _passes(own: np.ndarray, rule: Any) -> np.ndarray:
    found = as_stored(moments(torch.from_numpy(own)))
    effect = found.g if rule.symmetric else found.d
    passed: np.ndarray = rule.passes(effect, found.n_pos, found.n_neg, found.n)[0].numpy()
    return passed
