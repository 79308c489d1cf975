"""Rows of table annotation_summary: how much of a layer is annotated. The null was not published."""

from typing import Any

import polars as pl

from tasks.atlas.annotations import LIBRARIES
from tasks.store import table_frame


def annotation_summary(features: pl.DataFrame, annotation: pl.DataFrame | None) -> pl.DataFrame:
    """A row a library and one for all; without annotations the one for all, which counts labels."""
    sae_id, alive = features["sae_id"][0], int(features["alive"].sum())
    counts = {"all": features["label"].len() - features["label"].null_count()}
    if annotation is not None:
        found = annotation.filter("significant")
        counts = {name: found.filter(pl.col("library") == name)["feature"].n_unique() for name in LIBRARIES}
        counts["all"] = found["feature"].n_unique()
    return table_frame("annotation_summary", [_row(sae_id, library, alive, n) for library, n in counts.items()])


def _row(sae_id: str, library: str, n_features: int, n_annotated: int) -> dict[str, Any]:
    fraction = n_annotated / n_features if n_features else 0.0
    known = {"sae_id": sae_id, "library": library, "n_features": n_features}
    return known | {"n_annotated": n_annotated, "annotated_fraction": fraction}
