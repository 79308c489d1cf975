"""What sign flips make of a source's effects: pairs that pass a rule, their signs, and sizes.

Under the null, a case's effect is as likely +x as -x. Flipped, the published rule passes more negative effects than
positive ones wherever many cases have no effect: it counts these as negative. That share is what a share of negative
edges must be held against; of the other rules it is one half.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tasks.statistics.flips import TILE
from tasks.statistics.moments import moments
from tasks.statistics.signs import draw_signs
from tasks.trace.significance.null import Signed, flipped, grid_counts
from tasks.trace.significance.pair_tests import FeatureEffects, as_stored
from tasks.trace.significance.rules import Rule

Floats = NDArray[np.float64]
SIZES = (0.1, 0.2, 0.3, 0.5, 0.8, 1.0, 1.5, 2.0, 3.0, 5.0)  # of |d|


@dataclass(frozen=True)
class Counts:
    """Of one source or several, by rule [R] and target layer [L]; of flips, means over flips.

    ``passing`` [R, L]: pairs that pass a rule, q apart; ``negative`` [R, L]: those of them with a negative mean;
    ``above`` [L, K]: pairs with |d| above each of SIZES; ``grid`` [30]: pairs that pass the published rule's effect and
    agreement at each pair of thresholds of threshold_sweep.
    """

    passing: Floats
    negative: Floats
    above: Floats
    grid: Floats

    def __add__(self, other: "Counts") -> "Counts":
        mine, others = vars(self), vars(other)
        return Counts(**{name: mine[name] + others[name] for name in mine})


def nothing(n_rules: int, n_layers: int) -> Counts:
    """No counts yet."""
    return Counts(
        np.zeros((n_rules, n_layers)), np.zeros((n_rules, n_layers)), np.zeros((n_layers, len(SIZES))), np.zeros(30)
    )


def observed_counts(part: FeatureEffects, layers: list[int], rules: list[Rule]) -> Counts:
    """Counts of the effects as they are."""
    return _counted(as_stored(moments(part.values)), _places(part, layers), len(layers), rules)


def flipped_counts(part: FeatureEffects, layers: list[int], rules: list[Rule], n_flips: int, seed: list[int]) -> Counts:
    """Mean counts over ``n_flips`` random signs of the source's cases."""
    signs = torch.from_numpy(draw_signs(len(part.values), n_flips, seed))
    found, place = nothing(len(rules), len(layers)), _places(part, layers)
    for start in range(0, part.values.shape[1], TILE):
        tile = slice(start, start + TILE)
        found += _counted(flipped(part.values[:, tile], signs), place[tile], len(layers), rules)
    return found


def _places(part: FeatureEffects, layers: list[int]) -> NDArray[np.int64]:
    return np.searchsorted(np.array(layers), part.layers)


def _counted(stat: Signed, place: NDArray[np.int64], n_layers: int, rules: list[Rule]) -> Counts:
    """Means over the rows of ``stat`` [B, T]; ``place`` [T]: the layer of each target."""
    n_rows = len(stat.d)

    def by_layer(marked: Tensor) -> Floats:
        counts = marked.sum(0).double().cpu().numpy() / n_rows
        found: Floats = np.bincount(place, counts, minlength=n_layers).astype(np.float64)
        return found

    passes = [rule.passes(stat.g if rule.symmetric else stat.d, stat.n_pos, stat.n_neg, stat.n) for rule in rules]
    (published,) = [rule for rule in rules if not rule.symmetric]
    size = stat.d.double().abs()
    return Counts(
        np.array([by_layer(each) for each in passes]),
        np.array([by_layer(each & (stat.d < 0)) for each in passes]),
        np.array([by_layer(size > least) for least in SIZES]).T,
        grid_counts(stat, published.nonzero_min, symmetric=False).flatten().double().cpu().numpy() / n_rows,
    )
