"""Does a feature do more to a target than other displacements of the same size at the same positions?

1. Companions: in some of the source's cells, the same positions are displaced by the same amounts along a direction
   drawn anew for every cell. They say what any displacement there does to a target.
2. Over the k of these cells where the feature has an effect: its mean effect e, the companions' mean c and standard
   deviation s. How far e lies beyond them, on its own side of zero, is

       t = sign(e) (e - c) / sqrt(s^2 (1 + 1/k) + s0^2),   excess = normal score of t with k - 1 degrees of freedom,

   s0 the companions' deviation that a tenth of the targets of the layer stay below: without it, a target that no
   companion happened to move would stand infinitely far out at any effect (Tusher, Tibshirani & Chu 2001). The score
   (Wallace 1959) makes excesses over few and over many cells comparable.
3. Decoys: fixed control directions take the place of a sample of the features (``trace_control``: random_direction and
   covariance_matched). Their effects in all cells are held against the same companions. Their pairs that pass the
   calibrated rule's effect and agreement with as large an excess, over the pairs of as many features that could be an
   edge (step 4), is p_control. It takes nothing for granted about how effects of a random direction are distributed or
   agree between cells.
4. q_specific is Benjamini-Hochberg of

       P = 2 max(pi0 p, p_control),

   p being that of the sign flips, over the M pairs of two layers with enough cases with an effect to be an edge: sign
   flips leave that number as it is, so that it chooses pairs without a look at their p. An edge can be false in two
   ways. Nothing happens: of pi0 M such pairs, P <= a asks for p <= a / (2 pi0), so a M / 2 are met on average. Or
   anything would do as much: decoys count how many of M pairs are, again a M / 2. Both together are a M, as the
   procedure wants it. pi0 = (1 + number of p above 1/2) / (M / 2), at most 1 (Storey 2002): where most targets answer
   anything, few are left where nothing happens, and to count all pairs for these costs half of the power. p_control
   is 1 where a pair fails the rule or has no companions. q_specific is never below q: specific edges are calibrated.

Companions alone would not do: directions that differ from cell to cell show how far one reaches, not how often one
passes the rule. Nor would decoys alone: they do not know which targets answer everything.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

LOW = 0.1  # of the targets that some companion moves, those whose spread stays below s0


@dataclass(frozen=True)
class Beyond:
    """Of T targets: ``n`` int64 cells k; ``mean``, ``sd`` of the companions there and ``excess``, float64; all [T]."""

    n: Tensor
    mean: Tensor
    sd: Tensor
    excess: Tensor


def beyond(own: Tensor, companions: Tensor, least: Tensor) -> Beyond:
    """Step 2 for effects [m, T] of a feature and of its companions in the same m cells; ``least`` [T] is s0."""
    e, u = own.double(), companions.double()
    here = (e != 0).double()
    n = here.sum(0)
    k = n.clamp_min(1)
    mean = (u * here).sum(0) / k
    sd = (((u - mean).square() * here).sum(0) / (k - 1).clamp_min(1)).sqrt()
    effect = e.sum(0) / k
    ahead = (effect.sign() * (effect - mean)).clamp_min(0)
    spread = (sd.square() * (1 + 1 / k) + least.double().square()).sqrt()
    return Beyond(n.long(), mean, sd, normal_score(ahead / spread.clamp_min(1e-30), n - 1))


def normal_score(t: Tensor, freedom: Tensor) -> Tensor:
    """The z whose tail is about that of t >= 0 with so many degrees of freedom (Wallace 1959); 0 without any."""
    v = freedom.clamp_min(1)
    z = (8 * v + 1) / (8 * v + 3) * (v * torch.log1p(t.square() / v)).sqrt()
    return torch.where(freedom > 0, z, 0.0)


def least_spread(companions: Tensor) -> float:
    """s0 of effects [m, F] of companions on a target layer; 0 if they moved nothing."""
    sd = companions.double().std(0)
    moved = sd[sd > 0].sort().values
    return float(moved[int(LOW * len(moved))]) if len(moved) else 0.0


@dataclass(frozen=True)
class DecoyNull:
    """Of one target layer: ``excess`` float32, ascending, of the decoys' pairs that pass the rule.

    ``n`` is the number of pairs of as many features that could be an edge. Those of the decoys themselves would not do:
    what a random direction reaches with effects too small to pass would dilute what it does.
    """

    excess: NDArray[np.float32]
    n: float

    def p(self, excess: NDArray[np.float32]) -> NDArray[np.float64]:
        """(1 + decoys with as large an excess) / (1 + n), at most 1."""
        reached = len(self.excess) - np.searchsorted(self.excess, excess, side="left")
        share: NDArray[np.float64] = np.minimum(1.0, (1.0 + reached) / (1.0 + self.n))
        return share


def null_share(n_above: int, n: int) -> float:
    """pi0 of n pairs, ``n_above`` of which have p above 1/2."""
    return min(1.0, (1 + n_above) / (n / 2)) if n else 1.0


def joint_p(
    p: NDArray[np.float64], p_control: NDArray[np.float64], share: NDArray[np.float64] | float
) -> NDArray[np.float64]:
    """What q_specific corrects: 2 max(pi0 p, p_control), at most 1; ``share`` is pi0."""
    return np.minimum(1.0, 2.0 * np.maximum(share * p, p_control))
