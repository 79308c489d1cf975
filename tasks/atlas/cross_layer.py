"""``cross_layer_graph.json`` and ``cross_layer_tracking.json``: links between layers, and what lasts over them."""

import re
from pathlib import Path
from typing import Any

import polars as pl

from tasks.atlas.atlas import Atlas
from tasks.atlas.reading import Tables, frame_of, read_file

UNLABELLED = "unlabeled"
PAIR = re.compile(r"L(\d+)_L(\d+)")
SUMMARY = {
    "source_sae": pl.String, "source_layer": pl.UInt16, "target_sae": pl.String, "target_layer": pl.UInt16,
    "n_alive_source": pl.UInt32, "n_alive_target": pl.UInt32, "n_with_links": pl.UInt32, "mean_max_pmi": pl.Float64,
    "median_max_pmi": pl.Float64, "n_highways": pl.UInt32, "n_links": pl.UInt32, "upstream_coverage": pl.Float64,
    "downstream_coverage": pl.Float64,
}  # fmt: skip
SAID = ("n_alive_a", "n_alive_b", "n_features_with_deps", "mean_max_pmi", "median_max_pmi", "n_highways")
SAID_BY_SOME = ("n_pmi_edges", "upstream_coverage", "downstream_coverage")
LINK = {
    "source_sae": pl.String, "source_feature": pl.UInt32, "target_sae": pl.String, "target_feature": pl.UInt32,
    "rank": pl.UInt16, "pmi": pl.Float64, "target_label": pl.String,
}  # fmt: skip
PERSISTENCE = {
    "kind": pl.String, "from_sae": pl.String, "from_layer": pl.UInt16, "to_sae": pl.String, "to_layer": pl.UInt16,
    "n_matches": pl.UInt32, "n_high_matches": pl.UInt32, "persistence_rate": pl.Float64,
    "high_persistence_rate": pl.Float64, "mean_cosine": pl.Float64, "n_alive_from": pl.UInt32,
    "match_threshold": pl.Float64, "high_match_threshold": pl.Float64,
}  # fmt: skip
LIFECYCLE = {
    "category": pl.String, "n_features": pl.UInt32, "annotation_rate": pl.Float64, "mean_annotations": pl.Float64,
}  # fmt: skip
SPAN = {"span": pl.UInt16, "n_features": pl.UInt32}


def read_graph(atlas: Atlas, path: Path) -> Tables:
    """Tables cross_layer_summary and cross_layer_link."""
    summaries: list[tuple[Any, ...]] = []
    links: list[tuple[Any, ...]] = []
    with read_file(path) as raw:
        for name, pair in raw.items():
            found = PAIR.fullmatch(name)
            if found is None:
                raise ValueError(f"{name} is no pair of layers")
            ends = _ends(atlas, int(found[1]), int(found[2]))
            if ends is not None:
                said = [pair["summary"][key] for key in SAID] + [pair["summary"].get(key) for key in SAID_BY_SOME]
                summaries.append((*ends, *said))
                links += [row for entry in pair["deps"] for row in _links(ends[0], ends[2], entry)]
        return {"cross_layer_summary": frame_of(SUMMARY, summaries), "cross_layer_link": frame_of(LINK, links)}


def _links(source: str, target: str, entry: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [
        (source, entry["a"], target, link["b"], rank, link["pmi"], None if link["lb"] == UNLABELLED else link["lb"])
        for rank, link in enumerate(sorted(entry["deps"], key=lambda link: -link["pmi"]), start=1)
    ]


def read_tracking(atlas: Atlas, path: Path) -> Tables:
    """Tables persistence, lifecycle and lifecycle_span."""
    with read_file(path) as raw:
        config, lives, biology = raw["config"], raw["lifecycle_summary"], raw["persistence_vs_biology"]
        bounds = config["match_threshold"], config["high_match_threshold"]
        rows = [_adjacent(atlas, one, bounds) for one in raw["adjacent_persistence"]]
        rows += [_long(atlas, config["reference_layer"], one, bounds) for one in raw["long_range_persistence"]]
        categories = [
            (name, lives[f"n_{name}"], biology[name]["annotation_rate"], biology[name]["mean_enrichments"])
            for name in ("transient", "moderate", "persistent")
        ]
        spans = [(int(span), n) for span, n in lives["span_histogram"].items()]
        return {
            "persistence": frame_of(PERSISTENCE, [row for row in rows if row is not None]),
            "lifecycle": frame_of(LIFECYCLE, categories),
            "lifecycle_span": frame_of(SPAN, spans),
        }


def timestamp(atlas: Atlas) -> str | None:
    """When the atlas was made, as its tracking file says; None without that file."""
    path = atlas.path("cross_layer_tracking")
    if path is None:
        return None
    with read_file(path) as raw:
        return str(raw["timestamp"]) if "timestamp" in raw else None


def _ends(atlas: Atlas, first: int, second: int) -> tuple[str, int, str, int] | None:
    """Names and layers of two autoencoders, None unless both layers have features."""
    known = [atlas.describes(layer) for layer in (first, second)]
    return (atlas.sae_id(first), first, atlas.sae_id(second), second) if all(known) else None


def _adjacent(atlas: Atlas, one: dict[str, Any], bounds: tuple[float, float]) -> tuple[Any, ...] | None:
    ends = _ends(atlas, one["from_layer"], one["to_layer"])
    counts = one["n_matches"], one["n_high_matches"], one["persistence_rate"], one["high_persistence_rate"]
    return ends and ("adjacent", *ends, *counts, one["mean_match_cosine"], one["n_alive_from"], *bounds)


def _long(atlas: Atlas, reference: int, one: dict[str, Any], bounds: tuple[float, float]) -> tuple[Any, ...] | None:
    ends = _ends(atlas, reference, one["target_layer"])
    counts = one["n_matches"], None, one["persistence_rate"], None
    return ends and ("long_range", *ends, *counts, one["mean_cosine"], None, *bounds)
