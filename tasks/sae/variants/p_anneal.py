"""P-anneal (Karvonen et al. 2024, arXiv:2408.00113): the standard autoencoder under a penalty that is annealed.

L = (E ||x - x_hat||^2 + l S_p(z)) / d           S_p: see ``annealing``
"""

from torch import Tensor

from tasks.sae.settings import SaeSettings
from tasks.sae.variants.annealing import Annealed
from tasks.sae.variants.standard import Standard
from tasks.sae.variants.variant import Weights


class PAnneal(Standard):
    """ReLU codes under a penalty that comes to count them."""

    def __init__(self, weights: Weights, settings: SaeSettings) -> None:
        super().__init__(weights, settings)
        self.annealed = Annealed(settings, self.numbers)

    @property
    def settled(self) -> int:
        """The last step: the penalty changes nearly to the end."""
        return self.settings.steps

    def penalty(self, codes: Tensor, step: int) -> Tensor:
        """S_p of a batch of codes [n, F]."""
        return self.annealed(codes, step)
