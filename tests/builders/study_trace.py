"""Invented per-cell effects of a trace, and every statistic counted from them.

1. An effect of every living source on two fifths of the targets, cell by cell, a third of them exactly zero.
2. Sign flips of whole cells give p, the expected number of passing pairs, and the sweep's null.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from tests.builders.contract_frames import contract_frame
from tests.builders.study_cells import World
from tests.builders.study_effects import BY_FLIPS, CRITERIA, SWEEP, flip_signs, passes_minima, passes_rule, statistics
from tests.builders.study_features import Layer


@dataclass
class Traced:
    """What one source layer's trace collects while it walks its features."""

    edges: list[pl.DataFrame] = field(default_factory=list)
    cells: list[dict[str, Any]] = field(default_factory=list)
    flipped: dict[tuple[str, int, str], np.ndarray] = field(default_factory=dict)  # passing pairs by flip
    swept: dict[tuple[str, float, float], list[float]] = field(default_factory=dict)  # expected passing pairs


def trace_pairs(source: Layer, world: World, n_cells: int) -> pl.DataFrame:
    """trace_pair: the first ``n_cells`` held-out cells, every feature active in them."""
    chosen = np.unique(world.cell_id[world.heldout])[:n_cells]
    rows = []
    for cell in chosen:
        codes = source.codes[world.cell_id == cell]
        for f in np.flatnonzero(codes.any(0)):
            active = codes[codes[:, f] > 0, f]
            norm = float(np.sqrt((active.astype(np.float64) ** 2).sum()))
            rows.append((source.sae_id, source.layer, f, cell, len(active), active.sum(), active.max(), norm))
    columns = ["sae_id", "layer", "feature", "cell_id", "n_positions", "activation_sum", "activation_max", "norm"]
    table = pl.DataFrame(rows, schema=columns, orient="row").sort("feature", "cell_id")
    names = {"sae_id": "source_sae", "layer": "source_layer", "feature": "source_feature", "norm": "displacement_norm"}
    done = {"n_read": pl.col("n_positions"), "change_sum": -pl.col("activation_sum")}
    return contract_frame("trace_pair", table.rename(names).with_columns(**done))


def trace_source(
    pairs: pl.DataFrame, source: Layer, targets: list[Layer], *, effects: tuple[str, ...], n_perm: int, seed: int
) -> Traced:
    """Effects of all features of ``source`` that are active in at least two of the traced cells."""
    traced = Traced()
    rng = np.random.default_rng([seed, source.layer, 19])
    for (feature,), group in pairs.group_by("source_feature", maintain_order=True):
        cells = group["cell_id"].to_numpy()
        if len(cells) < 2:
            continue
        for target in targets:
            deltas = _invent(rng, len(cells), target.codes.any(0))
            for effect in effects:
                share = 1.0 if effect == "total" or target.layer == source.layer + 1 else 0.6
                _measure(
                    traced,
                    (effect, source, int(feature), target),
                    cells,
                    deltas * np.float32(share),
                    n_perm=n_perm,
                    rng=rng,
                )
    return traced


def _invent(rng: np.random.Generator, n: int, alive: np.ndarray) -> np.ndarray:
    live = alive & (rng.random(len(alive)) < 0.4)
    mean = rng.normal(-0.1, 0.5, len(alive)) * (rng.random(len(alive)) < 0.5)
    deltas = (mean + rng.normal(0, 0.4, (n, len(alive)))) * (rng.random((n, len(alive))) < 0.67) * live
    return deltas.astype(np.float32)


def _measure(
    traced: Traced,
    names: tuple[str, Layer, int, Layer],
    cells: np.ndarray,
    deltas: np.ndarray,
    *,
    n_perm: int,
    rng: np.random.Generator,
) -> None:
    effect, source, feature, target = names
    ends = {
        "effect": effect,
        "source_sae": source.sae_id,
        "source_layer": source.layer,
        "source_feature": feature,
        "target_sae": target.sae_id,
        "target_layer": target.layer,
    }
    for cell, row in zip(cells, deltas, strict=True):
        hit = np.flatnonzero(row)
        if len(hit):
            traced.cells.append({**ends, "cell_id": cell, "targets": hit.tolist(), "deltas": row[hit].tolist()})
    live = np.flatnonzero(deltas.any(0))
    flips, exact = flip_signs(len(cells), n_perm, rng)
    edges, null = statistics(deltas[:, live].astype(np.float64), flips, exact)
    traced.edges.append(edges.with_columns(target_feature=live, **{k: pl.lit(v) for k, v in ends.items()}))
    for name in BY_FLIPS:
        key = (effect, feature, name)
        traced.flipped[key] = traced.flipped.get(key, 0) + passes_rule(null, CRITERIA[name]).sum(1)
    for minima in SWEEP:
        expected = passes_minima(null, *minima).sum(1).mean()
        traced.swept.setdefault((effect, *minima), []).append(float(expected))
