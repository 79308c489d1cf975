"""P-annealing: a penalty that turns from a sum into nearly a count (Karvonen et al. 2024, arXiv:2408.00113).

    S_p(z) = E sum_i (z_i + s)^p - s^p               p falls from 1 to ``P_END`` in equal stages

At p = 1 it is the L1 norm; near p = 0 it counts active features and hardly asks how active they are. s is small:
without it a code just above 0 would have a slope without bound. Whenever p changes, the coefficient is multiplied by
S_before / S_after of the batch at hand, so that the penalty keeps its size.
"""

from torch import Tensor

from tasks.sae.settings import SaeSettings
from tasks.sae.variants.variant import Variant, Weights

P_END, STAGES = 0.2, 10
START = 0.3  # share of the training with p = 1
SMOOTHING = 1e-2
SCALE = "scale"


class Annealed:
    """The penalty over the steps of a training, which are asked for in order; its scale is kept in ``numbers``."""

    def __init__(self, settings: SaeSettings, numbers: dict[str, float]) -> None:
        self.n_steps = settings.steps
        self.numbers = numbers
        numbers[SCALE] = 1.0

    def __call__(self, codes: Tensor, step: int) -> Tensor:
        """The penalty of codes [n, F], not negative, at ``step``, from 1."""
        before, p = power(step - 1, self.n_steps), power(step, self.n_steps)
        if p != before:
            self.numbers[SCALE] *= float(size(codes.detach(), before) / size(codes.detach(), p).clamp_min(SMOOTHING))
        return self.numbers[SCALE] * size(codes, p)


class AnnealedPenalty(Variant):
    """What a variant inherits, before its kind, whose penalty is annealed."""

    def __init__(self, weights: Weights, settings: SaeSettings) -> None:
        super().__init__(weights, settings)
        self.annealed = Annealed(settings, self.numbers)

    @property
    def settled(self) -> int:
        """The last step: the penalty changes nearly to the end."""
        return self.settings.steps

    def penalty(self, codes: Tensor, step: int) -> Tensor:
        """S_p of what a batch's penalty is on, [n, F]: codes, or open gates."""
        return self.annealed(codes, step)


def power(step: int, n_steps: int) -> float:
    """p at a step: 1 at first, then lower by the same amount at the start of each stage."""
    begun = (step / n_steps - START) / (1 - START) * STAGES
    return 1 - (1 - P_END) * min(int(begun) + 1, STAGES) / STAGES if begun >= 0 else 1.0


def size(codes: Tensor, p: float) -> Tensor:
    """S_p of codes [n, F]."""
    powers: Tensor = (codes + SMOOTHING).pow(p) - SMOOTHING**p
    return powers.sum(1).mean()
