"""``layer_LL_celltypes.json``: in which types and tissues the cells lie in which a feature is most active."""

from typing import Any

import polars as pl

from tasks.atlas.atlas import Atlas
from tasks.atlas.reading import Tables, frame_of, odds, read_file

ALPHA = 0.05
FEATURE_CELL_TYPE = {
    "sae_id": pl.String, "feature": pl.UInt32, "cell_type": pl.String, "n_cells": pl.UInt32, "n_active": pl.UInt32,
    "mean_in": pl.Float64, "mean_out": pl.Float64, "log2_fold": pl.Float64, "auroc": pl.Float64, "p": pl.Float64,
    "q": pl.Float64, "significant": pl.Boolean, "odds_ratio": pl.Float64, "odds_ratio_infinite": pl.Boolean,
    "n_top_cells": pl.UInt32,
}  # fmt: skip
FEATURE_TISSUE = {
    "sae_id": pl.String, "feature": pl.UInt32, "tissue": pl.String, "q": pl.Float64, "odds_ratio": pl.Float64,
    "odds_ratio_infinite": pl.Boolean,
}  # fmt: skip
TOP_CELL = {
    "sae_id": pl.String, "feature": pl.UInt32, "rank": pl.UInt16, "cell_type": pl.String, "tissue": pl.String,
    "activation": pl.Float64,
}  # fmt: skip
CELL_TYPE = {"sae_id": pl.String, "cell_type": pl.String, "n_cells": pl.UInt32, "tissues": pl.String}
SUMMARY = {
    "sae_id": pl.String, "n_cells": pl.UInt32, "tissues": pl.String, "n_cell_types": pl.UInt32,
    "n_features_enriched": pl.UInt32,
}  # fmt: skip


def read_cell_types(atlas: Atlas, layer: int) -> Tables:
    """Tables feature_cell_type, feature_tissue, feature_top_cell, cell_type and cell_type_summary of a layer."""
    path = atlas.path("celltypes", layer)
    if path is None:
        return {"feature_cell_type": frame_of(FEATURE_CELL_TYPE, [])}
    sae_id = atlas.sae_id(layer)
    with read_file(path) as raw:
        meta = raw.get("cell_type_meta", {})
        sizes = {name: about["n"] for name, about in meta.items()}
        features = {int(name): entry for name, entry in raw["features"].items()}
        if max(features, default=0) >= atlas.summary.n_features:
            raise ValueError(f"no feature {max(features)}: the layer has {atlas.summary.n_features}")
        said = raw["summary"]
        counts = (said["n_cells"], ", ".join(said["tissues"]), said["n_cell_types"])
        return {
            "feature_cell_type": frame_of(FEATURE_CELL_TYPE, _types(sae_id, features, sizes)),
            "feature_tissue": frame_of(FEATURE_TISSUE, _tissues(sae_id, features)),
            "feature_top_cell": frame_of(TOP_CELL, _top_cells(sae_id, features)),
            "cell_type": frame_of(CELL_TYPE, [(sae_id, name, a["n"], a["t"] or None) for name, a in meta.items()]),
            "cell_type_summary": frame_of(SUMMARY, [(sae_id, *counts, said["n_features_with_enrichment"])]),
        }


def best_types(types: pl.DataFrame) -> pl.DataFrame:
    """The significant cell type of every feature with the smallest q, then the largest odds ratio."""
    ranked = types.filter("significant").sort(
        "q", "odds_ratio", "cell_type", descending=[False, True, False], nulls_last=False
    )
    best = ranked.unique("feature", keep="first", maintain_order=True)
    return best.select("feature", top_cell_type="cell_type")


def _types(sae_id: str, features: dict[int, Any], sizes: dict[str, int]) -> list[tuple[Any, ...]]:
    unknown = (None,) * 6  # n_active, mean_in, mean_out, log2_fold, auroc, p
    return [
        (sae_id, feature, t["c"], sizes.get(t["c"]), *unknown, t["p"], t["p"] <= ALPHA, *odds(t["or"]), t["n"])
        for feature, entry in features.items()
        for t in entry["ct"]
    ]


def _tissues(sae_id: str, features: dict[int, Any]) -> list[tuple[Any, ...]]:
    return [
        (sae_id, feature, one["t"], one["p"], *odds(one["or"]))
        for feature, entry in features.items()
        for one in entry["ti"]
    ]


def _top_cells(sae_id: str, features: dict[int, Any]) -> list[tuple[Any, ...]]:
    return [
        (sae_id, feature, rank, cell["ct"], cell["t"], cell["a"])
        for feature, entry in features.items()
        for rank, cell in enumerate(entry["tc"], start=1)
    ]
