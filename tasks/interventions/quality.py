"""How well read-outs tell late from early cells that they did not learn from, beside read-outs of exchanged labels.

1. Cells that fit read-outs are cut into folds: by donor where there are several, else by cell.
2. Read-outs learn from all folds but one and read the cells of that one.
3. AUC of late against early cells, and for ``pseudotime`` R^2 over all cells; mean and deviation over folds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from tasks.interventions.bank import Bank, Markers, Times, fit_bank
from tasks.interventions.states import States

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
N_NULL = 20  # of the exchanged labels
FOLD_STREAM = 5  # of the seed
Row = dict[str, Any]
MakeMarkers = Callable[[Ints, int], Markers | None]  # of some cells, for the first labellings


@dataclass(frozen=True)
class Fit:
    """How read-outs are fitted to n cells of ``donor`` [n], all 0 where donors are not told, and tested on them."""

    readouts: tuple[str, ...]
    n_axes: int
    n_folds: int
    donor: Ints
    seed: int

    @property
    def unit(self) -> str:
        """What read-outs are tested on that they did not learn from: other donors, or other cells of the only one."""
        return "donor" if len(np.unique(self.donor)) > 1 else "cell"

    @property
    def folds(self) -> Ints:
        """The fold of every cell [n]."""
        groups = self.donor if self.unit == "donor" else np.arange(len(self.donor))
        names, place = np.unique(groups, return_inverse=True)
        order = np.random.default_rng([self.seed, FOLD_STREAM]).permutation(len(names))
        return np.asarray(order[place] % min(self.n_folds, len(names)))


def quality_rows(fit: Fit, states: States, times: Times, markers: MakeMarkers) -> list[Row]:
    """Of every read-out, how well it reads cells of the other folds: the columns of table ``probe``."""
    fold = fit.folds
    scores: dict[str, list[Floats]] = {}
    for one in np.unique(fold):
        out, learnt = np.flatnonzero(fold == one), np.flatnonzero(fold != one)
        own = times.rows(learnt, N_NULL + 1)
        if not (own.early.any(1) & own.late.any(1)).all():
            continue
        bank = fit_bank(states.rows(learnt), own, fit.readouts, markers(learnt, N_NULL + 1), fit.n_axes)
        for name, found in _scores(bank, states.rows(out), times.rows(out, N_NULL + 1)).items():
            scores.setdefault(name, []).append(found)
    return [_row(name, np.array(found), times, fit) for name, found in scores.items()]


def _scores(bank: Bank, states: States, times: Times) -> dict[str, Floats]:
    """By read-out, the score of each of its R copies on cells that none has seen: [R], NaN where cells do not tell."""
    read = [bank.levels(states.rows(np.array([cell]))) for cell in range(len(states.embeddings))]
    found = {}
    for name in read[0]:
        levels = np.concatenate([one[name] for one in read])
        pairs = [(levels[:, r], r) for r in range(levels.shape[1])]
        if name == "pseudotime":
            found[name] = np.array([explained(level, times.time[r]) for level, r in pairs])
        else:
            found[name] = np.array([auc(level, times.late[r], times.early[r]) for level, r in pairs])
    return found


def auc(level: Floats, late: NDArray[np.bool_], early: NDArray[np.bool_]) -> float:
    """Probability that a late cell stands above an early one, ties counted half; NaN without both."""
    n_late, n_early = int(late.sum()), int(early.sum())
    if not n_late or not n_early:
        return float("nan")
    ranks = rankdata(np.concatenate([level[late], level[early]]))[:n_late]
    return float((ranks.sum() - n_late * (n_late + 1) / 2) / (n_late * n_early))


def explained(level: Floats, time: Floats) -> float:
    """R^2 of predictions; NaN where the truth does not vary."""
    total = np.square(time - time.mean()).sum()
    return float(1 - np.square(time - level).sum() / total) if total > 0 else float("nan")


def _row(name: str, scores: Floats, times: Times, fit: Fit) -> Row:
    """``scores`` [folds, R]."""
    told = ~np.isnan(scores).any(1)
    by_copy = scores[told].mean(0) if told.any() else np.full(scores.shape[1], np.nan)
    return {
        "readout": name,
        "metric": "r2" if name == "pseudotime" else "auc",
        "value": _or_null(by_copy[0]),
        "sd": _or_null(scores[told][:, 0].std()) if told.any() else None,
        "null_mean": _or_null(by_copy[1:].mean()),
        "null_high": _or_null(by_copy[1:].max()),
        "unit": fit.unit,
        "n_folds": len(np.unique(fit.folds)),
        "n_cells": len(times.time[0]),
        "n_early": int(times.early[0].sum()),
        "n_late": int(times.late[0].sum()),
    }


def _or_null(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
