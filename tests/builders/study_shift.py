"""Rows of steps shift and integration in a synthetic study: features of two invented batches, changed one and two at a
time, beside random ones; batches mix the more, the more is changed."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from tasks.analyses.integration.names import METRICS
from tests.builders.contract_frames import contract_frame
from tests.builders.study_cells import World
from tests.builders.study_features import Layer

N_DRAWS, NUMBERS = 2, (1, 2)
BATCHES = ("x", "y")
Row = dict[str, Any]


def shift_tables(world: World, saes: Sequence[Layer], seed: int = 0) -> dict[str, pl.DataFrame]:
    """All tables of both steps, for every autoencoder."""
    rng = np.random.default_rng([seed, 91])
    cells = world.cells.filter("chosen").sort("cell_id").select("cell_id", "label")
    rows: dict[str, list[Row]] = {}
    for one in saes:
        for table, found in _of_layer(one, cells, rng).items():
            rows.setdefault(table, []).extend({"sae_id": one.sae_id, **row} for row in found)
    return {table: contract_frame(table, found) for table, found in rows.items()}


def _settings() -> list[Row]:
    nothing = {"frequency": None, "activation": None, "norm": None}
    clean = {"setting": "clean", "selector": "none", "arm": "clean", "draw": 0, "value": 1.0, "n_features": 0}
    rebuilt = {**clean, "setting": "reconstruction", "arm": "reconstruction", "mode": "published", "value": 0.0}
    found: list[Row] = [clean | nothing, rebuilt | nothing]
    for n in NUMBERS:
        name, means = f"batch_scale0_n{n}", {"frequency": 0.1, "activation": 1.0, "norm": 1.0}
        arms = [("feature", 0, "")]
        arms += [("random", draw, f"_random{draw}") for draw in range(1, N_DRAWS + 1)]
        arms += [("direction", 1, "_direction1"), ("covariance", 1, "_covariance1")]
        about = {"selector": "batch", "value": 0.0, "n_features": n}
        found += [{"setting": name + end, "arm": arm, "draw": draw, **about, **means} for arm, draw, end in arms]
    return [{"place": place, "mode": "scale", **row} for place, row in enumerate(found)]


def _of_layer(layer: Layer, cells: pl.DataFrame, rng: np.random.Generator) -> dict[str, list[Row]]:
    settings = _settings()
    roles = [
        {"cell_id": row["cell_id"], "label": row["label"], "batch": BATCHES[place % 2], "reference": True}
        | {"chooses": place % 3 == 0, "embedded": place % 3 > 0}
        for place, row in enumerate(cells.iter_rows(named=True))
    ]
    embedded = [row for row in roles if row["embedded"]]
    features = [
        {"selector": "batch", "arm": arm, "draw": draw, "rank": rank, "feature": 2 * draw + rank, "ceiling": 2.0}
        | {"score": 1 / rank if arm == "feature" else None}
        for arm, draw in (("feature", 0), *(("random", one) for one in range(1, N_DRAWS + 1)))
        for rank in NUMBERS
    ]
    return {
        "shift_setting": settings,
        "shift_cell": roles,
        "shift_feature": features,
        "embedding_shift": [row for one in settings for row in _moves(one, embedded)],
        "embedding_map": [row for one in settings if one["arm"] != "random" for row in _places(one, embedded, rng)],
        "integration_metric": [row for one in settings for row in _metrics(one, "model")]
        + _metrics(settings[0], "pca"),
        "label_transfer": [row for one in settings for row in _transfer(one, "model", len(embedded))],
    }


def _effect(setting: Row) -> float:
    by_arm = {
        "clean": 0.0,
        "reconstruction": 0.0,
        "feature": 0.1,
        "random": 0.02,
        "direction": 0.04,
        "covariance": 0.05,
    }
    return by_arm[setting["arm"]] * setting["n_features"]


def _moves(setting: Row, cells: list[Row]) -> list[Row]:
    groups = [("all", "all", len(cells))]
    groups += [("batch", name, sum(row["batch"] == name for row in cells)) for name in BATCHES]
    moved, own = _effect(setting), setting["arm"] == "feature"
    n = setting["n_features"]
    beside = {"random_low": 0.015 * n, "random_high": 0.025 * n, "direction": 0.04 * n, "covariance": 0.05 * n}
    beside |= {"beyond": moved > 0.025 * n}
    shown = beside if own else dict.fromkeys(beside)
    about = {"setting": setting["setting"], "distance": moved, "length": 2 * moved, **shown}
    return [{"grouping": grouping, "member": name, "n_cells": size, **about} for grouping, name, size in groups]


def _places(setting: Row, cells: list[Row], rng: np.random.Generator) -> list[Row]:
    x = np.arange(len(cells)) % 7 + _effect(setting)
    y = rng.normal(size=len(cells)) if setting["arm"] == "direction" else np.arange(len(cells)) % 5 * 1.0
    ids = [row["cell_id"] for row in cells]
    return [
        {"setting": setting["setting"], "cell_id": cell, "x": float(one), "y": float(other)}
        for cell, one, other in zip(ids, x, y, strict=True)
    ]


def _metrics(setting: Row, embedding: str) -> list[Row]:
    change = _effect(setting)
    own = embedding == "model"
    rows = []
    for metric in METRICS:
        known = metric != "kbet"  # too few cells
        value = 0.4 + change
        row: Row = {"embedding": embedding, "setting": setting["setting"], "metric": metric}
        ends = {"value": value, "low": value - 0.05, "high": value + 0.05}
        moves = {"change": change, "change_low": change - 0.03, "change_high": change + 0.03}
        row |= ends if known else dict.fromkeys(ends)
        row |= moves if known and own else dict.fromkeys(moves)
        rows.append(row | {"reason": None if known else "no cell type has enough cells in two batches"})
    return rows


def _transfer(setting: Row, embedding: str, n_cells: int) -> list[Row]:
    value = 0.6 + _effect(setting)
    scores = {
        f"{name}{end}": value + by
        for name in ("accuracy", "macro_f1")
        for end, by in (("", 0.0), ("_low", -0.05), ("_high", 0.05))
    }
    about = {"embedding": embedding, "setting": setting["setting"], "n_labels": 3, "n_unseen": 0}
    return [{"batch": name, "n_cells": n_cells // 2, **about, **scores} for name in BATCHES]
