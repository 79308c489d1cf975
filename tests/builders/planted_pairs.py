"""Firings of known truth: groups of features that follow the same cells, features that share genes only, and noise.

Every gene stands in every cell, so that a position is a (cell, gene). Programmes are balanced: each is on in half of
the cells, and on in half of those where another is on. Pairs across groups therefore do not covary, not even by chance.
"""

from dataclasses import dataclass

import numpy as np

from tasks.codes.joint import count_both, count_by_stratum, places
from tasks.codes.pair_tests import Association, associate
from tasks.codes.reader import Firings

N_PROGRAMMES, REPEATS = 5, 12
N_CELLS, N_GENES = 2**N_PROGRAMMES * REPEATS, 40
GROUP, SHARERS, SHARED, NOISE = 8, 8, 4, 60  # features in a group and per shared genes; sets of shared genes; noise
N_FEATURES = N_PROGRAMMES * GROUP + SHARED * SHARERS + NOISE
N_POSITIONS = N_CELLS * N_GENES


@dataclass(frozen=True)
class Planted:
    """``fires`` bool [N, F], position by position; ``group`` [F] is the programme that a feature follows, or -1.

    ``shares`` [F] is the set of genes on which a feature that follows no programme fires, or -1.
    """

    fires: np.ndarray
    group: np.ndarray
    shares: np.ndarray

    @property
    def gene(self) -> np.ndarray:
        return np.tile(np.arange(N_GENES), N_CELLS)

    @property
    def tied(self) -> np.ndarray:
        """Pairs that covary beyond the gene: bool [F, F], the upper triangle."""
        same = (self.group[:, None] == self.group) & (self.group >= 0)[:, None]
        return np.triu(same, k=1)

    @property
    def sharing(self) -> np.ndarray:
        """Pairs that have their genes in common and nothing else: bool [F, F], the upper triangle."""
        same = (self.shares[:, None] == self.shares) & (self.shares >= 0)[:, None]
        return np.triu(same, k=1)


def plant(seed: int, strength: float = 0.2, own_rng: int = 0) -> Planted:
    """Features of a group fire at ``0.3 +- strength`` where their programme is on or off.

    ``own_rng``: another number gives other firings of the same features, as in another layer.
    """
    rng = np.random.default_rng([seed, own_rng])
    order = np.random.default_rng(seed).permutation(N_CELLS)
    programme = ((np.arange(N_CELLS)[order, None] >> np.arange(N_PROGRAMMES)) & 1) * 2 - 1  # [cells, programmes]
    group = np.concatenate([np.repeat(np.arange(N_PROGRAMMES), GROUP), np.full(SHARED * SHARERS + NOISE, -1)])
    shares = np.full(N_FEATURES, -1)
    shares[N_PROGRAMMES * GROUP : N_FEATURES - NOISE] = np.repeat(np.arange(SHARED), SHARERS)
    rate = np.broadcast_to(rng.uniform(0.2, 0.5, (N_GENES, N_FEATURES)), (N_CELLS, N_GENES, N_FEATURES)).copy()
    own = np.arange(N_GENES)[:, None] // 2 == shares  # two genes a set
    rate[:, :, shares >= 0] = np.where(own, 0.85, 0.004)[:, shares >= 0]
    member = group >= 0
    rate[:, :, member] = 0.3 + strength * programme[:, None, group[member]]
    return Planted((rng.random(rate.shape) < rate).reshape(N_POSITIONS, N_FEATURES), group, shares)


def firings(fires: np.ndarray, n_chunks: int = 2) -> list[Firings]:
    """Bool [N, F] as chunks of firings."""
    position, feature = np.nonzero(fires)
    edges = np.searchsorted(position, np.linspace(0, len(fires), n_chunks + 1)[1:-1].astype(int))
    parts = zip(np.split(position, edges), np.split(feature.astype(np.int32), edges), strict=True)
    return [Firings(one, other, np.ones(one.size, dtype=np.float32)) for one, other in parts]


def association(first: np.ndarray, second: np.ndarray, stratum: np.ndarray) -> Association:
    """Pairs of features of two layers, bool [N, A] and [N, B], or of one, if the arrays are the same."""
    size = np.bincount(stratum)
    one = firings(first)
    other = one if second is first else firings(second)
    place = [places(np.arange(fires.shape[1]), fires.shape[1]) for fires in (first, second)]
    counts = [count_by_stratum(one, place[0], stratum, size.size)]
    counts.append(counts[0] if second is first else count_by_stratum(other, place[1], stratum, size.size))
    both = count_both(zip(one, other, strict=True), place[0], place[0] if second is first else place[1])
    return associate(both, counts[0], counts[1], size)
