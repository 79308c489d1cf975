"""What step ``contexts`` keeps, found cell by cell in plain Python."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

Rows = list[dict[str, Any]]
LEVELS = {"lowest": 0.0, "q05": 0.05, "q25": 0.25, "median": 0.5, "q75": 0.75, "q95": 0.95, "highest": 1.0}


def kept_cells(codes: np.ndarray, cell: np.ndarray, *, strongest: int, others: int, known: int) -> Rows:
    """Rows of table ``feature_cell`` but sae_id; ``codes`` [N, F] at positions of ``cell`` [N], which ascends."""
    rows: Rows = []
    for feature in range(codes.shape[1]):
        values = {int(one): codes[cell == one, feature] for one in np.unique(cell)}
        ranked = sorted((one for one in values if values[one].max() > 0), key=lambda one: (-values[one].max(), one))
        n, before = len(ranked), (len(ranked) - others) // 2
        for rank, one in enumerate(ranked, start=1):
            part = "middle" if before < rank <= before + others else None
            part = "top" if rank <= strongest else "low" if rank > n - others else part
            if part is None and rank > known:
                continue
            own = values[one]
            figures = {"maximum": own.max(), "mean": own.mean(dtype=np.float64), "n_firings": int((own > 0).sum())}
            rows.append({"feature": feature, "cell_id": one, "rank": rank, "part": part, **figures})
    return rows


def firings(
    codes: np.ndarray, cell: np.ndarray, place: np.ndarray, gene: Sequence[str | None], kept: Rows, most: int
) -> Iterator[dict[str, Any]]:
    """Rows of table ``feature_context`` but sae_id, of the cells in ``kept`` that have a part."""
    for row in kept:
        if row["part"] is not None:
            value = codes[:, row["feature"]]
            own = [i for i in np.flatnonzero(cell == row["cell_id"]) if value[i] > 0]
            for i in sorted(sorted(own, key=lambda i: (-value[i], i))[:most]):
                said = {"position": int(place[i]), "gene_id": gene[i], "activation": float(value[i])}
                yield {"feature": row["feature"], "cell_id": row["cell_id"], **said}


def quantiles(codes: np.ndarray, cell: np.ndarray, labels: Sequence[str | None]) -> Iterator[dict[str, Any]]:
    """Rows of table ``feature_label_quantile`` but sae_id; ``labels`` of the ascending distinct cells."""
    ids = np.unique(cell)
    groups = {("all", "all cells"): ids.tolist()}
    for one, label in zip(ids.tolist(), labels, strict=True):
        if label is not None:
            groups.setdefault(("type", label), []).append(one)
    for feature in range(codes.shape[1]):
        if codes[:, feature].any():
            mean = {int(one): float(codes[cell == one, feature].mean(dtype=np.float64)) for one in ids}
            for (kind, label), cells in groups.items():
                own = sorted(mean[one] for one in cells)
                found = {name: _quantile(own, level) for name, level in LEVELS.items()}
                n = {"n_cells": len(own), "n_active": sum(value > 0 for value in own)}
                yield {"feature": feature, "kind": kind, "label": label, **n, **found}


def _quantile(ascending: list[float], level: float) -> float:
    place = level * (len(ascending) - 1)
    low = int(place)
    high = min(low + 1, len(ascending) - 1)
    return ascending[low] + (place - low) * (ascending[high] - ascending[low])
