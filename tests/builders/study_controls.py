"""Rows of the trace step that say what its numbers are worth: controls beside real ablations, audit of precision."""

from typing import Any

import polars as pl

from tasks.analyses.controls.work import summary_rows
from tests.builders.contract_frames import contract_frame
from tests.builders.study_calls import called
from tests.builders.study_effects import CRITERIA, passes_rule
from tests.builders.study_features import Layer

CONTROL_SHARES = {  # of the real ablation's effect
    "real": 1.0, "zero": 0.0, "random_direction": 0.2, "covariance_matched": 0.5, "frequency_matched": 0.9,
    "published_noise": 0.05, "reconstruction": 0.6,
}  # fmt: skip


def control_rows(edges: pl.DataFrame, source: Layer, sample: int = 8) -> pl.DataFrame:
    """trace_control: real ablations of a few features beside every control, for every kind of effect."""
    rows = []
    for (effect,), own in edges.group_by("effect", maintain_order=True):
        features = own["source_feature"].unique().sort().to_list()[:sample]
        for place, feature in enumerate(features):
            ends = {"effect": effect, "source_sae": source.sae_id, "source_layer": source.layer}
            rows += _control_rows(own.filter(pl.col("source_feature") == feature), ends, features[place - 1])
    return contract_frame("trace_control", rows)


def control_summary_rows(controls: pl.DataFrame) -> pl.DataFrame:
    """control_summary of these rows of trace_control."""
    return contract_frame("control_summary", summary_rows(controls, 99, [0]))


def _control_rows(own: pl.DataFrame, ends: dict[str, Any], matched: int) -> list[dict[str, Any]]:
    sizes = own["mean"].abs().cast(pl.Float64)
    n_edges = int(passes_rule(own, CRITERIA["calibrated"]).sum())
    n_specific = called(own, "specific").height
    return [
        {
            **ends,
            "source_feature": own["source_feature"][0],
            "control": control,
            "matched_feature": matched if control == "frequency_matched" else None,
            "n_cells": own["n_cells"][0],
            "n_edges": int(n_edges * share),
            "mean_abs_effect": float(sizes.mean()) * share,
            "max_abs_effect": float(sizes.max()) * share,
            "n_specific": n_specific if control == "real" else 0,
        }
        for control, share in CONTROL_SHARES.items()
    ]


def audit_rows(edges: pl.DataFrame, precision: str) -> pl.DataFrame:
    """precision_audit: every kind of effect and target layer, with small invented differences; none for float32."""
    if precision == "float32":
        return contract_frame("precision_audit", [])
    ends = ["effect", "source_sae", "source_layer", "target_sae", "target_layer"]
    counts = edges.group_by(ends, maintain_order=True).agg(
        n_features=pl.col("source_feature").n_unique(), n_tests=pl.len()
    )
    invented = {"max_d_difference": 0.02, "p999_d_difference": 0.004, "edge_jaccard": 0.998, "degree_rho": 0.9999}
    columns = {name: pl.lit(value) for name, value in invented.items()}
    table = counts.with_columns(precision=pl.lit(precision), n_sign_disagreements=pl.col("n_tests") // 500, **columns)
    return contract_frame("precision_audit", table)


def fit_tables(pairs: pl.DataFrame, saes: list[Layer]) -> dict[str, pl.DataFrame]:
    """traced_fit and trace_source: every feature of ``pairs`` is traced; autoencoders explain 0.9, 0.8 and so on."""
    source, genes = saes[0], {"positions": "gene", "n_cells": pairs["cell_id"].n_unique(), "n_positions": 100}
    fit = [
        {"source_sae": source.sae_id, "sae_id": sae.sae_id, "layer": sae.layer, **genes, "explained": 0.9 - place / 10}
        for place, sae in enumerate(saes)
    ]
    rates = {"gene_rate": 0.1, "special_rate": 0.0, "special_share": 0.0, "special": False}
    chosen = {
        "selected": True,
        "rule": "all",
        "inclusion_probability": 1.0,
        "rank": None,
        "score": None,
        "stratum": None,
    }
    sources = pairs.select("source_sae", "source_feature").unique().sort("source_feature")
    rows = sources.with_columns(pl.lit(value).alias(name) for name, value in {**rates, **chosen}.items())
    return {"traced_fit": contract_frame("traced_fit", fit), "trace_source": contract_frame("trace_source", rows)}
