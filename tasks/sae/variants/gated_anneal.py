"""Gated autoencoder under an annealed penalty (Karvonen et al. 2024, arXiv:2408.00113).

L = (E ||x - x_hat||^2 + l S_p(ReLU(gate)) + E ||x - x_hat_gate||^2) / d           S_p: see ``annealing``
"""

from torch import Tensor

from tasks.sae.settings import SaeSettings
from tasks.sae.variants.annealing import Annealed
from tasks.sae.variants.gated import Gated
from tasks.sae.variants.variant import Weights


class GatedAnneal(Gated):
    """Gates under a penalty that comes to count them."""

    def __init__(self, weights: Weights, settings: SaeSettings) -> None:
        super().__init__(weights, settings)
        self.annealed = Annealed(settings, self.numbers)

    @property
    def settled(self) -> int:
        """The last step: the penalty changes nearly to the end."""
        return self.settings.steps

    def penalty(self, gates: Tensor, step: int) -> Tensor:
        """S_p of a batch of open gates [n, F]."""
        return self.annealed(gates, step)
