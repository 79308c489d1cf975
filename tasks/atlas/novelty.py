"""``novel_clusters.json``, ``svd_comparison.json``: features without annotation, features beside singular vectors."""

from pathlib import Path
from typing import Any

from tasks.atlas.atlas import Atlas
from tasks.atlas.reading import Tables, frame_of, read_file
from tasks.store import table_frame

# Columns of the tables, and where the files keep them.
NOVEL_SUMMARY = {
    "n_annotated": "n_annotated", "n_unannotated": "n_unannotated", "n_clusters": "n_novel_clusters",
    "n_features_in_clusters": "n_features_in_clusters", "n_guilt_by_association": "n_guilt_by_association",
    "in_clusters_fraction": "frac_unannotated_in_clusters", "with_module_fraction": "frac_unannotated_with_module",
    "annotated_mean_frequency": "annotated_mean_freq", "unannotated_mean_frequency": "unannotated_mean_freq",
}  # fmt: skip
CLUSTER = {
    "cluster": "cluster_id", "n_features": "n_features", "n_unique_genes": "n_unique_genes",
    "n_consensus_genes": "n_consensus_genes", "mean_jaccard": "mean_jaccard", "mean_frequency": "mean_activation_freq",
}  # fmt: skip
SVD_LAYER = ("svd_variance", "sae_variance", "gain", "n_aligned", "n_novel")
SVD_SUMMARY = {
    "n_features": "total_features", "n_aligned": "total_svd_aligned", "n_novel": "total_novel",
    "n_annotated_aligned": "annotated_svd", "n_annotated_novel": "annotated_novel",
    "annotation_rate_aligned": "annotation_rate_svd", "annotation_rate_novel": "annotation_rate_novel",
    "mean_annotations_aligned": "mean_enrichments_svd", "mean_annotations_novel": "mean_enrichments_novel",
}  # fmt: skip


def read_novel(atlas: Atlas, path: Path) -> Tables:
    """Tables novel_summary, novel_cluster, novel_cluster_feature and novel_cluster_gene."""
    with read_file(path) as raw:
        layers = {atlas.sae_id(int(name)): entry for name, entry in raw.items() if atlas.describes(int(name))}
        said = [_said(sae_id, entry["summary"], NOVEL_SUMMARY) for sae_id, entry in layers.items()]
        clusters = [(sae_id, cluster) for sae_id, entry in layers.items() for cluster in entry["clusters"]]
        return {
            "novel_summary": table_frame("novel_summary", said),
            "novel_cluster": table_frame("novel_cluster", [_said(sae_id, one, CLUSTER) for sae_id, one in clusters]),
            "novel_cluster_feature": frame_of("novel_cluster_feature", "sae_id cluster feature", _members(clusters)),
            "novel_cluster_gene": frame_of("novel_cluster_gene", "sae_id cluster rank symbol", _genes(clusters)),
        }


def _said(sae_id: str, entry: dict[str, Any], keys: dict[str, str]) -> dict[str, Any]:
    return {"sae_id": sae_id, **{name: entry[key] for name, key in keys.items()}}


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
        whole = raw["aggregate"]
        said = {name: whole[key] for name, key in SVD_SUMMARY.items()}
        said["novel_exclusive_terms"] = whole["mean_novel_exclusive_terms_pct"] / 100
        rows = [{"sae_id": sae_id, **{name: entry[name] for name in SVD_LAYER}} for sae_id, entry in layers.items()]
        return {"svd_layer": table_frame("svd_layer", rows), "svd_summary": table_frame("svd_summary", [said])}
