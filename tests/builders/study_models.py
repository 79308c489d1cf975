"""Rows of the model and sae steps."""

from itertools import permutations
from typing import Any

import numpy as np
import polars as pl

from tests.builders.contract_frames import contract_frame
from tests.builders.study_cells import World
from tests.builders.study_features import Layer

CURVES = {
    "model_metric": {"loss": (6.0, 4.2), "top1": (0.02, 0.11), "learning_rate": (1e-3, 1e-5)},
    "sae_metric": {
        "loss": (1.0, 0.2),
        "fvu": (1.0, 0.2),
        "l0": (4.0, 4.0),
        "dead_fraction": (0.4, 0.05),
        "learning_rate": (1e-3, 1e-5),
    },
}


def model_row(model_id: str, n_layers: int, n_genes: int) -> pl.DataFrame:
    """model: the small stand-in."""
    row = {
        "model_id": model_id,
        "family": "geneformer",
        "name": "geneformer-mini",
        "stand_in": True,
        "n_layers": n_layers,
        "d_model": 96,
        "n_heads": 4,
        "d_ff": 192,
        "vocab_size": n_genes + 4,
        "max_length": 512,
        "n_parameters": 1_000_000,
        "weights_sha": "a" * 64,
        "heldout_loss": 4.2,
        "heldout_top1": 0.11,
        "baseline_top1": 0.06,
        "baseline_loss": 5.1,
    }
    return contract_frame("model", [row])


def metric_rows(table: str, name: dict[str, str], n_points: int = 11) -> pl.DataFrame:
    """A training curve that falls or rises exponentially from its first value to its last."""
    rows = [
        {**name, "step": step * 10, "split": split, "metric": metric, "value": last + (first - last) * 0.7**step}
        for metric, (first, last) in CURVES[table].items()
        for split in (["train"] if metric == "learning_rate" else ["train", "heldout"])
        for step in range(n_points)
    ]
    return contract_frame(table, rows)


def sae_row(world: World, layer: Layer, model_id: str) -> pl.DataFrame:
    """sae: counts from the invented activations, losses invented."""
    heldout = layer.codes[world.heldout] > 0
    n_features = layer.codes.shape[1]
    n_dead = int((~heldout.any(0)).sum())
    losses: dict[str, Any] = {"loss_clean": 4.2, "loss_spliced": 4.3 + layer.layer / 50, "loss_ablated": 5.2}
    row = {
        "sae_id": layer.sae_id,
        "model_id": model_id,
        "layer": layer.layer,
        "variant": "topk",
        "d_model": 96,
        "n_features": n_features,
        "k": 4,
        "seed": 0,
        "sha256": "b" * 64,
        "n_train_positions": int((~world.heldout).sum()),
        "n_heldout_positions": int(world.heldout.sum()),
        "n_steps": 100,
        "fvu": 0.2 + layer.layer / 40,
        "l0": float(np.minimum(heldout.sum(1), 4).mean()),
        "n_dead": n_dead,
        "dead_fraction": n_dead / n_features,
        "decoder_norm_min": 1.0,
        "decoder_norm_max": 1.0,
        **losses,
        "loss_recovered": (5.2 - losses["loss_spliced"]) / (5.2 - 4.2),
        "sparsity": None,
        "described": True,
        "dense_fraction": float((heldout.mean(0) > 0.1).mean()),
        "cosine": 0.9,
        "layout": None,
        "embedding_recovered": 0.95,
    }
    return contract_frame("sae", [row])


def alternate_rows(sae: pl.DataFrame, densities: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Tables of a comparison: two more autoencoders beside that of the row ``sae``, as dense, and what they share."""
    row = sae.row(0, named=True)
    others = [
        {**row, "sae_id": f"{row['sae_id']}-{name}", "variant": name, "fvu": row["fvu"] + 0.05, "described": False}
        for name in ("batchtopk", "standard")
    ]
    others[1] |= {"k": None, "sparsity": 0.5, "l0": 9.0}
    names = [row["sae_id"], *(other["sae_id"] for other in others)]
    shares = [
        {
            "sae_id": one,
            "other_sae": other,
            "n_living": 40,
            "mean_cosine": 0.8,
            "chance_cosine": 0.3,
            "n_matched": 30,
            "matched_fraction": 0.75,
        }
        for one, other in permutations(names, 2)
    ]
    pairs = [
        {**pair, "sae_id": names[0], "other_sae": other, "cosine": 0.9 - 0.01 * pair["feature"], "chance_cosine": 0.3}
        for other in names[1:]
        for pair in ({"feature": n, "other_feature": n + 1, "mutual": n < 3} for n in range(5))
    ]
    curves = [metric_rows("sae_metric", {"sae_id": other["sae_id"]}) for other in others]
    return {
        "sae": contract_frame("sae", others),
        "sae_metric": pl.concat(curves),
        "sae_density": pl.concat([densities.with_columns(sae_id=pl.lit(other["sae_id"])) for other in others]),
        "sae_overlap": contract_frame("sae_overlap", shares),
        "feature_twin": contract_frame("feature_twin", pairs),
    }


def density_rows(world: World, layer: Layer) -> pl.DataFrame:
    """sae_density: each feature put into the first of the bins that its density does not exceed."""
    counts = [0] * 33
    for density in (layer.codes[world.heldout] > 0).mean(0):
        counts[next(number for number in range(33) if density <= (10 ** ((number - 32) / 4) if number else 0))] += 1
    edges = [(None, None), *(((number - 33) / 4, (number - 32) / 4) for number in range(1, 33))]
    rows = [
        {"sae_id": layer.sae_id, "bin": number, "low": edges[number][0], "high": edges[number][1], "n_features": count}
        for number, count in enumerate(counts)
    ]
    return contract_frame("sae_density", rows)
