"""``layer_LL_celltypes.json``: in which types and tissues the cells lie in which a feature is most active."""

from typing import Any

import polars as pl

from tasks.atlas.atlas import Atlas
from tasks.atlas.reading import Tables, frame_of, odds, read_file
from tasks.store import table_frame

ALPHA = 0.05
# Columns of cell_type_summary, and where the file keeps them.
SUMMARY = {"n_cells": "n_cells", "n_cell_types": "n_cell_types", "n_features_enriched": "n_features_with_enrichment"}


def read_cell_types(atlas: Atlas, layer: int) -> Tables:
    """Tables feature_cell_type, feature_tissue, feature_top_cell, cell_type and cell_type_summary of a layer."""
    path = atlas.path("celltypes", layer)
    if path is None:
        return {"feature_cell_type": _types("", {}, {})}
    sae_id = atlas.sae_id(layer)
    with read_file(path) as raw:
        meta = raw.get("cell_type_meta", {})
        sizes = {name: about["n"] for name, about in meta.items()}
        features = {int(name): entry for name, entry in raw["features"].items()}
        if max(features, default=0) >= atlas.summary.n_features:
            raise ValueError(f"no feature {max(features)}: the layer has {atlas.summary.n_features}")
        said = raw["summary"]
        types = [(sae_id, name, about["n"], about["t"] or None) for name, about in meta.items()]
        summary = {name: said[key] for name, key in SUMMARY.items()} | {"tissues": ", ".join(said["tissues"])}
        return {
            "feature_cell_type": _types(sae_id, features, sizes),
            "feature_tissue": _tissues(sae_id, features),
            "feature_top_cell": _top_cells(sae_id, features),
            "cell_type": frame_of("cell_type", "sae_id cell_type n_cells tissues", types),
            "cell_type_summary": table_frame("cell_type_summary", [{"sae_id": sae_id, **summary}]),
        }


def best_types(types: pl.DataFrame) -> pl.DataFrame:
    """The significant cell type of every feature with the smallest q, then the largest odds ratio."""
    ranked = types.filter("significant").sort(
        "q", "odds_ratio", "cell_type", descending=[False, True, False], nulls_last=False
    )
    best = ranked.unique("feature", keep="first", maintain_order=True)
    return best.select("feature", top_cell_type="cell_type")


def _types(sae_id: str, features: dict[int, Any], sizes: dict[str, int]) -> pl.DataFrame:
    rows = [
        (sae_id, feature, t["c"], sizes.get(t["c"]), t["p"], t["p"] <= ALPHA, *odds(t["or"]), t["n"])
        for feature, entry in features.items()
        for t in entry["ct"]
    ]
    names = "sae_id feature cell_type n_cells q significant odds_ratio odds_ratio_infinite n_top_cells"
    return frame_of("feature_cell_type", names, rows)


def _tissues(sae_id: str, features: dict[int, Any]) -> pl.DataFrame:
    rows = [
        (sae_id, feature, one["t"], one["p"], *odds(one["or"]))
        for feature, entry in features.items()
        for one in entry["ti"]
    ]
    return frame_of("feature_tissue", "sae_id feature tissue q odds_ratio odds_ratio_infinite", rows)


def _top_cells(sae_id: str, features: dict[int, Any]) -> pl.DataFrame:
    rows = [
        (sae_id, feature, rank, cell["ct"], cell["t"], cell["a"])
        for feature, entry in features.items()
        for rank, cell in enumerate(entry["tc"], start=1)
    ]
    return frame_of("feature_top_cell", "sae_id feature rank cell_type tissue activation", rows)
