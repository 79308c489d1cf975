"""Seeds of an autoencoder's training, apart by layer.

If all layers started from the same weights and read their rows in the same order, features of one number would stay
alike from layer to layer, and their likeness would say nothing about the model.
"""

from enum import IntEnum

import numpy as np
import torch


class Drawn(IntEnum):
    """What is drawn; each has a stream of its own."""

    WEIGHTS = 0
    BATCHES = 1
    RESAMPLED = 2


def layer_generator(seed: int, layer: int, drawn: Drawn, *at: int) -> torch.Generator:
    """The stream of ``drawn`` for an autoencoder of ``layer`` (0 or more) under a study's ``seed``.

    ``at``: the step, of what is drawn at several. Streams of different seeds, layers, things drawn or steps are
    independent (NumPy's SeedSequence); equal ones are equal bit for bit.
    """
    (state,) = np.random.SeedSequence([seed, layer, drawn, *at]).generate_state(1, np.uint64)
    return torch.Generator().manual_seed(int(state >> np.uint64(1)))
