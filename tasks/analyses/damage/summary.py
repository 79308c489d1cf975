"""From cells to features and arms: what each costs, by two rules.

1. ``same_cells``: the mean over all measured cells of the cost in each, at the same hidden genes on both sides. Cells
   where a feature is silent count with exactly 0.
2. ``published``: the loss over hidden genes of the cells where the feature is active, less the loss of the unchanged
   model over hidden genes of *all* cells. A feature that is silent in cells which are harder than others seems to do
   harm, and one that is silent nowhere does not: the two sides are of different cells. A silent feature has no value.
3. An arm costs what its features cost on average, with an interval over features; what it costs together has one
   over cells.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.statistics.fieller import ratio_limits

Floats = NDArray[np.float64]
Row = dict[str, Any]
ITEM = ["arm", "change", "place", "feature"]
COST = pl.col("ce_ablated") - pl.col("ce_clean")
RIGHT = (pl.col("n_right_ablated").cast(pl.Int64) - pl.col("n_right_clean").cast(pl.Int64)) / pl.col("n_masked")
TRACED = ["degree", "frequency"]


def same_cells(cells: pl.DataFrame) -> pl.DataFrame:
    """Step 1 of rows of lm_damage: ITEM, ``cost``, ``accuracy``, ``n_active`` and ``norm`` of every change."""
    found = cells.group_by(ITEM).agg(
        cost=COST.mean(),
        accuracy=RIGHT.mean(),
        n_active=pl.col("active").sum(),
        norm=pl.col("norm").filter("active").mean(),
    )
    return found.sort(ITEM)


def published(cells: pl.DataFrame) -> pl.DataFrame:
    """Step 2, of features taken out alone; the columns of ``same_cells``."""
    whole = cells.filter(place=0, change="zero").select(**_pooled("clean")).row(0, named=True)
    alone = cells.filter("active", pl.col("change") == "ablated", pl.col("place") > 0)
    shares = {name: value - pl.lit(whole[name], pl.Float64) for name, value in _pooled("ablated").items()}
    return alone.group_by(ITEM).agg(**shares, n_active=pl.len().cast(pl.UInt32), norm=pl.col("norm").mean()).sort(ITEM)


def _pooled(side: str) -> dict[str, pl.Expr]:
    """Loss and share of right guesses over the hidden genes of all cells together."""
    n_masked = pl.col("n_masked").mean()
    loss = (pl.col(f"ce_{side}") * pl.col("n_masked")).mean() / n_masked
    return {"cost": loss, "accuracy": pl.col(f"n_right_{side}").mean() / n_masked}


def summary_rows(cells: pl.DataFrame, features: pl.DataFrame, n_draws: int, seed: list[int]) -> list[Row]:
    """Rows of damage_summary behind sae_id; ``features``: feature, degree and frequency."""
    costs = {"same_cells": same_cells(cells), "published": published(cells)}
    rows: list[Row] = []
    for rule, table in costs.items():
        for (arm, change), own in table.filter(pl.col("place") > 0).group_by("arm", "change", maintain_order=True):
            known = own.join(features, on="feature", how="left")
            about = {"rule": rule, "arm": arm, "change": change, "together": False, "n_units": own.height}
            of_features = {f"median_{name}": known[name].median() for name in TRACED}
            rows.append({**about, **_figures(known, n_draws, [*seed, len(rows)]), **of_features})
    return [*rows, *_together(cells, n_draws, [*seed, len(rows)])]


def _together(cells: pl.DataFrame, n_draws: int, seed: list[int]) -> Iterator[Row]:
    """Step 3 for whole arms, the reconstruction, and nothing at all."""
    whole = cells.filter(place=0).with_columns(cost=COST, accuracy=RIGHT).sort("arm", "change", "cell_id")
    for number, ((arm, change), own) in enumerate(whole.group_by("arm", "change", maintain_order=True)):
        about = {"rule": "same_cells", "arm": arm, "change": change, "together": True, "n_units": own.height}
        nothing = {f"median_{name}": None for name in TRACED}
        yield {**about, **_figures(own, n_draws, [*seed, number]), **nothing}


def _figures(own: pl.DataFrame, n_draws: int, seed: list[int]) -> Row:
    """Mean with its interval, and median, of ``cost``; the mean change of ``accuracy`` and the mean ``norm``."""
    cost = own["cost"].to_numpy().astype(np.float64)
    low, high = interval(cost, n_draws, seed)
    means = {"accuracy": own["accuracy"].mean(), "mean_norm": own["norm"].mean()}
    return {"mean": float(cost.mean()), "median": float(np.median(cost)), "low": low, "high": high, **means}


def interval(values: Floats, n_draws: int, seed: list[int]) -> tuple[float | None, float | None]:
    """95 % interval of the mean of ``values`` [n], which are units (``fieller``); None where too few say nothing."""
    low, high = ratio_limits(values, np.ones(len(values)), n_draws, seed)
    return (None, None) if low is None or high is None else (low, high)
