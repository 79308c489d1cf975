"""An interval for a share."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]


def wilson(hits: NDArray[np.integer], n: NDArray[np.integer], confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Wilson's score interval (1927), low and high, of ``hits`` among ``n`` independent trials, element by element.

    [0, 1] where nothing was tried. Raises ValueError unless 0 <= hits <= n.
    """
    k, size = np.broadcast_arrays(np.asarray(hits, np.float64), np.asarray(n, np.float64))
    if not np.all((k >= 0) & (k <= size)):
        raise ValueError("hits must lie between 0 and the number of trials")
    z = ndtri((1 + confidence) / 2)
    share = np.divide(k, size, out=np.full(k.shape, 0.5), where=size > 0)
    centre = size * share + z**2 / 2
    half = z * np.sqrt(size * share * (1 - share) + z**2 / 4)
    low = np.where(k == 0, 0.0, (centre - half) / (size + z**2))
    return low, np.where(k == size, 1.0, (centre + half) / (size + z**2))
