"""How much a metric would vary from sample to sample: everything again in random parts of the cells.

1. A part takes, in every batch, three quarters of its cells without replacement. In it the metric is found anew,
   neighbours and all. A mean over m of n cells has variance s^2 (1/m - 1/n) = (s^2 / n) (n - m) / m about that of all,
   so its deviation over parts, times sqrt(m / (n - m)), estimates that of the metric in the whole sample (delete-d
   jackknife: Shao & Wu 1989). Student's quantile, for there are few parts.
2. Numbers of neighbours that say how wide a neighbourhood is (kBET, LISI) shrink with the cells.
3. With ``MIN_BATCHES`` batches or more, each batch is left out once as well, and
   v = (B - 1) / B sum_b (m_b - mean m)^2: what other batches would have given. The larger deviation counts, with
   Student's quantile for B - 1 degrees of freedom where it is this one.

Halves, taken before, are too few cells: in half of 100, kBET has fewer neighbours than it needs, a graph of as many
neighbours hardly falls apart, and both vary less than in all. A bootstrap would put copies of cells beside each other,
which are then their own neighbours.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
MIN_BATCHES = 5
PART = 0.75  # share of the cells of a batch in a part
ENOUGH = 0.9  # share of the parts in which a metric must have a value


def parts(batch: Ints, n_draws: int, seed: list[int]) -> Mask:
    """Cells of every part: [n_draws, n]; of a ``batch`` [n] as many as are whole, and one at least."""
    rng = np.random.default_rng(seed)
    taken = np.zeros((n_draws, len(batch)), dtype=bool)
    for one in np.unique(batch):
        cells = np.flatnonzero(batch == one)
        order = rng.permuted(np.tile(cells, (n_draws, 1)), axis=1)[:, : max(1, int(PART * len(cells)))]
        taken[np.arange(n_draws)[:, None], order] = True
    return taken


def inflation(taken: Mask) -> float:
    """What a deviation over parts is multiplied by; ``taken`` [n_draws, n], as many cells in each. 0 without parts."""
    if not len(taken):
        return 0.0
    m = int(taken[0].sum())
    return float(np.sqrt(m / max(taken.shape[1] - m, 1)))


def without_batches(batch: Ints) -> Mask:
    """The cells of all batches but one, for each: [B, n]; none where there are fewer than MIN_BATCHES."""
    names = np.unique(batch)
    return batch != names[:, None] if len(names) >= MIN_BATCHES else np.zeros((0, len(batch)), dtype=bool)


def half_width(in_parts: Floats, times: float, without: Floats, confidence: float) -> float | None:
    """Half the width of the interval of a value, from its values in parts (``times``: ``inflation``), without batches.

    None where it has no value in too many of them.
    """
    known = in_parts[np.isfinite(in_parts)]
    if len(known) < max(2, ENOUGH * len(in_parts)) or not np.isfinite(without).all():
        return None
    level = (1 + confidence) / 2
    width = float(t.ppf(level, len(known) - 1) * times * known.std(ddof=1))
    if len(without):
        n = len(without)
        deviation = np.sqrt((n - 1) / n * np.square(without - without.mean()).sum())
        width = max(width, float(t.ppf(level, n - 1) * deviation))
    return width
