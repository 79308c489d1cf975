"""What a variant is while it trains: weights that change in place, a loss, and the autoencoder it has become.

Inputs are scaled so that E||x||^2 = d. Every loss is a mean over positions, divided by d: so a coefficient of the
sparsity term means the same at every width.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor

from tasks.sae.kinds import KINDS
from tasks.sae.settings import SaeSettings

Weights = dict[str, Tensor]


@dataclass(frozen=True)
class Gradients:
    """A batch's loss, its gradients by weight name, and what it came from.

    ``fires`` int64 [F]: at how many of the n positions each feature is active; ``error`` x_hat - x [n, d].
    """

    loss: Tensor
    fires: Tensor
    error: Tensor
    by_weight: Weights


class Fitted(NamedTuple):
    """Tensors of an ``Sae`` by name, and ``k`` if that is its rule; otherwise ``threshold`` is one of the tensors."""

    weights: Weights
    k: int | None = None


class Variant(ABC):
    """One kind of autoencoder in training. ``weights`` has ``W_enc`` [d, F] and ``W_dec`` [F, d]."""

    betas: ClassVar[tuple[float, float]] = (0.9, 0.999)  # of Adam
    unit_norm: ClassVar[bool] = True  # whether rows of W_dec are kept at unit norm

    def __init__(self, weights: Weights, settings: SaeSettings) -> None:
        self.weights = _laid_out(weights)
        self.settings = settings
        self.numbers: dict[str, float] = {}  # what it has to remember beside its weights

    @property
    def settled(self) -> int:
        """The step from which the loss is no longer changed by a warm-up."""
        return max(self.settings.warmup, self.settings.sparsity_warmup)

    @abstractmethod
    def gradients(self, x: Tensor, step: int, dead: Tensor) -> Gradients:
        """The loss of x [n, d] at ``step``, from 1; ``dead`` int64 [m] are features that have long been silent."""

    @abstractmethod
    def fitted(self, x: Tensor) -> Fitted:
        """What it is now; ``x`` [n, d] are training inputs, for a variant that has a threshold to find."""

    def sparsity(self, step: int) -> float:
        """The coefficient of the sparsity term: it rises from 0 over ``sparsity_warmup`` steps."""
        given, warmup = self.settings.sparsity, self.settings.sparsity_warmup
        full = KINDS[self.settings.variant].usual_sparsity if given is None else given
        return full * min(step / warmup, 1.0) if warmup else full


class Dense(Variant):
    """A variant whose loss is written with dense codes; its gradients are autograd's."""

    @abstractmethod
    def terms(self, weights: Weights, x: Tensor, step: int) -> "Terms":
        """The loss of x [n, d] as a function of the weights."""

    def gradients(self, x: Tensor, step: int, dead: Tensor) -> Gradients:
        """The loss and its gradients; nothing revives dead features."""
        with torch.enable_grad():
            weights = {name: weight.detach().requires_grad_() for name, weight in self.weights.items()}
            found = self.terms(weights, x, step)
            slopes = torch.autograd.grad(found.loss, list(weights.values()))
        by_weight = {
            name: torch.empty_like(weight).copy_(slope)  # in the memory order of its weight
            for (name, weight), slope in zip(self.weights.items(), slopes, strict=True)
        }
        return Gradients(found.loss.detach(), (found.codes.detach() > 0).sum(0), found.error.detach(), by_weight)


class Terms(NamedTuple):
    """A loss with the codes [n, F] and the error x_hat - x [n, d] it came from, all part of the graph."""

    loss: Tensor
    codes: Tensor
    error: Tensor


def _laid_out(weights: Weights) -> Weights:
    """Copies; the encoder lies in memory by feature, as its gradient does.

    torch's fused Adam walks weight and gradient in memory order, whatever their strides say.
    """
    copies = {name: weight.clone(memory_format=torch.contiguous_format) for name, weight in weights.items()}
    return copies | {"W_enc": weights["W_enc"].T.clone(memory_format=torch.contiguous_format).T}
