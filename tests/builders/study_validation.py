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


def validation_tables(pairs: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Every table of the step, and the draws behind one of its checks."""
    rows = {"gene_pair": pairs, "validation": validation_rows(pairs), "null_draw": null_draw_rows()}
    return rows | direction_tables(pairs)


def direction_tables(pairs: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """validation_summary and pair_validation: a line of a screen in which every second prediction is right."""
    signed = pairs.filter(pl.col("signed_score") != 0).head(40).with_row_index("row")
    predicted = -pl.col("signed_score")
    agrees = pl.col("row") % 2 == 0
    of_pairs = signed.with_columns(
        line=pl.lit("K562"),
        source_gene=pl.col("source_gene").str.to_uppercase(),
        predicted=predicted,
        log2_fold=pl.when(agrees).then(predicted.sign()).otherwise(-predicted.sign()) * 0.5,
        q=pl.lit(0.2),
        usual_log2=pl.lit(None, pl.Float64),
        agrees=agrees,
    ).filter(pl.col("source_gene") != pl.col("target_gene").str.to_uppercase())
    own = {"line": "K562", "rule": "own", "subset": "all", "n_perturbations": 12, "n_pairs": 300, "n_draws": 2000}
    own |= {"accuracy": 0.55, "baseline": 0.54, "excess": 0.01, "low": -0.02, "high": 0.04, "usual": 0.6, "rho": 0.02}
    own |= {"over_usual": -0.05, "over_usual_low": -0.09, "over_usual_high": -0.01, "reason": None}
    own |= {"odds_ratio": 1.02, "odds_low": 0.9, "odds_high": 1.2}
    nothing = dict.fromkeys(set(own) - {"line", "rule", "subset", "n_perturbations", "n_pairs", "n_draws"})
    direct = own | nothing | {"subset": "direct", "n_perturbations": 0, "n_pairs": 0, "n_draws": 0}
    published = own | nothing | {"rule": "published", "n_draws": 0}
    rows = [
        own,
        direct | {"reason": "no perturbation has 5 such pairs"},
        published | {"accuracy": 0.564, "baseline": 0.5, "excess": 0.564 - 0.5},
    ]
    return {
        "validation_summary": contract_frame("validation_summary", rows),
        "pair_validation": contract_frame("pair_validation", of_pairs),
    }


def null_draw_rows() -> pl.DataFrame:
    """null_draw: the hundred draws behind the check against the invented network, one of them empty."""
    values = np.random.default_rng(0).poisson(1.2, (100, 1)).astype(np.float64)
    values[7] = np.nan
    draws = NullDraws(np.array([2.0]), values)
    named = {"analysis": "validation", "statistic": "known_pairs", "null_kind": "targets permuted within factors"}
    return contract_frame("null_draw", null_draw_frame(draws, **named, scopes=["ENCODE TF targets"]))
