"""Rows about the atlas as a whole: its model, its autoencoders, and what it says of its layers."""

from typing import Any

from tasks.atlas.atlas import Atlas
from tasks.atlas.files import SUMMARY
from tasks.atlas.gaps import files_and_gaps
from tasks.atlas.reading import Tables, frame_of, read_file
from tasks.store import table_frame

# Columns of published_layer, and where the summary keeps them.
SAID = {
    "n_alive": "alive", "n_dead": "dead", "n_annotated": "annotated", "annotation_rate": "annotation_rate",
    "n_modules": "n_modules", "n_svd_aligned": "n_svd_aligned", "n_novel": "n_novel",
    "mean_feature_cosine": "mean_feature_cosine", "variance_explained": "variance_explained",
}  # fmt: skip


def read_overview(atlas: Atlas) -> Tables:
    """Tables model, sae, published_layer, published_layer_ontology, published_value, import_file, import_gap."""
    with read_file(atlas.folder / SUMMARY):  # what is wrong below is wrong in that file
        layers = [(atlas.sae_id(layer), atlas.summary.layers[layer]) for layer in atlas.layers]
        said = [{"sae_id": sae_id, **{name: layer[key] for name, key in SAID.items()}} for sae_id, layer in layers]
        counts = [(sae_id, name, n) for sae_id, layer in layers for name, n in layer["ontology_counts"].items()]
        tables = {
            "model": table_frame("model", [_model(atlas)]),
            "sae": table_frame("sae", [_sae(atlas, sae_id, layer) for sae_id, layer in layers]),
            "published_layer": table_frame("published_layer", said),
            "published_layer_ontology": frame_of("published_layer_ontology", "sae_id ontology n_rows", counts),
        }
    values = atlas.known.values if atlas.known else table_frame("published_value", [])
    return {**tables, "published_value": values, **files_and_gaps(atlas)}


def _model(atlas: Atlas) -> dict[str, Any]:
    known: dict[str, Any] = atlas.known.model if atlas.known else {}
    facts = ("d_model", "n_heads", "d_ff", "vocab_size", "max_length", "n_parameters")
    return {
        "model_id": atlas.model_id,
        "family": atlas.known.family if atlas.known else "unknown",
        "name": known.get("name", "model of a published atlas"),
        "stand_in": False,
        "n_layers": atlas.summary.n_layers,
        **{name: known.get(name) for name in facts},
    }


def _sae(atlas: Atlas, sae_id: str, layer: dict[str, Any]) -> dict[str, Any]:
    known: dict[str, Any] = atlas.known.model if atlas.known else {}
    n_features, n_dead = atlas.summary.n_features, layer["dead"]
    return {
        "sae_id": sae_id,
        "model_id": atlas.model_id,
        "layer": layer["layer"],
        "variant": "topk",
        "d_model": known.get("d_model"),
        "n_features": n_features,
        "k": known.get("k"),
        "fvu": 1 - layer["variance_explained"],
        "n_dead": n_dead,
        "dead_fraction": n_dead / n_features,
        "described": True,
    }
