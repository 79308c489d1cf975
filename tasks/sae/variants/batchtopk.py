"""BatchTopK (Bussmann, Leask and Nanda 2024, arXiv:2412.06410).

As TopK, but the k n largest entries of a whole batch of n positions are active: a position has as many features as it
needs, k on average. What a position's codes are must not depend on its companions once training is over: then active
is what exceeds one threshold for all features,

    theta = the smallest entry that is active among the k n largest of n training positions,

found when it is asked for, not followed during training: an average that runs for a few hundred steps is of weights
that have long changed.
"""

from torch import Tensor

from tasks.sae.codes import SparseCodes
from tasks.sae.sae import codes_above, pre_activations
from tasks.sae.select import nth_largest
from tasks.sae.variants.topk import TopK
from tasks.sae.variants.variant import Fitted


class BatchTopK(TopK):
    """The k n largest pre-activations of a batch of n positions."""

    def active(self, p: Tensor) -> SparseCodes:
        """Which pre-activations [n, F] of a batch count: those above what would be one too many."""
        return codes_above(p, just_below(p, self.settings.k))

    def fitted(self, x: Tensor) -> Fitted:
        """The weights, with the threshold that gives the positions ``x`` k features on average."""
        theta = just_below(pre_activations(self.weights, x), self.settings.k)
        return Fitted({**self.weights, "threshold": theta.expand(len(self.weights["b_enc"])).clone()})


def just_below(p: Tensor, k: int) -> Tensor:
    """The largest entry of p [n, F] that is not among the k n largest, or 0 if that is negative: a scalar tensor."""
    kept = k * len(p)
    if kept >= p.numel():
        return p.new_zeros(())
    return nth_largest(p, kept + 1).relu()
