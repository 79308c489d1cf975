"""The standard autoencoder: ReLU and an L1 penalty (Bricken et al. 2023, "Towards Monosemanticity").

    z     = ReLU((x - b_dec) W_enc + b_enc)
    x_hat = z W_dec + b_dec
    L     = (E ||x - x_hat||^2 + l E ||z||_1) / d

The penalty pulls at every active feature, so reconstructions are too small (shrinkage). Feature directions have unit
norm: otherwise the penalty could be evaded by small codes and long directions.
"""

import torch
from torch import Tensor

from tasks.sae.sae import pre_activations
from tasks.sae.variants.variant import Dense, Fitted, Terms, Weights


class Standard(Dense):
    """ReLU codes under a penalty on their sum."""

    def terms(self, weights: Weights, x: Tensor, step: int) -> Terms:
        """Loss L."""
        codes = pre_activations(weights, x).relu()
        error = codes @ weights["W_dec"] + weights["b_dec"] - x
        penalty = self.penalty(codes, step) / x.shape[1]
        return Terms(error.square().mean() + self.sparsity(step) * penalty, codes, error)

    def penalty(self, codes: Tensor, step: int) -> Tensor:
        """The mean over positions of what a position's codes [n, F] cost."""
        return codes.sum(1).mean()

    def fitted(self, x: Tensor) -> Fitted:
        """The weights, with threshold 0."""
        return Fitted({**self.weights, "threshold": torch.zeros_like(self.weights["b_enc"])})
