"""``cross_layer_graph.json`` and ``cross_layer_tracking.json``: links between layers, and what lasts over them."""

import re
from pathlib import Path
from typing import Any

from tasks.atlas.atlas import Atlas
from tasks.atlas.reading import Tables, frame_of, read_file
from tasks.store import table_frame

UNLABELLED = "unlabeled"
PAIR = re.compile(r"L(\d+)_L(\d+)")
# Columns of cross_layer_summary, and where the file keeps them.
SAID = {
    "n_alive_source": "n_alive_a", "n_alive_target": "n_alive_b", "n_with_links": "n_features_with_deps",
    "mean_max_pmi": "mean_max_pmi", "median_max_pmi": "median_max_pmi", "n_highways": "n_highways",
}  # fmt: skip
SAID_BY_SOME = {
    "n_links": "n_pmi_edges", "upstream_coverage": "upstream_coverage", "downstream_coverage": "downstream_coverage",
}  # fmt: skip
LINK = "source_sae source_feature target_sae target_feature rank pmi target_label"


def read_graph(atlas: Atlas, path: Path) -> Tables:
    """Tables cross_layer_summary and cross_layer_link."""
    summaries: list[dict[str, Any]] = []
    links: list[tuple[Any, ...]] = []
    with read_file(path) as raw:
        for name, pair in raw.items():
            found = PAIR.fullmatch(name)
            if found is None:
                raise ValueError(f"{name} is no pair of layers")
            ends = _ends(atlas, ("source", int(found[1])), ("target", int(found[2])))
            if ends is not None:
                said = {name: pair["summary"][key] for name, key in SAID.items()}
                said |= {name: pair["summary"].get(key) for name, key in SAID_BY_SOME.items()}
                summaries.append(ends | said)
                saes = ends["source_sae"], ends["target_sae"]
                links += [row for entry in pair["deps"] for row in _links(*saes, entry)]
        summary = table_frame("cross_layer_summary", summaries)
        return {"cross_layer_summary": summary, "cross_layer_link": frame_of("cross_layer_link", LINK, links)}


def _links(source: str, target: str, entry: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [
        (source, entry["a"], target, link["b"], rank, link["pmi"], None if link["lb"] == UNLABELLED else link["lb"])
        for rank, link in enumerate(sorted(entry["deps"], key=lambda link: -link["pmi"]), start=1)
    ]


def read_tracking(atlas: Atlas, path: Path) -> Tables:
    """Tables persistence, lifecycle and lifecycle_span."""
    with read_file(path) as raw:
        config, lives, biology = raw["config"], raw["lifecycle_summary"], raw["persistence_vs_biology"]
        bounds = {name: config[name] for name in ("match_threshold", "high_match_threshold")}
        rows = [_adjacent(atlas, one) for one in raw["adjacent_persistence"]]
        rows += [_long(atlas, config["reference_layer"], one) for one in raw["long_range_persistence"]]
        categories = [
            {
                "category": name,
                "n_features": lives[f"n_{name}"],
                "annotation_rate": biology[name]["annotation_rate"],
                "mean_annotations": biology[name]["mean_enrichments"],
            }
            for name in ("transient", "moderate", "persistent")
        ]
        spans = [{"span": int(span), "n_features": n} for span, n in lives["span_histogram"].items()]
        return {
            "persistence": table_frame("persistence", [row | bounds for row in rows if row is not None]),
            "lifecycle": table_frame("lifecycle", categories),
            "lifecycle_span": table_frame("lifecycle_span", spans),
        }


def timestamp(atlas: Atlas) -> str | None:
    """When the atlas was made, as its tracking file says; None without that file."""
    path = atlas.path("cross_layer_tracking")
    if path is None:
        return None
    with read_file(path) as raw:
        return str(raw["timestamp"]) if "timestamp" in raw else None


def _ends(atlas: Atlas, *ends: tuple[str, int]) -> dict[str, Any] | None:
    """Names and layers of two autoencoders by the words for them, None unless both layers have features."""
    known = [atlas.describes(layer) for _, layer in ends]
    named = {f"{word}_sae": atlas.sae_id(layer) for word, layer in ends}
    return named | {f"{word}_layer": layer for word, layer in ends} if all(known) else None


def _adjacent(atlas: Atlas, one: dict[str, Any]) -> dict[str, Any] | None:
    ends = _ends(atlas, ("from", one["from_layer"]), ("to", one["to_layer"]))
    same = ("n_matches", "n_high_matches", "persistence_rate", "high_persistence_rate", "n_alive_from")
    said = {name: one[name] for name in same}
    return ends and {"kind": "adjacent", **ends, **said, "mean_cosine": one["mean_match_cosine"]}


def _long(atlas: Atlas, reference: int, one: dict[str, Any]) -> dict[str, Any] | None:
    ends = _ends(atlas, ("from", reference), ("to", one["target_layer"]))
    said = {name: one[name] for name in ("n_matches", "persistence_rate", "mean_cosine")}
    unknown = dict.fromkeys(("n_high_matches", "high_persistence_rate", "n_alive_from"))
    return ends and {"kind": "long_range", **ends, **said, **unknown}
