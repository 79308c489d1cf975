"""Cases about known regulation, effects that are computed again, and several features at once."""

from functools import partial

import numpy as np
import polars as pl

from tests.builders.planted_claims import Tables, zero_edit

NO, YES, OPEN = "not supported", "supported", "cannot be told"


def pairs(
    rng: np.random.Generator, gain: float, n_genes: int = 1_500, one_factor: bool = False, n_factors: int = 16
) -> Tables:
    """Scores of factors and genes that follow how popular the gene is, as known targets do; ``gain``: what known adds.

    ``one_factor``: known pairs of one factor alone score higher.
    """
    popular = np.exp(rng.normal(size=n_genes))
    known = np.zeros((n_factors, n_genes), dtype=bool)
    for row in known:
        chosen = rng.choice(n_genes, rng.integers(4, 22), replace=False, p=popular / popular.sum())
        row[chosen] = True
    raised = known.copy()
    raised[1:] &= not one_factor
    score = 0.5 * np.log(popular) + rng.normal(size=known.shape) + gain * raised + rng.normal(0, 0.5, (n_factors, 1))
    return {
        "gene_pair": pl.DataFrame(
            {
                "source_gene": np.repeat([f"F{number}" for number in range(n_factors)], n_genes),
                "target_gene": np.tile([f"G{number}" for number in range(n_genes)], n_factors),
                "score": np.exp(score).ravel(),
                "known_tf_target": known.ravel(),
            }
        )
    }


def rewired(rng: np.random.Generator, shift: float, n_null: int = 99, kind: str = "moves") -> Tables:
    """A statistic beside draws of a null that moves, never moves, or is empty nearly always."""
    null = rng.normal(0.5, 0.01, n_null) if kind != "frozen" else np.full(n_null, 0.5)
    observed = 0.5 + shift
    numbers = {"observed": observed, "null_mean": null.mean(), "null_sd": null.std(), "n_null": n_null}
    p = (1 + np.sum(null >= observed)) / (1 + n_null)
    named = {"statistic": "mean_auroc", "null_kind": "degrees stay"}
    row = {"check_name": ["tf_targets"], "reference": "network", **named, **numbers, "p": p, "meaning": "A sentence."}
    drawn = np.where(rng.random(n_null) < (0.99 if kind == "empty" else 0), np.nan, null)
    draws = pl.DataFrame({"analysis": "validation", **named, "draw": range(n_null), "value": drawn})
    return {"validation": pl.DataFrame(row), "null_draw": draws.with_columns(pl.col("value").fill_nan(None))}


def knock_downs(_: np.random.Generator, p_genes: float, p_features: float) -> Tables:
    """Two nulls of one check: genes of equal expression, and features that swap their lists."""
    statistics = {"mean_auroc_matched_genes": p_genes, "mean_auroc_swapped_features": p_features}
    numbers = {"observed": 0.6, "null_mean": 0.5, "null_sd": 0.02, "n_null": 99}
    rows = {"check_name": "perturbation", "reference": "screen", "statistic": list(statistics), **numbers}
    return {"validation": pl.DataFrame({**rows, "p": list(statistics.values()), "meaning": "A sentence."})}


def recomputed(rng: np.random.Generator, error: float) -> Tables:
    """Effects of three sources in forty cells, and the means that they give, up to ``error`` of the largest."""
    effects = rng.normal(size=(3, 40, 12)).astype(np.float32)
    ends = {"source_sae": "L00-a", "target_sae": "L01-b", "effect": "total"}
    means = effects.mean(1, dtype=np.float64)
    means[1, 4] += error * np.abs(means).max()
    cells = [
        {**ends, "source_feature": source, "cell_id": cell, "targets": list(range(12)), "deltas": row.tolist()}
        for source in range(3)
        for cell, row in enumerate(effects[source])
    ]
    schema = {"targets": pl.List(pl.UInt32), "deltas": pl.List(pl.Float32)}
    pairs = {"source_feature": np.repeat([0, 1, 2], 12), "target_feature": np.tile(np.arange(12), 3), "n_cells": 40}
    degree = {"sae_id": "L00-a", "feature": [0, 1, 2], "effect": "total", "direction": "out", "degree": 4}
    return {
        "edge_stat": pl.DataFrame({**ends, **pairs, "mean": means.ravel().astype(np.float32)}),
        "effect_cell": pl.DataFrame(cells, schema_overrides=schema),
        "feature_degree": pl.DataFrame({**degree, "criterion": "calibrated"}),
    }


def joint(rng: np.random.Generator, stacked: bool, excess: float = 0.0) -> Tables:
    """Ten pairs of features: what each does, and both, where the later edit undoes the earlier one or adds to it."""
    rows = []
    for number in range(10):
        one, two = rng.normal(size=(2, 30))
        both = one + two if stacked else two
        p = rng.random(30) if not excess else rng.random(30) * np.where(np.arange(30) < 3, 1e-5, 1)
        q = np.minimum(1, p * 30 / (1 + np.argsort(np.argsort(p))))
        named = {"combination": f"drawn-{number:03d}", "target_sae": "L04-c", "target_feature": range(30)}
        for members, size, effect in (("1", 1, one), ("2", 1, two), ("1+2", 2, both)):
            rows.append(
                pl.DataFrame({**named, "kind": "effect", "members": members, "n_members": size, "mean": effect})
            )
        rows.append(pl.DataFrame({**named, "kind": "interaction", "members": "1+2", "n_members": 2, "q": q}))
    return {"combination_stat": pl.concat(rows, how="diagonal_relaxed")}


def tail(_: np.random.Generator, verdict: str) -> Tables:
    """A power law fitted to degrees, and what its tests say of it."""
    named = {"sae_id": ["L00-a"], "effect": "total", "criterion": "calibrated", "what": "degree", "rule": "exact"}
    fitted = pl.DataFrame({**named, "n_tail": 40, "gof_p": 0.4, "power": 0.5, "verdict": verdict})
    return {"trace_control": zero_edit(), "tail_fit": fitted}


def hubs_annotated(_: np.random.Generator, share: float, q: float, n_draws: int = 999) -> Tables:
    """Annotated hubs at two numbers of them, beside features of equal frequency."""
    named = {"sae_id": "L00-a", "effect": "total", "criterion": "calibrated", "test": "matched", "k": [20, 100]}
    numbers = {"n_annotated": 200, "observed": share, "expected": 0.55, "q": q, "n_draws": n_draws}
    return {
        "trace_control": zero_edit(),
        "enrichment_test": pl.DataFrame({**named, **numbers, "given_frequency": True}),
    }


CASES = (
    ("lognormal", "degrees_by_a_power_law", NO, partial(tail, verdict="not_power_law")),
    ("short_tail", "degrees_by_a_power_law", OPEN, partial(tail, verdict="cannot_tell")),
    ("power_law", "degrees_by_a_power_law", YES, partial(tail, verdict="power_law")),
    ("hubs_at_parity", "hubs_by_annotation", NO, partial(hubs_annotated, share=0.53, q=0.7)),
    ("few_exchanges", "hubs_by_annotation", OPEN, partial(hubs_annotated, share=0.9, q=0.01, n_draws=9)),
    ("hubs_unlike_others", "hubs_by_annotation", YES, partial(hubs_annotated, share=0.9, q=0.01)),
    ("means_of_other_cells", "effects_recomputed", NO, partial(recomputed, error=0.01)),
    ("means_of_these_cells", "effects_recomputed", YES, partial(recomputed, error=0)),
    ("last_edit_alone", "edits_stack", NO, partial(joint, stacked=False)),
    ("edits_that_stack", "edits_stack", YES, partial(joint, stacked=True)),
    ("effects_add_up", "features_interact", NO, partial(joint, stacked=True)),
    ("effects_interact", "features_interact", YES, partial(joint, stacked=True, excess=1)),
    ("interact_by_a_hook", "features_interact", OPEN, partial(joint, stacked=False, excess=1)),
    ("popular_targets", "targets_beyond_genes", NO, partial(pairs, gain=0)),
    ("known_pairs", "targets_beyond_genes", YES, partial(pairs, gain=0.6)),
    ("one_factor", "targets_beyond_genes", NO, partial(pairs, gain=3.0, one_factor=True)),
    ("few_factors", "targets_beyond_genes", OPEN, partial(pairs, gain=0.6, n_factors=5)),
    ("by_chance", "targets_beyond_rewiring", NO, partial(rewired, shift=0)),
    ("beyond_degrees", "targets_beyond_rewiring", YES, partial(rewired, shift=0.05)),
    ("frozen_null", "targets_beyond_rewiring", OPEN, partial(rewired, shift=0.05, kind="frozen")),
    ("empty_null", "targets_beyond_rewiring", OPEN, partial(rewired, shift=0.05, kind="empty")),
    ("few_draws", "targets_beyond_rewiring", OPEN, partial(rewired, shift=0.05, n_null=8)),
    ("one_null_of_two", "knock_downs", NO, partial(knock_downs, p_genes=0.4, p_features=0.01)),
    ("both_nulls", "knock_downs", YES, partial(knock_downs, p_genes=0.01, p_features=0.01)),
)
