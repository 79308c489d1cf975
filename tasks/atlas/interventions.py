"""``causal_patching.json`` and ``perturbation_response.json``: one layer's features switched off, or genes in cells."""

from pathlib import Path
from typing import Any

from tasks.atlas.atlas import Atlas
from tasks.atlas.cross_layer import UNLABELLED
from tasks.atlas.reading import Tables, frame_of, read_file
from tasks.store import table_frame

# Columns of causal_patch_summary, and where each model's file keeps them.
LOGIT = {
    "n_features": "n_features_with_activity", "mean_specificity": "mean_specificity_ratio",
    "median_specificity": "median_specificity_ratio", "mean_target_effect": "mean_target_logit_diff",
    "mean_other_effect": "mean_other_logit_diff", "n_above_2": "n_specific_features",
}  # fmt: skip
DISPLACEMENT = {
    "n_features": "n_features_tested", "n_cells": "n_cells", "mean_specificity": "mean_specificity",
    "median_specificity": "median_specificity", "n_above_2": "n_above_2x", "n_above_5": "n_above_5x",
}  # fmt: skip
RULES = {"logit": "published_geneformer", "displacement": "published_scgpt"}  # by effect
OWN = "own"  # targets are the feature's own genes in both
# Columns of perturbation_summary, and where the file keeps them.
RESPONSES = {
    "n_targets": "n_targets_processed", "n_tfs": "n_trrust_tfs", "n_specific_tfs": "n_tfs_with_specific_response",
    "mean_responding": "mean_responding_features", "mean_specific": "mean_specific_features",
    "n_alive": "n_alive_features",
}  # fmt: skip


def read_causal(atlas: Atlas, path: Path) -> Tables:
    """Tables causal_patch, causal_patch_gene and causal_patch_summary; none if the file's layer is unknown."""
    with read_file(path) as raw:
        sae_id = _sae_of(atlas, "causal_patching", raw)
        if sae_id is None:
            return {}
        summary, features = raw["summary"], raw["features"]
        effect, keys = ("logit", LOGIT) if LOGIT["n_features"] in summary else ("displacement", DISPLACEMENT)
        genes = [
            (sae_id, one["i"], rank, symbol, OWN) for one in features for rank, symbol in enumerate(one["tg"], start=1)
        ]
        rows = [_patch(sae_id, place, effect, one) for place, one in enumerate(features)]
        said = {name: summary[key] for name, key in keys.items()} | {"rule": RULES[effect], "target_kind": OWN}
        return {
            "causal_patch": table_frame("causal_patch", rows),
            "causal_patch_gene": frame_of("causal_patch_gene", "sae_id feature rank symbol target_kind", genes),
            "causal_patch_summary": table_frame("causal_patch_summary", [{"sae_id": sae_id, **said}]),
        }


def _patch(sae_id: str, place: int, effect: str, one: dict[str, Any]) -> dict[str, Any]:
    measured = {"target_effect": one["td"], "other_effect": one["od"], "specificity": one["sr"]}
    keys = {"label": "lb", "n_annotations": "na", "frequency": "af", "n_cells": "nc"}
    said = {name: one.get(key) for name, key in keys.items()}
    about = {"sae_id": sae_id, "feature": one["i"], "place": place, "effect": effect, "rule": RULES[effect]}
    return {**about, "target_kind": OWN, **measured, **said}


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
        said = {name: raw["summary"][key] for name, key in RESPONSES.items()}
        of_target = "sae_id gene place is_tf n_known_targets n_responding n_specific"
        of_feature = "sae_id gene rank feature effect label"
        return {
            "perturbation_target": frame_of("perturbation_target", of_target, targets),
            "perturbation_feature": frame_of("perturbation_feature", of_feature, responses),
            "perturbation_summary": table_frame("perturbation_summary", [{"sae_id": sae_id, **said}]),
        }


def _sae_of(atlas: Atlas, kind: str, raw: dict[str, Any]) -> str | None:
    layer = atlas.named_layer(kind, raw)
    return atlas.sae_id(layer) if layer is not None and atlas.describes(layer) else None
