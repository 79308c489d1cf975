"""Cases about known regulation."""

from functools import partial

import numpy as np
import polars as pl

from tests.builders.planted_claims import Tables

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


CASES = (
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
