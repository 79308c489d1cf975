"""Rows of step ``damage`` in a synthetic study: hubs cost twice as much as their matches, random features nothing."""

from typing import Any

import numpy as np
import polars as pl

from tasks.analyses.damage.arms import Arms
from tasks.analyses.damage.comparisons import comparison_rows
from tasks.analyses.damage.summary import summary_rows
from tests.builders.contract_frames import contract_frame

N_FEATURES, N_CELLS, N_MASKED, CLEAN = 6, 12, 20, 3.0
COSTS = {"hub": 0.02, "random": 0.0, "matched": 0.01}
CONTROLS = ("random_direction", "covariance_matched")


def damage_tables(features: pl.DataFrame, cells: list[int]) -> dict[str, pl.DataFrame]:
    """All tables of the step, for ``features`` of one autoencoder (rows of feature) and some cells."""
    firing = features.filter(pl.col("frequency") > 0).sort("frequency", "feature", descending=True)
    if firing.height < 3 * N_FEATURES:
        return {name: contract_frame(name, []) for name in ("lm_damage", "damage_summary", "damage_test")}
    order = firing["feature"].to_list()
    matches = dict(zip(order[:N_FEATURES], order[N_FEATURES : 2 * N_FEATURES], strict=True))
    arms = Arms(order[:N_FEATURES], order[-N_FEATURES:], matches)
    rows = [row for cell_id in sorted(cells)[:N_CELLS] for row in _cell(arms, cell_id)]
    measured, known = pl.DataFrame(rows), firing.select("feature", "frequency", degree=pl.int_range(pl.len(), 0, -1))
    tables = {
        "lm_damage": rows,
        "damage_summary": summary_rows(measured, known, 99, [0]),
        "damage_test": comparison_rows(measured, known, 99, [1]),
    }
    key = {"effect": "total", "criterion": "calibrated", "sae_id": features["sae_id"][0]}
    return {name: contract_frame(name, [{**key, **row} for row in found]) for name, found in tables.items()}


def _cell(arms: Arms, cell_id: int) -> list[dict[str, Any]]:
    rng = np.random.default_rng(cell_id)
    rows = []
    for arm, features in arms.features.items():
        for change in ("ablated", *(CONTROLS if arm == "hub" else ())):
            worth = COSTS[arm] * (0.25 if change in CONTROLS else 1)
            costs = {place: rng.normal(worth, 0.004) * (rng.random() < 0.9) for place in features}
            rows += [_row(arm, change, cell_id, cost, place, features[place]) for place, cost in costs.items()]
            rows.append(_row(arm, change, cell_id, sum(costs.values())))
    return [*rows, _row("hub", "zero", cell_id, 0.0), _row("autoencoder", "reconstruction", cell_id, 0.3)]


def _row(
    arm: str, change: str, cell_id: int, cost: float, place: int = 0, feature: int | None = None
) -> dict[str, Any]:
    active = bool(cost) or not place
    about = {"arm": arm, "change": change, "place": place, "feature": feature, "cell_id": cell_id, "active": active}
    size = {"n_masked": N_MASKED, "n_positions": 3 * active, "norm": 1.0 * active}
    return {**about, **size, "ce_clean": CLEAN, "ce_ablated": CLEAN + cost, "n_right_clean": 9, "n_right_ablated": 8}
