"""Which features are steered: those whose mean activation in a cell rises (ON) or falls (OFF) along the trajectory.

1. d = (mean of late cells - mean of early cells) / pooled deviation, over cells that do nothing else (``roles``).
   ``published`` weights population variances by n - 1 and has a floor of 1e-9.
2. A feature is eligible if it is active in ``min_active`` of these cells, and |d| >= ``min_d``.
3. ON are the ``n_on`` of largest d, OFF the ``n_off`` of smallest.
4. Each has a partner outside the panel, eligible but for d, that is active in about as many cells (``matched``).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tasks.analyses.steering.step import SteeringSettings
from tasks.statistics.matching import matched_neighbours

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
Kind = Literal["ON", "OFF"]
FLOOR, NEIGHBOURS = 1e-9, 5


@dataclass(frozen=True)
class Chosen:
    """A feature of the panel: its place among those of its ``kind`` from 1, and a ``partner`` if there is one."""

    layer: int
    feature: int
    kind: Kind
    rank: int
    d: float
    share_active: float
    partner: int | None


def cohens_d(early: Floats, late: Floats, *, published: bool) -> Floats:
    """Of features: values [n, F] of early and late cells -> [F]; 0 where nothing varies."""
    n_early, n_late = len(early), len(late)
    spare = 0 if published else 1
    squares = (n_early - 1) * early.var(0, ddof=spare) + (n_late - 1) * late.var(0, ddof=spare)
    pooled = np.maximum(np.sqrt(squares / (n_early + n_late - 2)), FLOOR)
    difference: Floats = (late.mean(0) - early.mean(0)) / pooled
    return difference


def choose_panel(settings: SteeringSettings, layer: int, activity: Floats, early: Mask, late: Mask) -> list[Chosen]:
    """ON, then OFF, of ``activity`` [n, F] in the choosing cells, ``early`` and ``late`` [n] among them."""
    d = cohens_d(activity[early], activity[late], published=settings.panel == "published")
    share = (activity > 0).mean(0)
    eligible = (share >= settings.min_active) & (share > 0)
    rising = np.flatnonzero(eligible & (d >= settings.min_d) & (d > 0))
    falling = np.flatnonzero(eligible & (d <= -settings.min_d) & (d < 0))
    ranked: dict[Kind, Ints] = {
        "ON": rising[np.argsort(-d[rising], kind="stable")][: settings.n_on],
        "OFF": falling[np.argsort(d[falling], kind="stable")][: settings.n_off],
    }
    features = np.concatenate([*ranked.values()])
    pool = np.setdiff1d(np.flatnonzero(eligible), features)
    partners = dict(zip(features.tolist(), _partners(features, pool, share, [settings.seed, layer]), strict=True))
    return [
        Chosen(layer, feature, kind, rank, float(d[feature]), float(share[feature]), partners[feature])
        for kind, own in ranked.items()
        for rank, feature in enumerate(own.tolist(), start=1)
    ]


def _partners(features: Ints, pool: Ints, share: Floats, seed: list[int]) -> list[int | None]:
    """One of the features nearest in log share for each, the same one for several only where the pool is small."""
    if not len(pool) or not len(features):
        return [None] * len(features)
    k = min(NEIGHBOURS, len(pool))
    log_share = np.log(np.maximum(share, np.finfo(float).tiny))
    drawn = matched_neighbours(features, pool, log_share, 1, seed, k=k, replace=True)
    return [int(one) for one in drawn[0]]
