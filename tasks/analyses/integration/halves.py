"""How much a metric would vary from sample to sample: everything again in random halves of the cells.

1. A half takes, in every batch, half of its cells without replacement. In it the metric is found anew, neighbours and
   all. Its deviation over halves estimates that of the metric in the whole sample: a mean over n / 2 of n cells has
   variance s^2 (1 / (n / 2) - 1 / n) = s^2 / n (delete-half jackknife: Shao & Wu 1989).
2. Numbers of neighbours that say how wide a neighbourhood is (kBET, LISI) are halved with the cells.
3. With ``MIN_BATCHES`` batches or more, each batch is left out once as well, and
   v = (B - 1) / B sum_b (m_b - mean m)^2: what other batches would have given. The larger deviation counts, with
   Student's quantile for B - 1 degrees of freedom where it is this one.

A bootstrap would put copies of cells beside each other, which are then their own neighbours. With the neighbours of the
whole sample, intervals of 95 % hold the truth in 60 to 90 % of samples.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, t

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
MIN_BATCHES = 5
ENOUGH = 0.9  # share of the halves in which a metric must have a value


def halves(batch: Ints, n_draws: int, seed: list[int]) -> Mask:
    """Cells of every half: [n_draws, n]; of an odd number of cells of a ``batch`` [n], one more than half."""
    rng = np.random.default_rng(seed)
    taken = np.zeros((n_draws, len(batch)), dtype=bool)
    for one in np.unique(batch):
        cells = np.flatnonzero(batch == one)
        order = rng.permuted(np.tile(cells, (n_draws, 1)), axis=1)[:, : (len(cells) + 1) // 2]
        taken[np.arange(n_draws)[:, None], order] = True
    return taken


def without_batches(batch: Ints) -> Mask:
    """The cells of all batches but one, for each: [B, n]; none where there are fewer than MIN_BATCHES."""
    names = np.unique(batch)
    return batch != names[:, None] if len(names) >= MIN_BATCHES else np.zeros((0, len(batch)), dtype=bool)


def half_width(in_halves: Floats, without: Floats, confidence: float) -> float | None:
    """Half the width of the interval of a value, from its values in halves and without batches.

    None where it has no value in too many of them.
    """
    known = in_halves[np.isfinite(in_halves)]
    if len(known) < max(2, ENOUGH * len(in_halves)) or not np.isfinite(without).all():
        return None
    level = (1 + confidence) / 2
    width = float(norm.ppf(level) * known.std(ddof=1))
    if len(without):
        n = len(without)
        deviation = np.sqrt((n - 1) / n * np.square(without - without.mean()).sum())
        width = max(width, float(t.ppf(level, n - 1) * deviation))
    return width
