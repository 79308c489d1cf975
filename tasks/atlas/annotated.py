"""Rows of table annotation_summary: how much of a layer is annotated. The null was not published."""

from typing import Any

import polars as pl

from tasks.atlas.annotations import LIBRARIES
from tasks.atlas.reading import frame_of

SUMMARY = {
    "sae_id": pl.String, "library": pl.String, "n_features": pl.UInt32, "n_terms": pl.UInt32, "n_tests": pl.UInt64,
    "n_background": pl.UInt32, "n_annotated": pl.UInt32, "annotated_fraction": pl.Float64, "null_mean": pl.Float64,
    "null_sd": pl.Float64, "null_max": pl.Float64, "n_null": pl.UInt16,
}  # fmt: skip


def annotation_summary(features: pl.DataFrame, annotation: pl.DataFrame | None) -> pl.DataFrame:
    """A row a library and one for all; without annotations the one for all, which counts labels."""
    sae_id, alive = features["sae_id"][0], int(features["alive"].sum())
    counts = {"all": features["label"].len() - features["label"].null_count()}
    if annotation is not None:
        found = annotation.filter("significant")
        counts = {name: found.filter(pl.col("library") == name)["feature"].n_unique() for name in LIBRARIES}
        counts["all"] = found["feature"].n_unique()
    return frame_of(SUMMARY, [_row(sae_id, library, alive, n) for library, n in counts.items()])


def _row(sae_id: str, library: str, n_features: int, n_annotated: int) -> tuple[Any, ...]:
    fraction = n_annotated / n_features if n_features else 0.0
    return (sae_id, library, n_features, None, None, None, n_annotated, fraction, None, None, None, None)
