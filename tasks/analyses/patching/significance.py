"""Tests of paired differences, and what directions that mean nothing give under the same test.

1. Of every feature, kind of targets and treatment: mean and standard deviation of the cells' differences (or of the
   means of units, where the study names them), and p of sign flips of cells (units), as step trace has them.
2. Cells share their genes, and any direction does more to some genes than to others: p speaks of cells, not of
   directions. Hence ``p_direction``: with t = mean / (sd / sqrt(n)), and K controls of equal length along random and
   covariance-matched directions, of all features with this kind of targets,
   p_direction = (1 + #{|t of control| >= |t|}) / (1 + K).
3. Benjamini-Hochberg over all features and kinds of targets of the layer; controls are not among them.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray

from tasks.analyses.patching.step import PatchingSettings
from tasks.statistics.families import Family, family
from tasks.statistics.permutation import permute
from tasks.statistics.unit_flips import unit_effects
from tasks.trace.controls import DIRECTIONS

FLIPS = 7  # stream of the seed
KEY = ("target_kind", "feature", "treatment")
Row = dict[str, Any]
Floats = NDArray[np.float64]


def flip_tests(
    cells: pl.DataFrame, units: Mapping[int, str] | None, settings: PatchingSettings, layer: int
) -> list[Row]:
    """Step 1 for rows of patch_cell, in the order of KEY; ``units``: the unit of every cell, if it is not the cell."""
    rows = []
    for key, part in cells.sort(*KEY, "cell_id").partition_by(*KEY, as_dict=True, maintain_order=True).items():
        differences = part["difference"].to_numpy()
        values = differences if units is None else _by_unit(differences, part["cell_id"].to_list(), units)
        flips = permute(
            torch.from_numpy(values.copy())[:, None],
            settings.n_flips,
            settings.fine_flips,
            [settings.seed, layer, FLIPS],
        )
        means = {name: part[name].mean() for name in ("target_effect", "other_effect", "elsewhere", "kl")}
        rows.append(
            {
                **dict(zip(KEY, key, strict=True)),
                **means,
                "n_cells": part.height,
                "n_units": values.size,
                "difference": float(values.mean()),
                "sd": float(values.std(ddof=1)) if values.size > 1 else None,
                "per_unit": _mean(part.filter(pl.col("dose") > 0).select(pl.col("difference") / pl.col("dose"))),
                "p": float(flips.p[0]),
            }
        )
    return rows


def _by_unit(differences: Floats, cells: list[int], units: Mapping[int, str]) -> Floats:
    code = np.unique([units[cell] for cell in cells], return_inverse=True)[1]
    effects: Floats = unit_effects(differences, code.astype(np.int64)).effects[:, 0]
    return effects


def _mean(frame: pl.DataFrame) -> float | None:
    return float(frame.to_series().mean()) if frame.height else None  # type: ignore[arg-type]


def standardised(row: Row) -> float | None:
    """t of step 2; None below two cases or without spread."""
    return row["difference"] / (row["sd"] / row["n_units"] ** 0.5) if row["sd"] else None


def with_directions(rows: list[Row]) -> list[Row]:
    """Step 2: ``p_direction`` of every row, None where there is no t or no control."""
    drawn: dict[str, list[float]] = {}
    for row in rows:
        t = standardised(row)
        if row["treatment"] in DIRECTIONS and t is not None:
            drawn.setdefault(row["target_kind"], []).append(abs(t))
    found = []
    for row in rows:
        t, null = standardised(row), np.array(drawn.get(row["target_kind"], []))
        p = None if t is None or not null.size else float((1 + (null >= abs(t)).sum()) / (1 + null.size))
        found.append({**row, "p_direction": p})
    return found


def with_q(rows: list[Row], layer: int) -> tuple[list[Row], Family]:
    """Step 3 for the rows of treatment real."""
    name = f"patching of layer {layer}"
    tests = family(name, "features x kinds of targets", np.array([row["p"] for row in rows], dtype=np.float64))
    return [{**row, "q": float(q), "family": name} for row, q in zip(rows, tests.q, strict=True)], tests
