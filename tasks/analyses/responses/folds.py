"""Log folds of pseudobulk counts against matched control cells, with errors from the counts.

Of one gene in one perturbation: cells i with counts x_i of n_i in strata s (line and batch); control cells likewise.

1. Observed X = sum x_i. Expected E = sum_s N_s r_s, where N_s = sum of n_i in s, r_s = the control's share of counts
   in s (indirect standardisation): control cells weigh as the perturbed ones lie in batches.
2. log2 fold = log2((X + 1/2) / (E + 1/2)).
3. Error: V_X = n / (n - 1) sum (x_i - r n_i)^2 with r = X / sum n_i, the variance of a ratio of sums (Cochran 1977,
   6.3), at least X + 1/2 as of Poisson counts; V_E = sum_s N_s^2 var(r_s) likewise. By the delta method
   SE = sqrt(V_X / (X + 1/2)^2 + V_E / (E + 1/2)^2) / ln 2.
4. p: twice the smaller tail of a negative binomial law at X, half of P(X) in either (mid-p). Its mean is E, its
   variance max(phi E, V_X) + V_E; phi = sum of squared residuals over counts in the control cells of the strata, at
   least 1. V_X alone is small just where X is, and would call too many falls; phi alone knows nothing of a single cell
   with most of the counts, such as real files hold, and would call rises for it. A normal law would call more of them
   still, since sums of a few dozen counts are skewed.
5. q: Benjamini-Hochberg over the genes of a perturbation with E of ``min_counts`` or more. Others are not measured.

``published_log2``: log2(m + 1) - log2(m' + 1), m and m' means of log1p counts per 10,000 over the perturbed and all
control cells of the line. ``published_e1_log2`` has 0.001 in place of 1. Both are logs of means of logs, and
no fold changes.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from tasks.analyses.responses.sums import GroupSums, ScreenSums
from tasks.statistics.fdr import benjamini_hochberg

Floats = NDArray[np.float64]
HALF = 0.5
E1_OFFSET = 1e-3
LEAST_EXCESS = 1e-6  # of the variance over the mean, where the law is nearly Poisson's


@dataclass(frozen=True)
class Controls:
    """Of S strata and G genes: share of counts [S, G], its variance, squared residuals and counts."""

    share: Floats
    variance: Floats
    residuals: Floats
    counts: Floats

    @classmethod
    def of(cls, sums: GroupSums) -> "Controls":
        """From the sums of control cells, two of them in every stratum."""
        total = np.maximum(sums.total, 1.0)[:, None]
        share = sums.counts / total
        residuals = _residuals(sums, share)
        n = sums.n_cells[:, None]
        spread = np.maximum(residuals * n / np.maximum(n - 1, 1), sums.counts + HALF)
        return cls(share, spread / total**2, residuals, sums.counts)


@dataclass(frozen=True)
class Folds:
    """One perturbation against its control cells: each [G]; ``p`` and ``q`` are NaN where a gene is not measured."""

    observed: Floats
    expected: Floats
    log2_fold: Floats
    se: Floats
    p: Floats
    q: Floats
    published: Floats
    published_e1: Floats

    @property
    def measured(self) -> NDArray[np.bool_]:
        """Genes with an expected count that is large enough."""
        return np.isfinite(self.p)


def fold_of(sums: ScreenSums, controls: Controls, group: int, min_counts: float) -> Folds:
    """Folds of the perturbation ``group`` of ``sums``."""
    own, depth = _one(sums.perturbed, group), sums.depth[group]
    observed, expected = own.counts[0], depth @ controls.share
    of_expected = depth**2 @ controls.variance  # at least that of Poisson counts
    n = own.n_cells[0]
    spread = _residuals(own, own.counts / own.total)[0] * n / max(n - 1, 1)
    of_observed = np.maximum(spread, observed + HALF)
    fold = np.log2((observed + HALF) / (expected + HALF))
    se = np.sqrt(of_observed / (observed + HALF) ** 2 + of_expected / (expected + HALF) ** 2) / np.log(2)
    phi = np.maximum(_dispersion(controls, depth), 1.0)
    measured = expected >= min_counts
    p, q = np.full_like(expected, np.nan), np.full_like(expected, np.nan)
    variance = np.maximum(phi * expected, spread) + of_expected
    p[measured] = tail_p(observed[measured], expected[measured], variance[measured])
    q[measured] = benjamini_hochberg(p[measured])
    published = _published(sums, group)
    return Folds(observed, expected, fold, se, p, q, *published)


def tail_p(observed: Floats, mean: Floats, variance: Floats) -> Floats:
    """Two-sided mid-p of counts under a negative binomial law of ``mean`` and ``variance`` above it, each [n]."""
    size = mean**2 / np.maximum(variance - mean, LEAST_EXCESS * mean)
    share = size / (size + mean)
    upto, before = betainc(size, observed + 1, share), np.where(observed > 0, betainc(size, observed, share), 0.0)
    below = (upto + before) / 2
    return np.asarray(np.minimum(2 * np.minimum(below, 1 - below), 1.0))


def _one(sums: GroupSums, group: int) -> GroupSums:
    return GroupSums(*(getattr(sums, name)[group : group + 1] for name in sums.__dataclass_fields__))


def _residuals(sums: GroupSums, share: Floats) -> Floats:
    """sum (x_i - r n_i)^2: [groups, G]."""
    squares = sums.squares - 2 * share * sums.by_total + share**2 * sums.total_squares[:, None]
    return np.maximum(squares, 0.0)


def _dispersion(controls: Controls, depth: Floats) -> Floats:
    """phi [G] of the control cells in the strata where the perturbation has cells."""
    used = depth > 0
    counts = controls.counts[used].sum(axis=0)
    residuals = controls.residuals[used].sum(axis=0)
    return np.asarray(np.divide(residuals, counts, out=np.ones_like(counts), where=counts > 0))


def _published(sums: ScreenSums, group: int) -> tuple[Floats, Floats]:
    """Logs of means of logs, of phase 6 and of E1: each [G]."""
    line = sums.groups[group][0]
    of_line = [place for place, (own, _) in enumerate(sums.strata) if own == line]
    mean = sums.perturbed.logs[group] / max(sums.perturbed.n_cells[group], 1)
    control = sums.control.logs[of_line].sum(axis=0) / max(sums.control.n_cells[of_line].sum(), 1)
    first, second = (np.log2(mean + offset) - np.log2(control + offset) for offset in (1.0, E1_OFFSET))
    return first, second
