"""The April update of the standard autoencoder (Anthropic, Circuits Updates of April 2024, "How we train SAEs").

    p     = (x - b_dec) W_enc + b_enc
    z     = ReLU(p)
    x_hat = z W_dec + b_dec
    L     = (E ||x - x_hat||^2 + l E sum_i z_i ||w_i||) / d              w_i: row i of W_dec

A code is charged for the length of what it adds, so small codes along long directions gain nothing, and directions need
not be held at unit norm: they start at ``FIRST_NORM`` and grow. Once training is over, their norms go into the encoder
(``folds``): the same reconstruction, with codes in units of what they add. The paper's encoder reads x as it is; with a
bias for every feature, that is the same family of functions, and here it starts where the other variants start.
"""

from torch import Tensor

from tasks.sae.folds import norms_in_encoder, rectified
from tasks.sae.sae import pre_activations
from tasks.sae.settings import SaeSettings
from tasks.sae.variants.variant import Dense, Fitted, Terms, Weights

FIRST_NORM = 0.1


class April(Dense):
    """ReLU codes under a penalty on what they add, directions free."""

    unit_norm = False

    def __init__(self, weights: Weights, settings: SaeSettings) -> None:
        smaller = {name: weights[name] * FIRST_NORM for name in ("W_enc", "W_dec")}
        super().__init__(weights | smaller, settings)

    def terms(self, weights: Weights, x: Tensor, step: int) -> Terms:
        """Loss L."""
        codes = pre_activations(weights, x).relu()
        error = codes @ weights["W_dec"] + weights["b_dec"] - x
        penalty = (codes @ weights["W_dec"].norm(dim=1)).mean() / x.shape[1]
        return Terms(error.square().mean() + self.sparsity(step) * penalty, codes, error)

    def fitted(self, x: Tensor) -> Fitted:
        """The same function with directions of unit norm, and threshold 0."""
        return Fitted(rectified(norms_in_encoder(self.weights)))
