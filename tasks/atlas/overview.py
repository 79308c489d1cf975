"""Rows about the atlas as a whole: its model, its autoencoders, and what it says of its layers."""

from typing import Any

import polars as pl

from tasks.atlas.atlas import Atlas
from tasks.atlas.files import SUMMARY
from tasks.atlas.gaps import files_and_gaps
from tasks.atlas.known import VALUE
from tasks.atlas.reading import Tables, frame_of, read_file

MODEL = {
    "model_id": pl.String, "family": pl.String, "name": pl.String, "stand_in": pl.Boolean, "n_layers": pl.UInt16,
    "d_model": pl.UInt16, "n_heads": pl.UInt16, "d_ff": pl.UInt16, "vocab_size": pl.UInt32, "max_length": pl.UInt16,
    "n_parameters": pl.UInt64, "weights_sha": pl.String, "heldout_loss": pl.Float64, "heldout_top1": pl.Float64,
    "baseline_top1": pl.Float64, "baseline_loss": pl.Float64,
}  # fmt: skip
SAE = {
    "sae_id": pl.String, "model_id": pl.String, "layer": pl.UInt16, "variant": pl.String, "d_model": pl.UInt16,
    "n_features": pl.UInt32, "k": pl.UInt16, "seed": pl.UInt32, "sha256": pl.String, "n_train_positions": pl.UInt64,
    "n_heldout_positions": pl.UInt64, "n_steps": pl.UInt32, "fvu": pl.Float64, "l0": pl.Float64, "n_dead": pl.UInt32,
    "dead_fraction": pl.Float64, "decoder_norm_min": pl.Float64, "decoder_norm_max": pl.Float64,
    "loss_clean": pl.Float64, "loss_spliced": pl.Float64, "loss_ablated": pl.Float64, "loss_recovered": pl.Float64,
    "sparsity": pl.Float64, "described": pl.Boolean,
    "dense_fraction": pl.Float64, "cosine": pl.Float64, "layout": pl.String, "embedding_recovered": pl.Float64,
}  # fmt: skip
LAYER = {
    "sae_id": pl.String, "n_alive": pl.UInt32, "n_dead": pl.UInt32, "n_annotated": pl.UInt32,
    "annotation_rate": pl.Float64, "n_modules": pl.UInt32, "n_svd_aligned": pl.UInt32, "n_novel": pl.UInt32,
    "mean_feature_cosine": pl.Float64, "variance_explained": pl.Float64,
}  # fmt: skip
SAID = (
    "alive", "dead", "annotated", "annotation_rate", "n_modules", "n_svd_aligned", "n_novel", "mean_feature_cosine",
    "variance_explained",
)  # fmt: skip
ONTOLOGY = {"sae_id": pl.String, "ontology": pl.String, "n_rows": pl.UInt32}


def read_overview(atlas: Atlas) -> Tables:
    """Tables model, sae, published_layer, published_layer_ontology, published_value, import_file, import_gap."""
    with read_file(atlas.folder / SUMMARY):  # what is wrong below is wrong in that file
        layers = [(atlas.sae_id(layer), atlas.summary.layers[layer]) for layer in atlas.layers]
        said = [(sae_id, *(layer[key] for key in SAID)) for sae_id, layer in layers]
        counts = [(sae_id, name, n) for sae_id, layer in layers for name, n in layer["ontology_counts"].items()]
        tables = {
            "model": frame_of(MODEL, [_model(atlas)]),
            "sae": frame_of(SAE, [_sae(atlas, sae_id, layer) for sae_id, layer in layers]),
            "published_layer": frame_of(LAYER, said),
            "published_layer_ontology": frame_of(ONTOLOGY, counts),
        }
    values = atlas.known.values if atlas.known else frame_of(VALUE, [])
    return {**tables, "published_value": values, **files_and_gaps(atlas)}


def _model(atlas: Atlas) -> tuple[Any, ...]:
    known: dict[str, Any] = atlas.known.model if atlas.known else {}
    family = atlas.known.family if atlas.known else "unknown"
    facts = (known.get(name) for name in ("d_model", "n_heads", "d_ff", "vocab_size", "max_length", "n_parameters"))
    scores = (None,) * 4
    name = known.get("name", "model of a published atlas")
    return (atlas.model_id, family, name, False, atlas.summary.n_layers, *facts, None, *scores)


def _sae(atlas: Atlas, sae_id: str, layer: dict[str, Any]) -> tuple[Any, ...]:
    known: dict[str, Any] = atlas.known.model if atlas.known else {}
    n_features, n_dead = atlas.summary.n_features, layer["dead"]
    named = (sae_id, atlas.model_id, layer["layer"], "topk", known.get("d_model"), n_features, known.get("k"))
    trained = (None,) * 5  # seed, weights, positions, steps
    quality = (1 - layer["variance_explained"], None, n_dead, n_dead / n_features)
    rest = (None,) * 6  # losses, norms
    measured_here = (None,) * 4  # dense fraction, cosine, layout, embeddings
    return (*named, *trained, *quality, *rest, None, True, *measured_here)
