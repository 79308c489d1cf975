"""The catalogue of features: how often, how strongly and where each one fires."""

from collections.abc import Iterable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.codes.firing_sums import FiringSums
from tasks.codes.reader import Firings
from tasks.sae.frequency import DENSE_FREQUENCY

N_BINS = 20
RARE_FIRINGS = 100
RARE_CELLS = 20


def catalogue(sums: FiringSums, n_positions: int, decoder_norm: NDArray[np.float64]) -> pl.DataFrame:
    """One row a feature, in order: the columns of table ``feature`` that firings alone decide.

    frequency = fire_count / N and mean_activation = total / N over all N positions; mean_when_active =
    total / fire_count, null for a feature that never fires.
    """
    return pl.DataFrame(
        {
            "feature": np.arange(sums.fire_count.size, dtype=np.uint32),
            "alive": sums.alive,
            "tier": tiers(sums, n_positions),
            "fire_count": sums.fire_count,
            "frequency": sums.fire_count / n_positions,
            "n_cells_active": sums.n_cells_active,
            "mean_activation": sums.total / n_positions,
            "mean_when_active": sums.total / np.maximum(sums.fire_count, 1),
            "max_activation": sums.maximum,
            "decoder_norm": decoder_norm,
            "n_genes": np.count_nonzero(sums.gene_fires, axis=1),
        }
    ).with_columns(pl.when("alive").then("mean_when_active"))


def tiers(sums: FiringSums, n_positions: int) -> NDArray[np.str_]:
    """dead, rare, dense or normal for every feature; the first that applies, in this order."""
    rare = (sums.fire_count < RARE_FIRINGS) | (sums.n_cells_active < RARE_CELLS)
    dense = sums.fire_count > DENSE_FREQUENCY * n_positions
    return np.select([~sums.alive, rare, dense], ["dead", "rare", "dense"], "normal")


def histograms(firings: Iterable[Firings], maximum: NDArray[np.float64]) -> pl.DataFrame:
    """Firings of every living feature in N_BINS equal bins from 0 to its maximum, empty bins included.

    A bin holds its lower edge, the last one also its upper edge. ``maximum`` is that of each feature: [F].
    """
    counts = np.zeros((maximum.size, N_BINS), dtype=np.uint32)
    for chunk in firings:
        place = (chunk.value.astype(np.float64) / maximum[chunk.feature] * N_BINS).astype(np.int64)
        pair = chunk.feature * np.int64(N_BINS) + np.minimum(place, N_BINS - 1)
        np.add.at(counts.reshape(-1), pair, np.uint32(1))
    alive = np.flatnonzero(maximum > 0)
    edges = maximum[alive, None] * (np.arange(N_BINS + 1) / N_BINS)
    return pl.DataFrame(
        {
            "feature": np.repeat(alive.astype(np.uint32), N_BINS),
            "bin": np.tile(np.arange(N_BINS, dtype=np.uint8), alive.size),
            "lower": edges[:, :-1].ravel(),
            "upper": edges[:, 1:].ravel(),
            "n": counts[alive].ravel(),
        }
    )
