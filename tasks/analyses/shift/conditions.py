"""Everything that is done to cells: each number of features of each selector, in each way, beside what stands for it.

Arms: ``feature``: the chosen features. ``random``: others that are alike in how often and how strongly they are active
and in the length of their direction, drawn near to each (``tasks.statistics.matching``). ``direction``: the activations
of the chosen features along random directions as long as theirs; this is what any change of the size does.
``covariance``: likewise along directions as the layer's outputs vary. ``reconstruction``: nothing is changed, but what
the autoencoder does not reconstruct is dropped, as published; its codes are those of the cell, or, in mode
``published_together``, those that it has together with others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tasks.analyses.shift.ranking import Choice
from tasks.analyses.shift.step import Mode, Selector, ShiftSettings
from tasks.statistics.matching import CannotMatch, matched_neighbours
from tasks.store import RequestError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CLEAN, FEATURE, RANDOM, RECONSTRUCTION = "clean", "feature", "random", "reconstruction"
DIRECTION, COVARIANCE = "direction", "covariance"
ALONG = (DIRECTION, COVARIANCE)  # arms that put other directions in the place of the features' own
NEAREST = 20  # features that a random one is drawn from, more where they are taken
MATCHING = 1  # stream of the seed


@dataclass(frozen=True)
class Condition:
    """One setting; ``draw`` numbers random sets and directions from 1; no ``features``: nothing is changed."""

    selector: Selector | Literal["none"]
    arm: str
    draw: int
    mode: Mode
    value: float
    features: tuple[int, ...]

    @property
    def name(self) -> str:
        """What tables and files call it."""
        if not self.features:
            return f"{self.arm}_together" if self.mode == "published_together" else self.arm
        drawn = "" if self.arm == FEATURE else f"_{self.arm}{self.draw}"
        return f"{self.selector}_{self.mode}{self.value:g}_n{len(self.features)}{drawn}"


@dataclass(frozen=True)
class Traits:
    """What random features are matched on, and units of clamping: each [F]; NaN where a feature is never active."""

    frequency: Floats
    mean: Floats
    ceiling: Floats
    norm: Floats
    n_cells: Ints

    def covariates(self) -> Floats:
        """[F, 3]; what never fires is far from all."""
        with np.errstate(divide="ignore", invalid="ignore"):
            table = np.stack([np.log10(self.frequency), np.log10(self.mean), self.norm], axis=1)
        return np.where(np.isfinite(table), table, -99.0)


def all_conditions(settings: ShiftSettings, choices: Sequence[Choice], traits: Traits) -> list[Condition]:
    """The clean embedding first. Where a selector found fewer features than are asked for, all of them are changed.

    Raises RequestError if there are too few features to draw random ones from.
    """
    found = [
        Condition("none", CLEAN, 0, "scale", 1.0, ()),
        Condition("none", RECONSTRUCTION, 0, "published", 0.0, ()),
    ]
    if settings.published_together:
        found.append(Condition("none", RECONSTRUCTION, 0, "published_together", 0.0, ()))
    for choice in choices:
        random = random_features(settings, choice, traits)
        for mode, value in settings.changes:
            for n in sorted({min(n, len(choice.features)) for n in settings.n_features}):
                own = tuple(choice.features[:n])
                found.append(Condition(choice.selector, FEATURE, 0, mode, value, own))
                found += [
                    Condition(choice.selector, RANDOM, draw, mode, value, tuple(drawn[:n].tolist()))
                    for draw, drawn in enumerate(random, start=1)
                ]
                found += [
                    Condition(choice.selector, arm, draw, mode, value, own)
                    for arm in ALONG
                    for draw in range(1, settings.n_directions + 1)
                ]
    return found


def random_features(settings: ShiftSettings, choice: Choice, traits: Traits) -> Ints:
    """Features [n_random, n], column i alike to the i-th chosen one; a smaller number of features takes the first.

    Raises RequestError if fewer features are left than were chosen.
    """
    chosen = np.array(choice.features, dtype=np.int64)
    alive = np.flatnonzero(traits.n_cells >= settings.min_cells)
    pool = np.setdiff1d(alive, chosen)
    if settings.n_random and len(pool) < len(chosen):
        raise RequestError(
            f"shift.n_features: {len(chosen)} features are chosen by {choice.selector}, and {len(pool)} others are "
            f"active in {settings.min_cells} cells to draw random ones from: change fewer, or set shift.n_random = 0"
        )
    if not settings.n_random:
        return np.empty((0, len(chosen)), dtype=np.int64)
    seed, k = [settings.seed, MATCHING, *map(ord, choice.selector)], min(NEAREST, len(pool))
    while True:
        try:
            return matched_neighbours(chosen, pool, traits.covariates(), settings.n_random, seed, k=k)
        except CannotMatch:
            if k == len(pool):
                raise
            k = min(2 * k, len(pool))
