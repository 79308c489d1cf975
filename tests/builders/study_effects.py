"""Effect sizes, sign flips and the rules that call edges, written plainly for synthetic studies."""

from typing import Any

import numpy as np
import polars as pl

SYMMETRIC: dict[str, Any] = {
    "effect_min": 0.5, "consistency_min": 0.7, "q_max": 0.05, "nonzero_min": 5, "symmetric": True,
}  # fmt: skip
CRITERIA: dict[str, dict[str, Any]] = {
    "published": {**SYMMETRIC, "q_max": None, "nonzero_min": 0, "symmetric": False, "controlled": False},
    "calibrated": {**SYMMETRIC, "controlled": False},
    "specific": {**SYMMETRIC, "controlled": True},
}
BY_FLIPS = ("published", "calibrated")
SWEEP = [
    (effect, consistency) for effect in (0.3, 0.5, 0.8, 1.0, 1.5, 2.0) for consistency in (0.6, 0.7, 0.8, 0.9, 1.0)
]


def flip_signs(n: int, n_perm: int, rng: np.random.Generator) -> tuple[np.ndarray, bool]:
    if 2**n > n_perm:
        return rng.choice([-1.0, 1.0], (n_perm, n)), False
    return 1.0 - 2.0 * ((np.arange(2**n)[:, None] >> np.arange(n)) & 1), True


def statistics(deltas: np.ndarray, flips: np.ndarray, exact: bool) -> tuple[pl.DataFrame, dict[str, np.ndarray]]:
    """Statistics of the live targets ``deltas`` [cells, targets], and the same under every flip [flips, targets]."""
    n = len(deltas)
    observed = effect_sizes(np.ones((1, n)), deltas)
    null = effect_sizes(flips, deltas)
    exceed = (np.abs(null["d"]) >= np.abs(observed["d"]) * (1 - 1e-9)).sum(0)
    p = exceed / len(flips) if exact else (1 + exceed) / (1 + len(flips))
    columns = {name: value[0] for name, value in observed.items()}
    frame = pl.DataFrame({**columns, "n_exceed": exceed, "p": p})
    return frame.with_columns(n_perm=pl.lit(len(flips)), exact=pl.lit(exact)), null


def effect_sizes(signs: np.ndarray, deltas: np.ndarray) -> dict[str, np.ndarray]:
    """mean, sd, d, g, n_pos, n_neg of ``signs`` [rows, cells] times ``deltas`` [cells, targets]."""
    n = len(deltas)
    mean = signs @ deltas / n
    sd = np.sqrt(np.maximum(((deltas**2).sum(0) - n * mean**2) / (n - 1), 0.0))
    d = mean / np.maximum(sd, 1e-10)
    n_pos = (signs > 0) @ (deltas > 0).astype(float) + (signs < 0) @ (deltas < 0).astype(float)
    n_neg = (deltas != 0).sum(0) - n_pos
    stat = {"mean": mean, "sd": sd, "d": d, "g": d * (1 - 3 / (4 * n - 5)), "n_pos": n_pos, "n_neg": n_neg}
    return stat | {"n_cells": np.full_like(n_pos, n)}


def passes_rule(stat: Any, rule: dict[str, Any]) -> Any:
    """Which pairs pass the rule's effect, consistency and fewest non-zero cells (its q apart)."""
    n_pos, n_neg, n = (np.asarray(stat[name], dtype=float) for name in ("n_pos", "n_neg", "n_cells"))
    if rule["symmetric"]:
        size, agree = np.abs(np.asarray(stat["g"])), np.maximum(n_pos, n_neg) / np.maximum(n_pos + n_neg, 1)
    else:
        size, agree = np.abs(np.asarray(stat["d"])), np.maximum(n_pos, n - n_pos) / n
    return (size > rule["effect_min"]) & (agree > rule["consistency_min"]) & (n_pos + n_neg >= rule["nonzero_min"])


def passes_minima(stat: Any, effect_min: float, consistency_min: float) -> Any:
    """Which pairs pass a cell of the threshold sweep: |d|, and sign agreement among non-zero cells."""
    n_pos, n_neg = (np.asarray(stat[name], dtype=float) for name in ("n_pos", "n_neg"))
    agree = np.maximum(n_pos, n_neg) / np.maximum(n_pos + n_neg, 1)
    agrees = agree >= 1 if consistency_min == 1 else agree > consistency_min
    return (np.abs(np.asarray(stat["d"])) > effect_min) & agrees
