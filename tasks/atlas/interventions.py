"""``causal_patching.json`` and ``perturbation_response.json``: one layer's features switched off, or genes in cells."""

from pathlib import Path
from typing import Any

import polars as pl

from tasks.atlas.atlas import Atlas
from tasks.atlas.cross_layer import UNLABELLED
from tasks.atlas.reading import Tables, frame_of, read_file

PATCH = {
    "sae_id": pl.String, "feature": pl.UInt32, "place": pl.UInt16, "effect": pl.String, "target_effect": pl.Float64,
    "other_effect": pl.Float64, "specificity": pl.Float64, "label": pl.String, "n_annotations": pl.UInt32,
    "frequency": pl.Float64, "n_cells": pl.UInt32,
}  # fmt: skip
PATCH_GENE = {"sae_id": pl.String, "feature": pl.UInt32, "rank": pl.UInt16, "symbol": pl.String}
PATCH_SUMMARY = {
    "sae_id": pl.String, "n_features": pl.UInt32, "n_cells": pl.UInt32, "mean_specificity": pl.Float64,
    "median_specificity": pl.Float64, "mean_target_effect": pl.Float64, "mean_other_effect": pl.Float64,
    "n_above_2": pl.UInt32, "n_above_5": pl.UInt32,
}  # fmt: skip
# Where each model's file keeps the columns of PATCH_SUMMARY behind sae_id; None if it does not say.
LOGIT = (
    "n_features_with_activity", None, "mean_specificity_ratio", "median_specificity_ratio", "mean_target_logit_diff",
    "mean_other_logit_diff", "n_specific_features", None,
)  # fmt: skip
DISPLACEMENT = (
    "n_features_tested", "n_cells", "mean_specificity", "median_specificity", None, None, "n_above_2x", "n_above_5x",
)  # fmt: skip
TARGET = {
    "sae_id": pl.String, "gene": pl.String, "place": pl.UInt16, "is_tf": pl.Boolean, "n_known_targets": pl.UInt32,
    "n_responding": pl.UInt32, "n_specific": pl.UInt32,
}  # fmt: skip
RESPONSE = {
    "sae_id": pl.String, "gene": pl.String, "rank": pl.UInt16, "feature": pl.UInt32, "effect": pl.Float64,
    "label": pl.String,
}  # fmt: skip
RESPONSE_SUMMARY = {
    "sae_id": pl.String, "n_targets": pl.UInt32, "n_tfs": pl.UInt32, "n_specific_tfs": pl.UInt32,
    "mean_responding": pl.Float64, "mean_specific": pl.Float64, "n_alive": pl.UInt32,
}  # fmt: skip
SAID = (
    "n_targets_processed", "n_trrust_tfs", "n_tfs_with_specific_response", "mean_responding_features",
    "mean_specific_features", "n_alive_features",
)  # fmt: skip


def read_causal(atlas: Atlas, path: Path) -> Tables:
    """Tables causal_patch, causal_patch_gene and causal_patch_summary; none if the file's layer is unknown."""
    with read_file(path) as raw:
        sae_id = _sae_of(atlas, "causal_patching", raw)
        if sae_id is None:
            return {}
        summary, features = raw["summary"], raw["features"]
        effect, keys = ("logit", LOGIT) if LOGIT[0] in summary else ("displacement", DISPLACEMENT)
        genes = [(sae_id, one["i"], rank, symbol) for one in features for rank, symbol in enumerate(one["tg"], start=1)]
        rows = [_patch(sae_id, place, effect, one) for place, one in enumerate(features)]
        said = tuple(None if key is None else summary[key] for key in keys)
        return {
            "causal_patch": frame_of(PATCH, rows),
            "causal_patch_gene": frame_of(PATCH_GENE, genes),
            "causal_patch_summary": frame_of(PATCH_SUMMARY, [(sae_id, *said)]),
        }


def _patch(sae_id: str, place: int, effect: str, one: dict[str, Any]) -> tuple[Any, ...]:
    measured = one["td"], one["od"], one["sr"]
    return (sae_id, one["i"], place, effect, *measured, *(one.get(key) for key in ("lb", "na", "af", "nc")))


def read_perturbation(atlas: Atlas, path: Path) -> Tables:
    """Tables perturbation_target, perturbation_feature and perturbation_summary; none if the layer is unknown."""
    with read_file(path) as raw:
        sae_id = _sae_of(atlas, "perturbation_response", raw)
        if sae_id is None:
            return {}
        targets = [
            (sae_id, one["gene"], place, *(one[key] for key in ("tf", "nk", "nr", "ns")))
            for place, one in enumerate(raw["targets"])
        ]
        responses = [
            (sae_id, one["gene"], rank, top["i"], top["es"], None if top["lb"] == UNLABELLED else top["lb"])
            for one in raw["targets"]
            for rank, top in enumerate(one["top"], start=1)
        ]
        said = [(sae_id, *(raw["summary"][key] for key in SAID))]
        return {
            "perturbation_target": frame_of(TARGET, targets),
            "perturbation_feature": frame_of(RESPONSE, responses),
            "perturbation_summary": frame_of(RESPONSE_SUMMARY, said),
        }


def _sae_of(atlas: Atlas, kind: str, raw: dict[str, Any]) -> str | None:
    layer = atlas.named_layer(kind, raw)
    return atlas.sae_id(layer) if layer is not None and atlas.describes(layer) else None
