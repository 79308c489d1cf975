"""P-anneal (Karvonen et al. 2024, arXiv:2408.00113): the standard autoencoder under a penalty that is annealed.

L = (E ||x - x_hat||^2 + l S_p(z)) / d           S_p: see ``annealing``
"""

from tasks.sae.variants.annealing import AnnealedPenalty
from tasks.sae.variants.standard import Standard


class PAnneal(AnnealedPenalty, Standard):
    """ReLU codes under a penalty that comes to count them."""
