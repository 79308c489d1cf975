"""Donors as units: does what cells say hold from donor to donor?

1. A label that varies within donors: each donor's AUROC within its strata, A_g. t = (mean A - 1/2) / (sd / sqrt(G)).
2. A label that varies between donors alone: each donor's mean rank y_g within strata of all donors.
   t = (mean with - mean without) / (s sqrt(1/G1 + 1/G2)), s pooled over both sides.
3. Two-sided p by Student's t with G - 1 or G - 2 degrees of freedom. Signs or labels of so few donors have too few
   arrangements for thousands of tests (six donors: 32): hence no permutation.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from tasks.statistics.stratified_ranks import StratifiedRanks

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
ROUNDING = 1e-9  # spread of ranks below which donors do not differ


def within_donors(ranks: StratifiedRanks, code: Ints, donor: Ints, n_labels: int) -> tuple[Ints, Floats, Floats]:
    """Step 1: donors that compare [T], the mean of their AUROC and p, both [F, T]; NaN below one and two donors.

    ``ranks`` within donors, ``code`` and ``donor`` [n] of the same cells.
    """
    shape = (ranks.excess.shape[1], n_labels)
    n_donors, total, square = np.zeros(n_labels, dtype=np.int64), np.zeros(shape), np.zeros(shape)
    for one in np.unique(donor):
        own = donor == one
        auroc = ranks.part(own).compare(code[own], n_labels).auroc
        compares = ~np.isnan(auroc[0]) if shape[0] else np.zeros(n_labels, dtype=bool)
        above = np.where(compares, auroc - 0.5, 0.0)
        n_donors, total, square = n_donors + compares, total + above, square + above**2
    mean = np.divide(total, n_donors, out=np.full(shape, np.nan), where=n_donors > 0)
    variance = np.maximum(square - n_donors * np.nan_to_num(mean) ** 2, 0.0) / np.maximum(n_donors - 1, 1)
    error = np.sqrt(variance / np.maximum(n_donors, 1))
    return n_donors, mean + 0.5, _student(mean, error, n_donors - 1)


def between_donors(ranks: StratifiedRanks, code: Ints, donor: Ints, labels: Ints) -> tuple[Ints, Ints, Floats]:
    """Step 2: donors with and without each of ``labels`` [T], and p [F, T]; NaN below three donors.

    ``ranks`` across donors; every donor's cells share one ``code``, or none of them has the label.
    """
    _, first, unit = np.unique(donor, return_index=True, return_inverse=True)
    y = ranks.mean_ranks(unit.reshape(-1).astype(np.int64), first.size)
    has = code[first][:, None] == labels
    n_in, n_out = has.sum(axis=0), (~has).sum(axis=0)
    mean_in, mean_out = (_mean_of(y, side) for side in (has, ~has))
    left = np.zeros(mean_in.shape)
    for donor_y, donor_has in zip(y, has, strict=True):
        left += (donor_y[:, None] - np.where(donor_has, mean_in, mean_out)) ** 2
    freedom = n_in + n_out - 2
    error = np.sqrt(left / np.maximum(freedom, 1) * (1 / np.maximum(n_in, 1) + 1 / np.maximum(n_out, 1)))
    return n_in, n_out, _student(mean_in - mean_out, error, np.where(np.minimum(n_in, n_out) > 0, freedom, 0))


def _mean_of(y: Floats, side: NDArray[np.bool_]) -> Floats:
    """Mean of y [D, F] over the donors of each label's ``side`` [D, T], 0 without any: [F, T]."""
    total = np.einsum("df,dt->ft", y, side.astype(np.float64))  # unlike a matrix product, alike whatever the threads
    return np.asarray(total / np.maximum(side.sum(axis=0), 1))


def _student(difference: Floats, error: Floats, freedom: Ints) -> Floats:
    """Two-sided p; 1 where nothing differs, NaN without a degree of freedom."""
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(np.abs(difference) > ROUNDING, np.abs(difference) / np.maximum(error, ROUNDING * ROUNDING), 0.0)
    p = np.minimum(2 * stdtr(np.maximum(freedom, 1), -t), 1.0)
    found: Floats = np.where((freedom > 0) & ~np.isnan(difference), p, np.nan)
    return found
