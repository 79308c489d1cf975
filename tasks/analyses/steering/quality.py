"""How well read-outs tell early from late cells that they did not learn from, beside read-outs of shuffled times.

1. Cells that fit read-outs are cut into folds: by donor where there are several, else by cell.
2. Read-outs learn from all folds but one and read the cells of that one.
3. AUC of late against early cells, and for ``pseudotime`` R^2 over all cells; mean and deviation over folds.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from tasks.analyses.steering.bank import Bank, Markers, Times, fit_bank
from tasks.analyses.steering.roles import Roles
from tasks.analyses.steering.states import States
from tasks.analyses.steering.step import SteeringSettings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
N_NULL = 20  # of the shuffled pseudotimes
FOLD_STREAM = 5  # of the seed
Row = dict[str, Any]


def probe_rows(
    settings: SteeringSettings, states: States, times: Times, roles: Roles, markers: Markers | None
) -> list[Row]:
    """Rows of table ``probe``: every read-out, tested on cells of the other folds."""
    fold = folds(settings, roles.donor[roles.fit], roles.unit)
    few = None if markers is None else Markers(markers.late[: N_NULL + 1], markers.early[: N_NULL + 1])
    scores: dict[str, list[Floats]] = {}
    for one in np.unique(fold):
        out, learnt = np.flatnonzero(fold == one), np.flatnonzero(fold != one)
        own = times.rows(learnt, N_NULL + 1)
        if not (own.early.any(1) & own.late.any(1)).all():
            continue
        bank = fit_bank(states.rows(learnt), own, settings.readouts, few, settings.n_axes_probe)
        for name, found in _scores(bank, states.rows(out), times.rows(out, N_NULL + 1)).items():
            scores.setdefault(name, []).append(found)
    return [_row(name, np.array(found), times, roles, len(np.unique(fold))) for name, found in scores.items()]


def folds(settings: SteeringSettings, donor: Ints, unit: str) -> Ints:
    """The fold of every cell [n]."""
    groups = donor if unit == "donor" else np.arange(len(donor))
    names, place = np.unique(groups, return_inverse=True)
    order = np.random.default_rng([settings.seed, FOLD_STREAM]).permutation(len(names))
    return np.asarray(order[place] % min(settings.n_folds, len(names)))


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


def _row(name: str, scores: Floats, times: Times, roles: Roles, n_folds: int) -> Row:
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
        "unit": roles.unit,
        "n_folds": n_folds,
        "n_cells": len(times.time[0]),
        "n_early": int(times.early[0].sum()),
        "n_late": int(times.late[0].sum()),
    }


def _or_null(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
