"""Rows of the validate step."""

import numpy as np
import polars as pl

from tasks.statistics.null_draws import NullDraws, null_draw_frame
from tests.builders.contract_frames import contract_frame
from tests.builders.study_cells import MARKERS

TOP = 3
FACTORS = {gene for genes in MARKERS.values() for gene in genes}  # of an invented network, in which
TARGET_ENDS = ("1", "4", "A")  # genes with these last letters are every factor's targets


def gene_pair_rows(edges: pl.DataFrame, genes: pl.DataFrame) -> pl.DataFrame:
    """gene_pair: top three genes of the source against those of the target, |g| over the product of ranks."""
    top = genes.filter(pl.col("rank") <= TOP).select("sae_id", "feature", "symbol", pl.col("rank").cast(pl.Float64))
    total = edges.filter(pl.col("effect") == "total")
    for end in ("source", "target"):
        renamed = top.rename({"symbol": f"{end}_gene", "rank": f"{end}_rank"})
        total = total.join(renamed, left_on=[f"{end}_sae", f"{end}_feature"], right_on=["sae_id", "feature"])
    weight = pl.col("g").cast(pl.Float64) / (pl.col("source_rank") * pl.col("target_rank"))
    between = total.filter(pl.col("source_gene") != pl.col("target_gene"))
    pairs = between.group_by("source_gene", "target_gene").agg(
        n_edges=pl.len(),
        n_sources=pl.col("source_feature").n_unique(),
        score=weight.abs().sum(),
        signed_score=-weight.sum(),
    )
    known = [
        target.endswith(TARGET_ENDS) if source in FACTORS else None
        for source, target in pairs.select("source_gene", "target_gene").iter_rows()
    ]
    table = pairs.with_columns(known_tf_target=pl.Series(known, dtype=pl.Boolean))
    return contract_frame(
        "gene_pair", table.sort("score", "source_gene", "target_gene", descending=[True, False, False])
    )


def validation_rows(pairs: pl.DataFrame) -> pl.DataFrame:
    """validation: one check against the invented network, one that found nothing to test."""
    tested = pairs.drop_nulls("known_tf_target")
    found = {
        "check_name": "tf_targets",
        "reference": "ENCODE TF targets",
        "statistic": "known_pairs",
        "observed": float(tested["known_tf_target"].sum()),
        "null_mean": 1.2,
        "null_sd": 0.8,
        "p": 0.34,
        "n_null": 100,
        "n_tested": tested.height,
        "null_kind": "targets permuted within factors",
        "rule": "specific",
        "n_edges": 60,
        "meaning": "No more known targets than chance: the small stand-in model shows no knowledge of regulation.",
    }
    empty = {
        **found,
        "check_name": "perturbation",
        "reference": "none named",
        "statistic": "sign_agreement",
        **dict.fromkeys(("observed", "null_mean", "null_sd", "p")),
        "n_null": 0,
        "n_tested": 0,
        "meaning": "No perturbation data were named, so nothing was tested.",
    }
    return contract_frame("validation", [found, empty])


def null_draw_rows() -> pl.DataFrame:
    """null_draw: the hundred draws behind the check against the invented network, one of them empty."""
    values = np.random.default_rng(0).poisson(1.2, (100, 1)).astype(np.float64)
    values[7] = np.nan
    draws = NullDraws(np.array([2.0]), values)
    named = {"analysis": "validation", "statistic": "known_pairs", "null_kind": "targets permuted within factors"}
    return contract_frame("null_draw", null_draw_frame(draws, **named, scopes=["ENCODE TF targets"]))
