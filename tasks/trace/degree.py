"""Tables criterion and feature_degree: the rules, and what they make of edge_stat.

Rules are applied to the stored values, float32 d and g, so that a query over edge_stat counts the same edges.
"""

from pathlib import Path

import numpy as np
import polars as pl
import torch

from tasks.trace.names import EFFECT, Names
from tasks.trace.rules import Rule

OUT, IN = ["source_feature", "target_layer"], ["target_feature", "target_layer"]
DEGREE_COLUMNS = [
    "effect",
    "direction",
    "sae_id",
    "layer",
    "feature",
    "other_sae",
    "other_layer",
    "criterion",
    "degree",
    "mean_abs_d",
]


def criterion_frame(rules: list[Rule]) -> pl.DataFrame:
    """Rows of criterion."""
    schema = {
        "criterion": pl.String,
        "effect_min": pl.Float64,
        "consistency_min": pl.Float64,
        "q_max": pl.Float64,
        "nonzero_min": pl.UInt16,
        "symmetric": pl.Boolean,
        "meaning": pl.String,
    }
    rows = [(r.name, r.effect_min, r.consistency_min, r.q_max, r.nonzero_min, r.symmetric, r.meaning) for r in rules]
    return pl.DataFrame(rows, schema=schema, orient="row")


def called(stat: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    """The rows of edge_stat that are edges under the rule."""
    n_pos, n_neg, n = (
        torch.from_numpy(stat[name].to_numpy().astype(np.int64)) for name in ("n_pos", "n_neg", "n_cells")
    )
    effect = torch.from_numpy(stat["g" if rule.symmetric else "d"].to_numpy().copy())
    passes = rule.passes(effect, n_pos, n_neg, n).numpy()
    significant = True if rule.q_max is None else stat["q"].to_numpy() <= rule.q_max
    return stat.filter(passes & significant)


def degree_frame(names: Names, rules: list[Rule], edge_stat: list[Path], sources: list[int]) -> pl.DataFrame:
    """Rows of feature_degree: every traced source, and every target that is live for some source."""
    parts = [pl.read_parquet(path) for path in edge_stat]
    layers = pl.DataFrame({"target_layer": sorted(names.target_saes)}, schema={"target_layer": pl.UInt16})
    outs = pl.DataFrame({"source_feature": sources}, schema={"source_feature": pl.UInt32}).join(layers, how="cross")
    ins = pl.concat(part.select(IN).unique() for part in parts).unique().sort("target_layer", "target_feature")
    frames = []
    for rule in rules:
        edges = pl.concat(called(part, rule).select(*OUT, "target_feature", "d") for part in parts)
        frames += [
            _rows(names, rule, "out", _tally(outs, edges, OUT)),
            _rows(names, rule, "in", _tally(ins, edges, IN)),
        ]
    return pl.concat(frames)


def _tally(ends: pl.DataFrame, edges: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """Edges and mean |d| of every row of ``ends``, summed in the order of the edges."""
    numbered = ends.with_row_index("row")
    row = edges.join(numbered, on=key, how="left", maintain_order="left")["row"].to_numpy()
    degree = np.bincount(row, minlength=ends.height)
    total = np.bincount(row, weights=np.abs(edges["d"].to_numpy().astype(np.float64)), minlength=ends.height)
    mean = pl.Series(total) / pl.Series(degree)
    return ends.with_columns(
        pl.Series("degree", degree, dtype=pl.UInt32),
        pl.when(pl.Series(degree) > 0).then(mean).alias("mean_abs_d"),
    )


def _rows(names: Names, rule: Rule, direction: str, tally: pl.DataFrame) -> pl.DataFrame:
    source = (pl.lit(names.source_sae), pl.lit(names.source_layer, pl.UInt16))
    target = (pl.col("target_layer").replace_strict(names.target_saes, return_dtype=pl.String), pl.col("target_layer"))
    (sae, layer), (other_sae, other_layer) = (source, target) if direction == "out" else (target, source)
    return tally.with_columns(
        pl.lit(EFFECT).alias("effect"),
        pl.lit(direction).alias("direction"),
        sae.alias("sae_id"),
        layer.alias("layer"),
        pl.col("source_feature" if direction == "out" else "target_feature").alias("feature"),
        other_sae.alias("other_sae"),
        other_layer.alias("other_layer"),
        pl.lit(rule.name).alias("criterion"),
    ).select(DEGREE_COLUMNS)
