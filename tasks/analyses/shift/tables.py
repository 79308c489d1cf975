"""Rows of the tables of the step.

A cell's distance is 1 - cos(before, after); its length |after - before| / |before|. Rows of embedding_shift are means
over the cells of a group: all, a cell type, a batch, or a cell type in a batch. Beside those of chosen features stand
the least and the largest mean of their random sets, and the means of both kinds of other directions.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.analyses.shift.conditions import ALONG, CLEAN, COVARIANCE, DIRECTION, FEATURE, RANDOM, Condition
from tasks.analyses.shift.embeddings import Embeddings
from tasks.analyses.shift.inputs import ShiftInputs
from tasks.analyses.shift.roles import Roles
from tasks.store import table_frame

Floats = NDArray[np.float64]
Row = dict[str, Any]
ALL = "all"


def setting_frame(sae_id: str, inputs: ShiftInputs) -> pl.DataFrame:
    """Table shift_setting: everything that is done, with how often and strongly its features are active."""
    traits, rows = inputs.traits, []
    for place, one in enumerate(inputs.conditions):
        own = list(one.features)
        about: Row = {"place": place, "setting": one.name, "selector": one.selector, "arm": one.arm, "draw": one.draw}
        how: Row = {"mode": one.mode, "value": one.value, "n_features": len(own)}
        means: Row = {
            name: float(values[own].mean()) if own else None
            for name, values in (("frequency", traits.frequency), ("activation", traits.mean), ("norm", traits.norm))
        }
        rows.append({"sae_id": sae_id, **about, **how, **means})
    return table_frame("shift_setting", rows)


def feature_frame(sae_id: str, inputs: ShiftInputs) -> pl.DataFrame:
    """Table shift_feature: the chosen features and the random ones in their places, as far as they are changed."""
    scores: dict[str, list[float | None]] = {one.selector: one.scores for one in inputs.choices}
    by_size = sorted(inputs.conditions, key=lambda one: len(one.features))
    longest = {(one.selector, one.arm, one.draw): one for one in by_size if one.arm in (FEATURE, RANDOM)}
    rows = []
    for (selector, arm, draw), one in sorted(longest.items()):
        for rank, feature in enumerate(one.features):
            about = {"sae_id": sae_id, "selector": selector, "arm": arm, "draw": draw, "rank": rank + 1}
            score = scores[selector][rank] if arm == FEATURE else None
            unit = inputs.traits.ceiling[feature]
            ceiling = None if np.isnan(unit) else float(unit)
            rows.append({**about, "feature": feature, "score": score, "ceiling": ceiling})
    return table_frame("shift_feature", rows)


def shift_frame(sae_id: str, found: Embeddings, inputs: ShiftInputs) -> pl.DataFrame:
    """Table embedding_shift."""
    distance, length = _moves(found)
    rows = []
    for grouping, name, cells in groups(found, inputs.roles):
        means = {one.name: float(distance[cells, place].mean()) for place, one in enumerate(inputs.conditions)}
        lengths = {one.name: float(length[cells, place].mean()) for place, one in enumerate(inputs.conditions)}
        for one in inputs.conditions:
            about: Row = {"sae_id": sae_id, "setting": one.name, "grouping": grouping, "member": name}
            size: Row = {"n_cells": int(cells.sum()), "distance": means[one.name], "length": lengths[one.name]}
            rows.append({**about, **size, **beside(one, inputs.conditions, means)})
    return table_frame("embedding_shift", rows).sort("setting", "grouping", "member")


def beside(one: Condition, others: Sequence[Condition], means: Mapping[str, float]) -> Row:
    """What the random sets and directions of a setting do, and whether it lies beyond all random sets; else NULL."""
    alike = [
        other
        for other in others
        if (other.selector, other.mode, other.value, len(other.features))
        == (one.selector, one.mode, one.value, len(one.features))
    ]
    of_arm = {arm: [means[other.name] for other in alike if other.arm == arm] for arm in (RANDOM, *ALONG)}
    if one.arm != FEATURE:
        of_arm = {arm: [] for arm in of_arm}
    random, direction, varying = of_arm[RANDOM], of_arm[DIRECTION], of_arm[COVARIANCE]
    return {
        "random_low": min(random, default=None),
        "random_high": max(random, default=None),
        "direction": float(np.mean(direction)) if direction else None,
        "covariance": float(np.mean(varying)) if varying else None,
        "beyond": means[one.name] > max(random) if random else None,
    }


def map_frame(sae_id: str, found: Embeddings, conditions: Sequence[Condition]) -> pl.DataFrame:
    """Table embedding_map: cells on the first two principal axes of the clean embeddings, before and after."""
    clean = found.of(CLEAN)
    mean = clean.mean(axis=0)
    axes = np.linalg.svd(clean - mean, full_matrices=False)[2][:2]
    axes *= np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)])[:, None]  # whatever LAPACK's signs are
    parts = []
    for one in conditions:
        if one.arm == RANDOM:
            continue
        places = (found.of(one.name) - mean) @ axes.T
        columns = {"x": places[:, 0], "y": places[:, 1] if places.shape[1] > 1 else np.zeros(len(places))}
        parts.append(
            pl.DataFrame({"cell_id": found.cell_id, **columns}).with_columns(
                sae_id=pl.lit(sae_id), setting=pl.lit(one.name)
            )
        )
    return pl.concat(parts).sort("setting", "cell_id")


def groups(found: Embeddings, roles: Roles) -> Iterator[tuple[str, str, NDArray[np.bool_]]]:
    """Grouping, name and cells [n] of all embedded cells, every type, every batch, and every type in a batch."""
    rows = np.searchsorted(roles.cell_id, found.cell_id)
    label, batch = (
        np.array(["unknown" if one is None else one for one in names[rows]]) for names in (roles.label, roles.batch)
    )
    both = np.array([f"{one}, {other}" for one, other in zip(label, batch, strict=True)])
    for grouping, names in (("type", label), ("batch", batch), ("type in batch", both)):
        for name in np.unique(names):
            yield grouping, str(name), names == name
    yield ALL, ALL, np.ones(len(rows), dtype=bool)


def _moves(found: Embeddings) -> tuple[Floats, Floats]:
    """Distance and length of every cell under every setting: each [n, c]; exactly 0 where nothing moves."""
    before, after = found.of(CLEAN)[:, None], found.values.astype(np.float64)
    size = np.maximum(np.linalg.norm(before, axis=2), np.finfo(np.float64).tiny)
    other = np.maximum(np.linalg.norm(after, axis=2), np.finfo(np.float64).tiny)
    cosine = (before * after).sum(axis=2) / (size * other)
    still = (before == after).all(axis=2)
    distance = np.where(still, 0.0, np.clip(1 - cosine, 0.0, 2.0))
    return distance, np.linalg.norm(after - before, axis=2) / size
