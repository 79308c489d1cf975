"""Gated autoencoder (Rajamanoharan et al. 2024, "Improving dictionary learning with gated SAEs", arXiv:2404.16014).

Which features are active is one question, how active they are another:

    h     = (x - b_dec) W_enc
    gate  = h + b_gate                               active if positive
    z     = [gate > 0] ReLU(exp(r) h + b_mag)
    x_hat = z W_dec + b_dec
    L     = (E ||x - x_hat||^2 + l E ||ReLU(gate)||_1 + E ||x - x_hat_gate||^2) / d

where x_hat_gate = ReLU(gate) W_dec + b_dec with W_dec and b_dec held fixed. The penalty is on the gate alone, so the
magnitudes do not shrink. Both questions share W_enc, so the trained autoencoder is one with a threshold (section 3.2):
see ``folds``.
"""

import torch
from torch import Tensor

from tasks.sae.folds import ungated
from tasks.sae.settings import SaeSettings
from tasks.sae.variants.variant import Dense, Fitted, Terms, Weights


class Gated(Dense):
    """Gates under a penalty, magnitudes free."""

    betas = (0.0, 0.999)

    def __init__(self, weights: Weights, settings: SaeSettings) -> None:
        shared = {name: weights[name] for name in ("W_enc", "W_dec", "b_dec")}
        own = {name: torch.zeros_like(weights["b_enc"]) for name in ("b_gate", "r", "b_mag")}
        super().__init__(shared | own, settings)

    def terms(self, weights: Weights, x: Tensor, step: int) -> Terms:
        """Loss L."""
        h = (x - weights["b_dec"]) @ weights["W_enc"]
        gate = h + weights["b_gate"]
        codes = (gate > 0) * (weights["r"].exp() * h + weights["b_mag"]).relu()
        error = codes @ weights["W_dec"] + weights["b_dec"] - x
        opened = gate.relu()
        beside = opened @ weights["W_dec"].detach() + weights["b_dec"].detach() - x
        penalty = self.sparsity(step) * self.penalty(opened, step) / x.shape[1]
        return Terms(error.square().mean() + penalty + beside.square().mean(), codes, error)

    def penalty(self, gates: Tensor, step: int) -> Tensor:
        """The mean over positions of what a position's open gates [n, F] cost."""
        return gates.sum(1).mean()

    def fitted(self, x: Tensor) -> Fitted:
        """The same function as an autoencoder with a threshold."""
        return Fitted(ungated(self.weights))
