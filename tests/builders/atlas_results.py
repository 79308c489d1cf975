"""The files of a tiny published atlas that are about all of it: what was done with its features."""

import random
import statistics
from typing import Any

TOTALS = {
    "total_alive": "alive",
    "total_annotated": "annotated",
    "total_modules": "n_modules",
    "total_novel": "n_novel",
}
CODES = {"TRRUST_TF_enrichment": "TRRUST", "STRING_edges": "STRING", "TRRUST_edges": "TRRUST"}
Layers = list[dict[str, Any]]


def ontology_counts(annotations: dict[str, Any]) -> dict[str, int]:
    counts = dict.fromkeys(("GO_BP", "KEGG", "Reactome", "STRING", "TRRUST"), 0)
    for entry in annotations.values():
        for one in entry["anns"]:
            counts[CODES.get(one["o"], one["o"])] += 1
    return counts


def results(rng: random.Random, layers: Layers, family: str) -> dict[str, Any]:
    """Files by name: those that were written for the published atlas of ``family``."""
    last = len(layers) - 1
    if family == "scgpt":
        indexes = {"ontology_index": _ontology_index(layers)}
        return {"cross_layer_graph": _graph(last, family), "causal_patching": _displacements(rng, last), **indexes}
    return {
        "cross_layer_graph": _graph(last, family),
        "cross_layer_tracking": _tracking(layers),
        "causal_patching": _logits(rng),
        "perturbation_response": _perturbation(),
        "novel_clusters": {"0": _novel()},
        "svd_comparison": _svd(layers),
        "gene_index": _gene_index(layers),
        "ontology_index": _ontology_index(layers),
    }


def _graph(last: int, family: str) -> dict[str, Any]:
    said = {"n_alive_a": 39, "n_alive_b": 39, "n_features_with_deps": 30, "n_highways": 28}
    said |= {"mean_max_pmi": 6.61, "median_max_pmi": 6.72}
    if family == "scgpt":
        said |= {"n_pmi_edges": 753, "upstream_coverage": 0.955, "downstream_coverage": 0.957}
    links = [{"b": 4, "pmi": 11.1, "lb": "unlabeled"}, {"b": 6, "pmi": 8, "lb": "Gene Expression (GO:0010467)"}]
    return {f"L00_L{last:02d}": {"summary": said, "deps": [{"a": 3, "deps": links}, {"a": 7, "deps": links[:1]}]}}


def _tracking(layers: Layers) -> dict[str, Any]:
    alive = [sum(not one["d"] for one in layer["features"]) for layer in layers]
    adjacent = [
        {
            "from_layer": number, "to_layer": number + 1, "n_matches": 3, "n_high_matches": 1,
            "persistence_rate": 3 / alive[number], "high_persistence_rate": 1 / alive[number],
            "mean_match_cosine": 0.805, "n_alive_from": alive[number],
        }
        for number in range(len(layers) - 1)
    ]  # fmt: skip
    far = [
        {"target_layer": number, "n_matches": 3, "persistence_rate": 3 / alive[0], "mean_cosine": 0.8}
        for number in range(len(layers))
    ]
    lives = {"n_ref_features": 39, "n_transient": 37, "n_moderate": 2, "n_persistent": 0}
    biology = {
        name: {"n_features": lives[f"n_{name}"], "annotation_rate": 0.5, "mean_enrichments": 0}
        for name in ("transient", "moderate", "persistent")
    }
    config = {"match_threshold": 0.7, "high_match_threshold": 0.9, "n_layers": len(layers), "reference_layer": 0}
    return {
        "config": config,
        "adjacent_persistence": adjacent,
        "long_range_persistence": far,
        "lifecycle_summary": {**lives, "span_histogram": {"1": 37, "2": 2}},
        "persistence_vs_biology": biology,
        "timestamp": "2026-02-26 21:35:56",
    }


def _logits(rng: random.Random) -> dict[str, Any]:
    features = [_patch(i, -round(rng.uniform(0.1, 3), 4), 0.05) for i in (4, 6, 12)]
    ratios = [one["sr"] for one in features]
    shares = {"n_specific_features": sum(ratio > 2 for ratio in ratios), "frac_specific": 1.0}
    summary = {
        "n_features_with_activity": len(features),
        "mean_specificity_ratio": statistics.mean(ratios),
        "median_specificity_ratio": statistics.median(ratios),
        "mean_target_logit_diff": -0.116,
        "mean_other_logit_diff": -0.0048,
        **shares,
    }
    return {"summary": summary, "features": [{**one, "lb": "a term", "na": 3, "af": 0.0144} for one in features]}


def _displacements(rng: random.Random, layer: int) -> dict[str, Any]:
    features = [_patch(i, round(rng.uniform(1, 2), 4), 1.75) for i in (4, 6, 12)]
    ratios = [one["sr"] for one in features]
    summary = {
        "layer": layer,
        "n_features_tested": len(features),
        "n_cells": 200,
        "median_specificity": statistics.median(ratios),
        "mean_specificity": statistics.mean(ratios),
        "n_above_2x": 0,
        "n_above_5x": 0,
    }
    return {"layer": layer, "summary": summary, "features": [{**one, "nc": 190} for one in features]}


def _patch(i: int, target: float, other: float) -> dict[str, Any]:
    genes = [f"GENE{number}" for number in range(10)]
    return {"i": i, "td": target, "od": other, "sr": round(abs(target) / other, 2), "tg": genes}


def _perturbation() -> dict[str, Any]:
    top = [{"i": 4, "es": -8.734, "lb": "Cell Cycle, Mitotic R-HSA-69278"}, {"i": 6, "es": 1.798, "lb": "unlabeled"}]
    targets = [
        {"gene": "GATA1", "tf": True, "nk": 57, "nr": 20, "ns": 1, "top": top},
        {"gene": "WDR4", "tf": False, "nk": 0, "nr": 0, "ns": 0, "top": []},
    ]
    said = {"n_targets_processed": 2, "n_trrust_tfs": 1, "n_tfs_with_specific_response": 1, "frac_tfs_specific": 1.0}
    means = {"mean_responding_features": 10.0, "mean_specific_features": 0.5, "n_alive_features": 38}
    return {"summary": said | means, "targets": targets}


def _novel() -> dict[str, Any]:
    cluster = {
        "cluster_id": 0, "n_features": 3, "features": [3, 5, 7], "n_unique_genes": 12, "n_consensus_genes": 2,
        "consensus_genes": ["GENE1", "GENE2"], "mean_jaccard": 0.15, "mean_activation_freq": 0.0075,
    }  # fmt: skip
    summary = {
        "n_annotated": 19, "n_unannotated": 20, "n_novel_clusters": 1, "n_features_in_clusters": 3,
        "n_guilt_by_association": 18, "frac_unannotated_in_clusters": 0.15, "frac_unannotated_with_module": 0.9,
        "annotated_mean_freq": 0.006, "unannotated_mean_freq": 0.008,
    }  # fmt: skip
    return {"summary": summary, "clusters": [cluster]}


def _svd(layers: Layers) -> dict[str, Any]:
    one = {"svd_variance": 0.3, "sae_variance": 0.84, "gain": 2.8, "n_aligned": 1, "n_novel": 38}
    n = len(layers)
    whole = {
        "total_features": 39 * n, "total_svd_aligned": n, "total_novel": 38 * n, "pct_novel": 97.4, "annotated_svd": 0,
        "annotated_novel": 19 * n, "annotation_rate_svd": 0.0, "annotation_rate_novel": 0.5,
        "mean_enrichments_svd": 0.0, "mean_enrichments_novel": 2.5, "mean_novel_exclusive_terms_pct": 98.7,
    }  # fmt: skip
    return {"aggregate": whole, "per_layer": {str(number): one for number in range(n)}}


def _gene_index(layers: Layers) -> dict[str, Any]:
    index: dict[str, Any] = {}
    for number, layer in enumerate(layers):
        for one in layer["features"]:
            for rank, gene in enumerate(one["tg"]):
                row = {"l": number, "i": one["i"], "r": rank, "lb": one["lb"][:60], "m": one["m"]}
                index.setdefault(gene["n"], []).append(row)
    return index


def _ontology_index(layers: Layers) -> dict[str, Any]:
    index: dict[str, Any] = {}
    for number, layer in enumerate(layers):
        for name, entry in layer["annotations"].items():
            for one in entry["anns"]:
                index.setdefault(one["t"], []).append({"l": number, "i": int(name), "p": one["p"], "o": one["o"]})
    return {term: rows for term, rows in index.items() if len(rows) > 1}
