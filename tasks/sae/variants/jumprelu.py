"""JumpReLU (Rajamanoharan et al. 2024, "Jumping ahead", arXiv:2407.14435).

    p     = (x - b_dec) W_enc + b_enc
    z     = p [p > theta]                            a threshold theta = exp(t) a feature, trained
    x_hat = z W_dec + b_dec
    L     = E ||x - x_hat||^2 / d + l (L0 / k - 1)^2           L0 = E sum_i [p_i > theta_i]

The steps have no slope in theta; over a window of width e around it they are given one (straight-through estimators,
equations 11 and 12), K(u) = [|u| < 1/2]:

    dz/dtheta = -(theta / e) K((p - theta) / e)                d[p > theta]/dtheta = -(1 / e) K((p - theta) / e)

The second is taken at the pre-activation, so that entries just below their threshold pull it down as those just above
push it up. Only theta feels L0.
"""

import torch
from torch import Tensor

from tasks.sae.sae import pre_activations
from tasks.sae.settings import SaeSettings
from tasks.sae.variants.variant import Dense, Fitted, Terms, Weights

FIRST_THRESHOLD = 0.1
WINDOW = 0.1  # e, in units of inputs with E||x||^2 = d


class JumpRelu(Dense):
    """A threshold a feature, trained towards k active features a position."""

    betas = (0.0, 0.999)

    def __init__(self, weights: Weights, settings: SaeSettings) -> None:
        log_threshold = torch.full_like(weights["b_enc"], FIRST_THRESHOLD).log()
        super().__init__({**weights, "log_threshold": log_threshold}, settings)

    def terms(self, weights: Weights, x: Tensor, step: int) -> Terms:
        """Loss L."""
        p, theta = pre_activations(weights, x), weights["log_threshold"].exp()
        held = theta.detach()
        is_open, near = (p > held).to(p.dtype), ((p - held).abs() < WINDOW / 2).to(p.dtype) / WINDOW
        nothing = theta - held  # 0, with the slope of theta
        codes = p * is_open - near.detach() * held * nothing
        error = codes @ weights["W_dec"] + weights["b_dec"] - x
        l0 = (is_open - near.detach() * nothing).sum(1).mean()
        return Terms(error.square().mean() + self.sparsity(step) * (l0 / self.settings.k - 1).square(), codes, error)

    def fitted(self, x: Tensor) -> Fitted:
        """The weights, with their thresholds."""
        weights = {name: self.weights[name] for name in ("W_enc", "b_enc", "W_dec", "b_dec")}
        return Fitted({**weights, "threshold": self.weights["log_threshold"].exp()})
