"""Values exchanged between items of one group: the draws behind every permutation that keeps what groups have."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def exchanged(values: NDArray[Any], groups: NDArray[np.int64], n_draws: int, rng: np.random.Generator) -> NDArray[Any]:
    """``values`` [N] in ``n_draws`` orders [B, N]; a value moves between items of its group of ``groups`` [N] alone."""
    drawn = np.tile(values, (n_draws, 1))
    for one in np.unique(groups):
        own = np.flatnonzero(groups == one)
        drawn[:, own] = rng.permuted(drawn[:, own], axis=1)
    return drawn
