"""``novel_clusters.json``, ``svd_comparison.json``: features without annotation, features beside singular vectors."""

from pathlib import Path
from typing import Any

import polars as pl

from tasks.atlas.atlas import Atlas
from tasks.atlas.reading import Tables, frame_of, read_file

NOVEL_SUMMARY = {
    "sae_id": pl.String, "n_annotated": pl.UInt32, "n_unannotated": pl.UInt32, "n_clusters": pl.UInt32,
    "n_features_in_clusters": pl.UInt32, "n_guilt_by_association": pl.UInt32, "in_clusters_fraction": pl.Float64,
    "with_module_fraction": pl.Float64, "annotated_mean_frequency": pl.Float64,
    "unannotated_mean_frequency": pl.Float64,
}  # fmt: skip
NOVEL_SAID = (
    "n_annotated", "n_unannotated", "n_novel_clusters", "n_features_in_clusters", "n_guilt_by_association",
    "frac_unannotated_in_clusters", "frac_unannotated_with_module", "annotated_mean_freq", "unannotated_mean_freq",
)  # fmt: skip
CLUSTER = {
    "sae_id": pl.String, "cluster": pl.UInt32, "n_features": pl.UInt32, "n_unique_genes": pl.UInt32,
    "n_consensus_genes": pl.UInt32, "mean_jaccard": pl.Float64, "mean_frequency": pl.Float64,
}  # fmt: skip
CLUSTER_SAID = (
    "cluster_id", "n_features", "n_unique_genes", "n_consensus_genes", "mean_jaccard", "mean_activation_freq",
)  # fmt: skip
CLUSTER_FEATURE = {"sae_id": pl.String, "cluster": pl.UInt32, "feature": pl.UInt32}
CLUSTER_GENE = {"sae_id": pl.String, "cluster": pl.UInt32, "rank": pl.UInt16, "symbol": pl.String}
SVD_LAYER = {
    "sae_id": pl.String, "svd_variance": pl.Float64, "sae_variance": pl.Float64, "gain": pl.Float64,
    "n_aligned": pl.UInt32, "n_novel": pl.UInt32,
}  # fmt: skip
SVD_SUMMARY = {
    "n_features": pl.UInt32, "n_aligned": pl.UInt32, "n_novel": pl.UInt32, "n_annotated_aligned": pl.UInt32,
    "n_annotated_novel": pl.UInt32, "annotation_rate_aligned": pl.Float64, "annotation_rate_novel": pl.Float64,
    "mean_annotations_aligned": pl.Float64, "mean_annotations_novel": pl.Float64, "novel_exclusive_terms": pl.Float64,
}  # fmt: skip
SVD_SAID = (
    "total_features", "total_svd_aligned", "total_novel", "annotated_svd", "annotated_novel", "annotation_rate_svd",
    "annotation_rate_novel", "mean_enrichments_svd", "mean_enrichments_novel",
)  # fmt: skip


def read_novel(atlas: Atlas, path: Path) -> Tables:
    """Tables novel_summary, novel_cluster, novel_cluster_feature and novel_cluster_gene."""
    with read_file(path) as raw:
        layers = {atlas.sae_id(int(name)): entry for name, entry in raw.items() if atlas.describes(int(name))}
        said = [(sae_id, *(entry["summary"][key] for key in NOVEL_SAID)) for sae_id, entry in layers.items()]
        clusters = [(sae_id, cluster) for sae_id, entry in layers.items() for cluster in entry["clusters"]]
        return {
            "novel_summary": frame_of(NOVEL_SUMMARY, said),
            "novel_cluster": frame_of(CLUSTER, [(name, *(one[key] for key in CLUSTER_SAID)) for name, one in clusters]),
            "novel_cluster_feature": frame_of(CLUSTER_FEATURE, _members(clusters)),
            "novel_cluster_gene": frame_of(CLUSTER_GENE, _genes(clusters)),
        }


def _members(clusters: list[tuple[str, dict[str, Any]]]) -> list[tuple[Any, ...]]:
    return [(sae_id, one["cluster_id"], feature) for sae_id, one in clusters for feature in one["features"]]


def _genes(clusters: list[tuple[str, dict[str, Any]]]) -> list[tuple[Any, ...]]:
    return [
        (sae_id, one["cluster_id"], rank, symbol)
        for sae_id, one in clusters
        for rank, symbol in enumerate(one["consensus_genes"], start=1)
    ]


def read_svd(atlas: Atlas, path: Path) -> Tables:
    """Tables svd_layer and svd_summary."""
    with read_file(path) as raw:
        layers = {atlas.sae_id(int(name)): entry for name, entry in raw["per_layer"].items()
                  if atlas.describes(int(name))}  # fmt: skip
        keys = ("svd_variance", "sae_variance", "gain", "n_aligned", "n_novel")
        whole = raw["aggregate"]
        said = (*(whole[key] for key in SVD_SAID), whole["mean_novel_exclusive_terms_pct"] / 100)
        rows = [(sae_id, *(entry[key] for key in keys)) for sae_id, entry in layers.items()]
        return {"svd_layer": frame_of(SVD_LAYER, rows), "svd_summary": frame_of(SVD_SUMMARY, [said])}
