"""Rows of intervention_summary: means over cells with their tests, and whether they are beyond those of controls."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray

from tasks.analyses.intervene.step import SCORES, InterveneSettings
from tasks.statistics.fdr import benjamini_hochberg
from tasks.statistics.permutation import permute
from tasks.trace.controls import DIRECTIONS

FLIPS = 9  # stream of the seed
KEY = ("intervention", "treatment", "readout", "item")
SIGNED = ("gene", "hidden", "feature", *SCORES)
Row = dict[str, Any]
Key = tuple[str, str, str]  # intervention, read-out and item


def summary_rows(
    values: pl.DataFrame,
    settings: InterveneSettings,
    shuffled: Mapping[Key, float] | None = None,
    degenerate: frozenset[str] = frozenset(),
) -> list[Row]:
    """Rows of intervention_summary from those of intervention_value.

    ``shuffled``: p of scores against those of exchanged labels; ``degenerate``: interventions at the last layer alone,
    where probes are not tested.
    """
    rows: list[Row] = []
    for key, part in values.sort(*KEY, "cell_id").partition_by(*KEY, as_dict=True, maintain_order=True).items():
        found = part["value"].to_numpy().copy()
        about = dict(zip(KEY, key, strict=True))
        told = not (about["readout"] == "probability" and about["intervention"] in degenerate)
        p = _flipped(found, settings) if about["readout"] in SIGNED and told else None
        sd = float(found.std(ddof=1)) if found.size > 1 else None
        rows.append({**about, "n_cells": found.size, "mean": float(found.mean()), "sd": sd, "p": p})
        where = (about["intervention"], about["readout"], about["item"])
        real = about["treatment"] == "real" and told
        rows[-1]["p_shuffled"] = (shuffled or {}).get(where) if real else None
    tested = [row for row in rows if row["treatment"] == "real" and row["p"] is not None]
    scored = [row for row in rows if row["p_shuffled"] is not None]
    q, q_shuffled = _corrected(tested, "p"), _corrected(scored, "p_shuffled")
    return [
        {**row, "q": q.get(id(row)), "q_shuffled": q_shuffled.get(id(row)), "beyond": _beyond(row, rows)}
        for row in rows
    ]


def _flipped(found: NDArray[np.float64], settings: InterveneSettings) -> float:
    """Two-sided p of the mean, signs of cells flipped."""
    effects = torch.from_numpy(found)[:, None]
    return float(permute(effects, settings.n_flips, settings.fine_flips, [settings.seed, FLIPS]).p[0])


def _corrected(rows: list[Row], name: str) -> dict[int, float]:
    """Benjamini-Hochberg's q of a column, by id of the row."""
    q = benjamini_hochberg(np.array([row[name] for row in rows])) if rows else np.zeros(0)
    return dict(zip(map(id, rows), q.tolist(), strict=True))


def _beyond(row: Row, rows: list[Row]) -> bool | None:
    """Whether a real mean is larger than those of its control directions."""
    alike = [one for one in rows if all(one[name] == row[name] for name in ("intervention", "readout", "item"))]
    drawn = [abs(one["mean"]) for one in alike if one["treatment"] in DIRECTIONS]
    return abs(row["mean"]) > max(drawn) if row["treatment"] == "real" and drawn else None
