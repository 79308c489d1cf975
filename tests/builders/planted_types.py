"""Cells of known types and lengths, and features of which it is known whether a type drives them.

Of 3,000 cells, 17 are platelets and short, 400 are monocytes and long; the others are B and T cells of any length, as
in blood. A feature's value in a cell is its mean activation over the cell's tokens.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

N_CELLS, RARE = 3000, 17
SIZES = {"B": 600, "Monocyte": 400, "Platelet": RARE, "T": N_CELLS - 1000 - RARE}
TYPICAL = {"B": 230, "Monocyte": 400, "Platelet": 110, "T": 270}  # median length


@dataclass(frozen=True)
class PlantedTypes:
    """``means`` [n_cells, F] of cells with ``labels`` and ``lengths``; ``kind`` [F] is the type behind a feature.

    The empty text: none, the feature follows length alone.
    """

    means: csr_matrix
    labels: list[str]
    lengths: np.ndarray
    kind: list[str]


def planted_types(seed: int, n_each: int = 8) -> PlantedTypes:
    """``n_each`` features of every sort.

    By length: firing a few times a cell whatever its length, more often in longer cells than tokens explain, or less.
    By type: firing in 9 of 10 cells of the type on ever so many tokens, and now and then elsewhere.
    """
    rng = np.random.default_rng(seed)
    labels = np.repeat(list(SIZES), list(SIZES.values()))
    lengths = np.maximum(rng.lognormal(np.log([TYPICAL[one] for one in labels]), 0.3), 30).astype(np.int64)
    columns, kind = [], []
    for rate in (np.full(N_CELLS, 3.0), (lengths / 100) ** 2, 200 / lengths):
        fires = rng.poisson(rate[:, None], (N_CELLS, n_each))
        columns.append(fires * rng.gamma(20, 0.05, fires.shape))
        kind += [""] * n_each
    for one in SIZES:
        own = np.where(labels == one, 0.9, 0.1)
        fires = (rng.random((N_CELLS, n_each)) < own[:, None]) * (
            1 + rng.poisson(0.05 * lengths[:, None], (N_CELLS, n_each))
        )
        columns.append(fires * rng.gamma(20, 0.05, fires.shape))
        kind += [one] * n_each
    means = np.concatenate(columns, axis=1) / lengths[:, None]
    return PlantedTypes(csr_matrix(means), labels.tolist(), lengths, kind)
