"""The features of one layer: their catalogue, labels, modules and places on the map."""

from typing import Any

import polars as pl

from tasks.atlas.annotated import annotation_summary
from tasks.atlas.annotations import LIBRARIES, Annotations, Genes, read_annotations
from tasks.atlas.atlas import Atlas
from tasks.atlas.cell_types import best_types, read_cell_types
from tasks.atlas.reading import Tables, frame_of, read_file

RARE, DENSE = 100, 0.1  # firings, share of positions
RAW = (  # what _row gives
    "feature alive fire_count frequency mean_activation top_genes module map_x map_y"
    " published_label published_ontology published_annotations svd_aligned"
)


def read_layer(atlas: Atlas, layer: int) -> Tables:
    """Every table that has rows of one layer's own files."""
    sae_id, path = atlas.sae_id(layer), atlas.path("features", layer)
    assert path is not None  # `layers` are those with features
    with read_file(path) as raw:
        _require_all(raw, atlas.summary.n_features)
        rows = [_row(entry, place) for entry, place in zip(raw, _places(atlas, layer), strict=True)]
        features = frame_of("feature", RAW, rows)
        five: Genes = {entry["i"]: [(gene["n"], gene["a"], None) for gene in entry["tg"]] for entry in raw}
    annotations = read_annotations(atlas, layer)
    types = read_cell_types(atlas, layer)
    features = _features(features, sae_id, layer, annotations, types["feature_cell_type"])
    return {
        "feature": features,
        "annotation_summary": annotation_summary(features, annotations.tables["annotation"] if annotations else None),
        "feature_gene": _genes(sae_id, five | (annotations.genes if annotations else {})),
        **(annotations.tables if annotations else {}),
        **types,
    }


def _require_all(raw: list[dict[str, Any]], n_features: int) -> None:
    """Raise ValueError unless entry i of the list is feature i."""
    if len(raw) != n_features:
        raise ValueError(f"it holds {len(raw)} features, the summary says {n_features}")
    for place, entry in enumerate(raw):
        if entry["i"] != place:
            raise ValueError(f"entry {place} is feature {entry['i']}: an index is repeated, missing or out of order")


def _places(atlas: Atlas, layer: int) -> list[list[float | None]]:
    path = atlas.path("positions", layer)
    if path is None:
        return [[None, None]] * atlas.summary.n_features
    with read_file(path) as raw:
        if len(raw) != atlas.summary.n_features or any(len(place) != 2 for place in raw):
            raise ValueError(f"it holds {len(raw)} places, the summary says {atlas.summary.n_features} features")
        return list(raw)


def _row(entry: dict[str, Any], place: list[float | None]) -> tuple[Any, ...]:
    module, ontology = entry["m"], entry["to"]
    return (
        entry["i"],
        not entry["d"],
        entry["fc"],
        entry["f"],
        entry["ma"],
        ", ".join(gene["n"] for gene in entry["tg"]) or None,
        None if module == -1 else module,
        *place,
        entry["lb"] or None,
        ontology if entry["lb"] else None,
        entry["na"],
        entry["sv"],
    )


def _features(
    raw: pl.DataFrame, sae_id: str, layer: int, annotations: Annotations | None, types: pl.DataFrame
) -> pl.DataFrame:
    labels = annotations.labels if annotations else _published_labels(raw)
    tier = (
        pl.when(~pl.col("alive")).then(pl.lit("dead"))
        .when(pl.col("fire_count") < RARE).then(pl.lit("rare"))
        .when(pl.col("frequency") > DENSE).then(pl.lit("dense"))
        .otherwise(pl.lit("normal"))
    )  # fmt: skip
    joined = raw.join(labels, on="feature", how="left", maintain_order="left")
    joined = joined.join(best_types(types), on="feature", how="left", maintain_order="left")
    return joined.with_columns(sae_id=pl.lit(sae_id), layer=layer, tier=tier)


def _published_labels(raw: pl.DataFrame) -> pl.DataFrame:
    """Labels of a layer without annotations: what was published, if it came from a test."""
    tested = raw.filter(pl.col("published_ontology").is_in(LIBRARIES))
    q = pl.lit(None, dtype=pl.Float64).alias("label_q")
    return tested.select("feature", q, label="published_label", label_library="published_ontology")


def _genes(sae_id: str, genes: Genes) -> pl.DataFrame:
    rows = [
        (sae_id, feature, rank, symbol, symbol, fire_count, mean)
        for feature, listed in genes.items()
        for rank, (symbol, mean, fire_count) in enumerate(listed, start=1)
    ]
    return frame_of("feature_gene", "sae_id feature rank gene_id symbol fire_count mean_activation", rows)
