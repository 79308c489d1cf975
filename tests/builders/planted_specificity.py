"""Effects of features, of directions drawn anew for every cell, and of decoys, on targets that are known.

A target of kind ``own`` answers its feature alone: by +-1 in every cell, by a normal number 0.1 times as large to any
other direction. ``size`` answers any displacement by the same amount; ``direction`` any by a normal number that is the
same in all cells; ``null`` by a sign of its own in every cell, ten times as much for the feature. Kinds with ``some``
answer in seven of twelve cells. All differ by a third from cell to cell.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from tasks.statistics import benjamini_hochberg
from tasks.statistics.moments import moments
from tasks.statistics.permutation import permute
from tasks.trace.settings import TraceSettings
from tasks.trace.significance.pair_tests import as_stored
from tasks.trace.significance.rules import flip_rules
from tasks.trace.significance.specific import DecoyNull, beyond, joint_p, least_spread, null_share

SETTINGS = TraceSettings()
RULES = flip_rules(SETTINGS)
OTHERS = {"size": 8, "direction": 12, "direction some": 8, "null": 12}  # what is no feature's own
REACH = {"own": 0.1, "null": 0.1, "direction": 1.0}  # of other displacements; their spread between cells is known


@dataclass(frozen=True)
class World:
    """``counts`` of targets of a source by kind; ``own`` ones are the truth. Companions are in ``m`` of the cells."""

    counts: tuple[tuple[str, int], ...]
    n_sources: int = 32
    n_cells: int = 24
    m: int = 16
    n_decoys: int = 2
    fine_flips: int = 4000

    @property
    def kinds(self) -> np.ndarray:
        return np.repeat([kind for kind, _ in self.counts], [count for _, count in self.counts])


def rare(share: float, n_targets: int = 300, n_sources: int = 16, **world: int) -> World:
    """A world in which this ``share`` of the pairs is true, a third of them in some cells only."""
    true, total = round(share * n_targets), sum(OTHERS.values())
    some = true // 3
    counts = {"own": true - some, "own some": some}
    counts |= {kind: round(n * (n_targets - true) / total) for kind, n in OTHERS.items()}
    return World(tuple(counts.items()), n_sources=n_sources, **{"fine_flips": SETTINGS.fine_flips, **world})


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


def known_excess(world: World, own: np.ndarray) -> np.ndarray:
    """What excess would be if the law of other displacements were known: no companion is needed."""
    base = [kind.removesuffix(" some") for kind in world.kinds]
    mean = own.sum(0) / np.maximum((own != 0).sum(0), 1)
    centre = np.where(np.array(base) == "size", 1.0, 0.0)
    spread = np.array([0.3 if kind == "size" else REACH[kind] * 1.09**0.5 for kind in base])
    return np.maximum(np.abs(mean) - centre, 0) / spread


def judged(world: World, seed: int) -> dict[str, Any]:
    """Calls by rule, bool [sources * targets], and the truth.

    ``doubled``: as specific, but counting every pair for one where nothing happens (2 max(p, p_control)), as trace 4
    did. ``oracle``: as specific, but for ``known_excess``.
    """
    rng, kinds = np.random.default_rng(seed), world.kinds
    shape, far = (world.n_cells, len(kinds)), {"excess": [], "known": []}
    rows: dict[str, list[np.ndarray]] = {name: [] for name in ("p", "excess", "known", "published", "calibrated")}
    for source in range(world.n_sources):
        sign = rng.choice([-1.0, 1.0], len(kinds))
        some = np.char.endswith(kinds, "some")
        present = np.where(some, rng.random(shape) < 7 / 12, 1.0)
        cells = rng.permutation(world.n_cells)[: world.m]
        beside = torch.from_numpy(effects(world, rng, "companion", present, sign)[cells])
        least = torch.full((len(kinds),), least_spread(beside))
        for what in ("feature", *["decoy"] * world.n_decoys):
            own = effects(world, rng, what, present, sign)
            out = beyond(torch.from_numpy(own[cells]), beside, least).excess.float().numpy(), known_excess(world, own)
            passes = [_passes(own, rule) for rule in RULES]
            if what == "decoy":
                for name, value in zip(far, out, strict=True):
                    far[name].append(value[passes[1]])
                continue
            p = permute(torch.from_numpy(own), SETTINGS.n_flips, world.fine_flips, [seed, source]).p.numpy()
            for name, value in zip(rows, (p, *out, *passes), strict=True):
                rows[name].append(value)
    found = {name: np.concatenate(value) for name, value in rows.items()}
    truth = np.tile(np.char.startswith(kinds, "own"), world.n_sources)
    nulls = {
        name: DecoyNull(np.sort(np.concatenate(value)), world.n_decoys * len(truth)) for name, value in far.items()
    }
    return {"calls": _calls(found, nulls), "truth": truth, "some": np.tile(some, world.n_sources)}


def _calls(found: dict[str, np.ndarray], nulls: dict[str, DecoyNull]) -> dict[str, np.ndarray]:
    p, passes = found["p"], found["calibrated"].astype(bool)
    control = {name: np.where(passes, null.p(found[name]), 1.0) for name, null in nulls.items()}
    share = null_share(int((p > 0.5).sum()), len(p))
    joint = {
        "calibrated": p,
        "doubled": joint_p(p, control["excess"], 1.0),
        "specific": joint_p(p, control["excess"], share),
        "oracle": joint_p(p, control["known"], share),
    }
    called = {rule: passes & (benjamini_hochberg(each) <= SETTINGS.q_max) for rule, each in joint.items()}
    return {"published": found["published"].astype(bool), **called}


def _passes(own: np.ndarray, rule: Any) -> np.ndarray:
    found = as_stored(moments(torch.from_numpy(own)))
    effect = found.g if rule.symmetric else found.d
    passed: np.ndarray = rule.passes(effect, found.n_pos, found.n_neg, found.n)[0].numpy()
    return passed
