"""Gated autoencoder under an annealed penalty (Karvonen et al. 2024, arXiv:2408.00113).

L = (E ||x - x_hat||^2 + l S_p(ReLU(gate)) + E ||x - x_hat_gate||^2) / d           S_p: see ``annealing``
"""

from tasks.sae.variants.annealing import AnnealedPenalty
from tasks.sae.variants.gated import Gated


class GatedAnneal(AnnealedPenalty, Gated):
    """Gates under a penalty that comes to count them."""
