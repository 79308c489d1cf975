"""TopK (Gao et al. 2024, "Scaling and evaluating sparse autoencoders", arXiv:2406.04093).

    p     = (x - b_dec) W_enc + b_enc                pre-activations
    z     = ReLU(TopK(p))                            the k largest entries of a position, the others 0
    x_hat = z W_dec + b_dec
    L     = E ||x - x_hat||^2 / d + a L_aux          L_aux revives dead features: see ``auxk``

A position has exactly k active features unless fewer than k pre-activations are positive.
"""

from torch import Tensor

from tasks.sae.auxk import auxk
from tasks.sae.codes import SparseCodes
from tasks.sae.sae import pre_activations, top_codes
from tasks.sae.variants.products import reconstruction
from tasks.sae.variants.variant import Fitted, Gradients, Variant


class TopK(Variant):
    """The k largest pre-activations of every position."""

    def gradients(self, x: Tensor, step: int, dead: Tensor) -> Gradients:
        """Loss L and its gradients."""
        centred, p = x - self.weights["b_dec"], pre_activations(self.weights, x)
        found = self.reconstruct(self.active(p), centred)
        coefficient = self.settings.auxk
        if len(dead) == 0 or coefficient == 0:
            return found
        extra, to_add = auxk(self.weights, p, centred, -found.error, dead)
        by_weight = {name: gradient.add_(to_add[name], alpha=coefficient) for name, gradient in found.by_weight.items()}
        return Gradients(found.loss + coefficient * extra, found.fires, found.error, by_weight)

    def active(self, p: Tensor) -> SparseCodes:
        """Which pre-activations [n, F] of a batch count."""
        return top_codes(p, self.settings.k)

    def reconstruct(self, codes: SparseCodes, centred: Tensor) -> Gradients:
        """The reconstruction's part of the loss."""
        return reconstruction(self.weights, codes, centred)

    def fitted(self, x: Tensor) -> Fitted:
        """The weights, with k."""
        return Fitted(self.weights, self.settings.k)
