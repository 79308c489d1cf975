"""Rows of the trace step: edge statistics with q, degrees, null and threshold sweep."""

from typing import Any

import numpy as np
import polars as pl
from scipy.stats import false_discovery_control, spearmanr

from tests.builders.contract_frames import contract_frame
from tests.builders.study_effects import CRITERIA, SWEEP, passes_minima, passes_rule
from tests.builders.study_features import Layer
from tests.builders.study_trace import Traced

FINE = 20_000
ENDS = {"out": ("source", "target"), "in": ("target", "source")}


def criterion_rows() -> pl.DataFrame:
    """criterion: the rules."""
    words = {
        "published": "|d| above 0.5 and more than 0.7 of all cells on one side, zeros counted as negative",
        "calibrated": "|g| above 0.5, q at most 0.05, more than 0.7 of the non-zero cells agree, at least 5 of them",
        "specific": "as calibrated, and q_specific at most 0.05 in place of q",
    }
    judged = {"unit": "cell", "ablation": "zero", "multiplier": None, "positions": "active"}
    return contract_frame(
        "criterion", [{"criterion": n, **r, "meaning": words[n], **judged} for n, r in CRITERIA.items()]
    )


def edge_rows(traced: Traced) -> pl.DataFrame:
    """edge_stat: BH within effect and target layer; values are rounded to their column types before any rule."""
    table = _finer(pl.concat(traced.edges, how="diagonal"))
    table = table.sort("effect", "source_feature", "target_layer", "target_feature")
    table = _beside_controls(table).with_columns(q=_corrected(pl.col("p")), q_specific=pl.lit(1.0))
    enough = pl.col("n_pos") + pl.col("n_neg") >= CRITERIA["specific"]["nonzero_min"]
    family, others = table.filter(enough), table.filter(~enough)
    nulls = (1 + (pl.col("p") > 0.5).sum()) / (pl.len() / 2)
    share = pl.min_horizontal(1.0, nulls.over("effect", "target_layer"))
    joint = pl.min_horizontal(1.0, 2 * pl.max_horizontal(share * pl.col("p"), pl.col("p_control").fill_null(1.0)))
    family = family.with_columns(joint=joint).with_columns(
        q_specific=pl.max_horizontal("q", _corrected(pl.col("joint")))
    )
    table = pl.concat([family.drop("joint"), others])
    table = table.sort("effect", "source_feature", "target_layer", "target_feature")
    known = pl.when(pl.col("n_control").is_not_null())
    return contract_frame("edge_stat", table.with_columns(q_specific=known.then("q_specific"), n_units=None))


def _finer(table: pl.DataFrame) -> pl.DataFrame:
    """Pairs that no flip reached, as if far more flips had not either."""
    rare = pl.when((pl.col("n_exceed") == 0) & ~pl.col("exact"))
    return table.with_columns(n_perm=rare.then(FINE).otherwise("n_perm"), p=rare.then(1 / (1 + FINE)).otherwise("p"))


def _corrected(p: pl.Expr) -> pl.Expr:
    return p.map_batches(_bh, return_dtype=pl.Float64).over("effect", "target_layer")


def _beside_controls(table: pl.DataFrame) -> pl.DataFrame:
    """Invented displacements beside the ablations: to four targets in five they do little, to the others as much.

    Every tenth source has none.
    """
    rng = np.random.default_rng(17)
    much = rng.random(table.height) < 1 / 5
    passes = passes_rule(table, CRITERIA["calibrated"])
    columns = {
        "n_control": (table["n_pos"] + table["n_neg"]).clip(0, 16),
        "control_mean": pl.Series(np.where(much, table["mean"], 0.0)),
        "control_sd": table["sd"] / 2,
        "excess": pl.Series(np.where(much, 0.0, 6.0)),
        "p_control": pl.Series(np.where(passes & ~much, 1e-6, np.where(passes, 0.3, 1.0))),
    }
    none = pl.col("source_feature") % 10 == 4
    return table.with_columns(pl.when(~none).then(column).alias(name) for name, column in columns.items())


def _bh(p: pl.Series) -> pl.Series:
    return pl.Series(np.maximum(false_discovery_control(p.to_numpy()), p.to_numpy()))


def called(edges: pl.DataFrame, criterion: str) -> pl.DataFrame:
    """The edges that pass a rule, its q included."""
    rule = CRITERIA[criterion]
    kept = edges.filter(pl.Series(passes_rule(edges, rule)))
    q = pl.col("q_specific" if rule["controlled"] else "q")
    return kept if rule["q_max"] is None else kept.filter(q <= rule["q_max"])


def degree_rows(edges: pl.DataFrame) -> pl.DataFrame:
    """feature_degree: every feature with a measured pair, in both directions, zero degrees included."""
    frames = []
    for direction, (own, other) in ENDS.items():
        keys = ["effect", f"{own}_sae", f"{own}_layer", f"{own}_feature", f"{other}_sae", f"{other}_layer"]
        measured = edges.select(keys).unique()
        for criterion in CRITERIA:
            counts = called(edges, criterion).group_by(keys).agg(degree=pl.len(), mean_abs_d=pl.col("d").abs().mean())
            frame = measured.join(counts, on=keys, how="left").with_columns(pl.col("degree").fill_null(0))
            names = dict(zip(keys[1:], ["sae_id", "layer", "feature", "other_sae", "other_layer"], strict=True))
            columns = {"direction": pl.lit(direction), "criterion": pl.lit(criterion)}
            frames.append(frame.rename(names).with_columns(**columns))
    table = pl.concat(frames).sort("effect", "direction", "criterion", "sae_id", "feature", "other_layer")
    return contract_frame("feature_degree", table)


def null_rows(traced: Traced, edges: pl.DataFrame, source: Layer) -> pl.DataFrame:
    """null_feature: observed and expected numbers of passing pairs, without q."""
    rows = []
    for (effect, feature, criterion), counts in traced.flipped.items():
        own = edges.filter((pl.col("effect") == effect) & (pl.col("source_feature") == feature))
        observed = int(passes_rule(own, CRITERIA[criterion]).sum())
        rows.append(
            {
                "effect": effect,
                "source_sae": source.sae_id,
                "source_layer": source.layer,
                "source_feature": feature,
                "criterion": criterion,
                "n_cells": own["n_cells"][0],
                "observed": observed,
                "expected_null": float(counts.mean()),
                "null_sd": float(counts.std(ddof=1)),
                "fdr": float(counts.mean()) / observed if observed else None,
                "n_perm": len(counts),
            }
        )
    return contract_frame("null_feature", rows)


def sweep_rows(traced: Traced, edges: pl.DataFrame, source: Layer) -> pl.DataFrame:
    """threshold_sweep: the grid, for every kind of effect."""
    rows = []
    for (effect,), own in edges.group_by("effect", maintain_order=True):
        features = own["source_feature"].unique().sort()
        standard = _degrees(own, features, 0.5, 0.7)
        for minima in SWEEP:
            degrees = _degrees(own, features, *minima)
            expected = sum(traced.swept[(str(effect), *minima)])
            row = {"effect": effect, "effect_min": minima[0], "consistency_min": minima[1], "expected_null": expected}
            rows.append({**row, **_sweep_row(degrees, standard, expected)})
    table = pl.DataFrame(rows, infer_schema_length=None)
    ends = {"source_sae": pl.lit(source.sae_id), "source_layer": pl.lit(source.layer), "criterion": pl.lit(None)}
    return contract_frame("threshold_sweep", table.with_columns(**ends))


def _sweep_row(degrees: np.ndarray, standard: np.ndarray, expected: float) -> dict[str, Any]:
    n_edges = int(degrees.sum())
    constant = len(set(degrees)) == 1 or len(set(standard)) == 1
    top, usual = (set(np.argsort(-d, kind="stable")[:20]) for d in (degrees, standard))
    return {
        "n_features": len(degrees),
        "n_edges": n_edges,
        "mean_degree": float(degrees.mean()),
        "median_degree": float(np.median(degrees)),
        "fdr": expected / n_edges if n_edges else None,
        "rank_rho": None if constant else float(spearmanr(degrees, standard).statistic),
        "top20_overlap": len(top & usual),
    }


def _degrees(edges: pl.DataFrame, features: pl.Series, effect_min: float, consistency_min: float) -> np.ndarray:
    kept = edges.filter(pl.Series(passes_minima(edges, effect_min, consistency_min)))
    counts = dict(kept["source_feature"].value_counts().iter_rows())
    return np.array([counts.get(f, 0) for f in features])
