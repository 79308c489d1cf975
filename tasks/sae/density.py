"""How many features fire how often on held-out cells: rows of table ``sae_density``.

A feature's density is the share of positions at which it is active. Bin 0 holds the features that never fire; the bins
behind it are a quarter of a decade wide, open below and closed above:

    log10 density in (low, high]        low = FIRST, FIRST + 1/4, …, -1/4
"""

import polars as pl
import torch
from torch import Tensor

FIRST, WIDTH = -8.0, 0.25  # one firing in 10^8 positions; nothing is rarer
N_BINS = 1 + round(-FIRST / WIDTH)


def density_rows(sae_id: str, fires: Tensor, n_positions: int) -> pl.DataFrame:
    """The histogram of an autoencoder whose features fired ``fires`` int64 [F] times at ``n_positions``."""
    highs = [FIRST + WIDTH * number for number in range(N_BINS)]
    edges = torch.tensor([10**high for high in highs], dtype=torch.float64)
    bins = torch.bucketize(fires.cpu().double() / n_positions, edges)
    counts = torch.bincount(bins, minlength=N_BINS).tolist()
    return pl.DataFrame(
        {
            "sae_id": [sae_id] * N_BINS,
            "bin": range(N_BINS),
            "low": [None, *(high - WIDTH for high in highs[1:])],
            "high": [None, *highs[1:]],
            "n_features": counts,
        }
    )
