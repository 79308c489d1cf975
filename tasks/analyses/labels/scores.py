"""How well one feature, switched on above a threshold, tells the cells of a label from the others.

1. b_c(t) = 1 if the feature exceeds t anywhere in cell c. Thresholds: 0 and quantiles of its maxima over training cells
   in which it fires, so that no single position sets them.
2. AMI(label, b) and F1 (``statistics.agreement``). The threshold with the best score on training cells is kept, and
   is scored once on held-out cells.
3. Labels that are permuted within strata (donor x depth) keep all margins, so the score depends on the number of
   held-out cells that have both alone, whose law over all permutations is known (``statistics.overlap_law``): mean
   and deviation of the score under the null, and p = P(score >= the one found). p is as small as the data allow.
4. A label that varies within no stratum has one arrangement only: no p.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tasks.analyses.labels.comparison import Ranked
from tasks.statistics.agreement import Agreement, f1
from tasks.statistics.labels import arrange
from tasks.statistics.overlap_law import overlap_law

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Score = Literal["ami", "f1"]
SCORES: tuple[Score, ...] = ("ami", "f1")
LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98)  # of maxima over active training cells, behind 0
BLOCK = 1 << 23  # entries of a law that are held at once
ROUNDING = 1e-12  # by which a score may miss another that it equals


@dataclass(frozen=True)
class Scored:
    """One label and kind of score of F features: float64 [F]; p, mean and deviation are NaN without a null."""

    label: int
    kind: Score
    threshold: Floats
    train: Floats
    heldout: Floats
    null_mean: Floats
    null_sd: Floats
    p: Floats
    drawn_p: Floats  # [draws, F]: of held-out labels permuted within strata


@dataclass(frozen=True)
class Calls:
    """Calls of F features at K thresholds [F, K] in n cells: ``drawn`` [K, F, S] by stratum, ``both`` [K, F, T]."""

    drawn: Ints
    both: Ints
    marked: Ints  # [S, T]
    size: Ints  # [S]


def thresholds(maximum: csr_matrix) -> Floats:
    """Step 1: [F, 1 + len(LEVELS)] for maxima [n, F] of training cells."""
    by_feature = maximum.tocsc()
    found = np.zeros((maximum.shape[1], 1 + len(LEVELS)))
    for feature in range(maximum.shape[1]):
        own = by_feature.data[by_feature.indptr[feature] : by_feature.indptr[feature + 1]]
        if own.size:
            found[feature, 1:] = np.quantile(own, LEVELS, method="inverted_cdf")
    return found


class Exceeded:
    """How many of ascending ``levels`` [F, K] each maximum of n cells [n, F] exceeds, counted once for all labels."""

    def __init__(self, maximum: csr_matrix, levels: Floats) -> None:
        self._shape, self._n_levels = maximum.shape, levels.shape[1]
        self._cell = np.repeat(np.arange(maximum.shape[0]), np.diff(maximum.indptr))
        number = np.zeros(maximum.data.size, dtype=np.int64)
        for level in levels.T:
            number += maximum.data > level[maximum.indices]
        self._place = number * maximum.shape[1] + maximum.indices

    def count(self, group: Ints, n_groups: int) -> Ints:
        """Cells of every group (``group`` [n]) above each level: [K, F, n_groups]."""
        n = (self._n_levels + 1) * self._shape[1] * n_groups
        exactly = np.bincount(self._place * n_groups + group[self._cell], minlength=n)
        by_number = exactly.reshape(self._n_levels + 1, self._shape[1], n_groups)[1:]
        return np.asarray(by_number[::-1].cumsum(axis=0)[::-1], dtype=np.int64)

    def calls(self, code: Ints, n_labels: int, stratum: Ints) -> Calls:
        """Calls at every level, by label and by stratum; ``code`` and ``stratum`` [n]."""
        n_strata = int(stratum.max(initial=-1)) + 1
        pair = np.bincount(stratum * n_labels + code, minlength=n_strata * n_labels)
        drawn, both = self.count(stratum, n_strata), self.count(code, n_labels)
        return Calls(drawn, both, pair.reshape(n_strata, n_labels), np.bincount(stratum, minlength=n_strata))


def score_labels(
    maximum: csr_matrix, ranked: Ranked, heldout: NDArray[np.bool_], n_draws: int, seed: list[int]
) -> list[Scored]:
    """Both scores of every tested label that training and held-out cells have and lack.

    ``maximum`` [C, F] and ``heldout`` [C] of all cells; ``n_draws``: permutations of the held-out cells' labels.
    """
    cells, stratum, n_labels = ranked.strata.cells, ranked.strata.stratum, len(ranked.labels.names)
    held, values = heldout[cells], maximum[cells]
    levels = thresholds(values[~held])
    drawn = arrange(ranked.code[held], n_draws, seed, strata=stratum[held]).labels[:n_draws]
    train = Exceeded(values[~held], levels).calls(ranked.code[~held], n_labels, stratum[~held])
    exceeded = Exceeded(values[held], levels)
    tests = [exceeded.calls(code, n_labels, stratum[held]) for code in (ranked.code[held], *drawn)]
    found = []
    for label in ranked.tested:
        n_marked = [int(calls.marked[:, label].sum()) for calls in (train, tests[0])]
        if all(0 < n < int(calls.size.sum()) for n, calls in zip(n_marked, (train, tests[0]), strict=True)):
            found += [_score(kind, int(label), train, tests, levels) for kind in SCORES]
    return found


def _score(kind: Score, label: int, train: Calls, tests: Sequence[Calls], levels: Floats) -> Scored:
    """``tests``: calls of held-out cells with their own labels, and with permuted ones."""
    on_train, test = _values(kind, train, label), tests[0]
    best, feature = on_train.argmax(axis=0), np.arange(len(levels))
    drawn, marked = test.drawn[best, feature], test.marked[:, label]
    both = np.stack([calls.both[best, feature, label] for calls in tests])
    every = _every(kind, int(test.size.sum()), int(marked.sum()), drawn.sum(axis=1))
    value = every[feature, both]
    mean, sd, p = np.full(best.size, np.nan), np.full(best.size, np.nan), np.full(both.shape, np.nan)
    if ((marked > 0) & (marked < test.size)).any():
        rows = max(1, BLOCK // (int(marked.sum()) + 1))
        for first in range(0, best.size, rows):
            own = slice(first, first + rows)
            law = overlap_law(test.size, marked, drawn[own])
            mean[own], sd[own], p[:, own] = _null(law, every[own], value[:, own])
    return Scored(label, kind, levels[feature, best], on_train[best, feature], value[0], mean, sd, p[0], p[1:])


def _null(law: Floats, every: Floats, value: Floats) -> tuple[Floats, Floats, Floats]:
    """Mean and deviation of the score under a law [F, K], and P(score >= value) for values [V, F]."""
    scores = np.where(law > 0, every, 0.0)
    mean = (law * scores).sum(axis=1)
    variance = (law * (scores - mean[:, None]) ** 2).sum(axis=1)
    tails = [(law * ((law > 0) & (scores >= one[:, None] - ROUNDING))).sum(axis=1) for one in value]
    return mean, np.sqrt(variance), np.clip(np.stack(tails), np.finfo(np.float64).tiny, 1.0)


def _values(kind: Score, calls: Calls, label: int) -> Floats:
    """The score of every threshold and feature: [K, F]."""
    marked, drawn, both = int(calls.marked[:, label].sum()), calls.drawn.sum(axis=2), calls.both[:, :, label]
    if kind == "f1":
        return f1(both, marked, drawn)
    return Agreement(int(calls.size.sum()), marked, drawn.ravel()).of(both, drawn)


def _every(kind: Score, n: int, marked: int, drawn: Ints) -> Floats:
    """The score for each number of cells that may be both, from 0 to ``marked``: [F, marked + 1]."""
    if kind == "f1":
        return f1(np.arange(marked + 1)[None], marked, drawn[:, None])
    return np.nan_to_num(Agreement(n, marked, drawn).every(drawn))
