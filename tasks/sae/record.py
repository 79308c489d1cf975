"""The row of table ``sae`` that says what an autoencoder is and how good it is."""

import polars as pl

from tasks.sae.layouts.files import recognise
from tasks.sae.metrics import Quality, SpliceLosses
from tasks.sae.positions import Positions
from tasks.sae.sae import Sae
from tasks.sae.settings import SaeSettings
from tasks.sae.training.training import Trained
from tasks.sae.untrained import BY_K
from tasks.sae.variants import VARIANTS

SCHEMA = {
    "sae_id": pl.String,
    "model_id": pl.String,
    "layer": pl.UInt16,
    "variant": pl.String,
    "d_model": pl.UInt16,
    "n_features": pl.UInt32,
    "k": pl.UInt16,
    "seed": pl.UInt32,
    "sha256": pl.String,
    "n_train_positions": pl.UInt64,
    "n_heldout_positions": pl.UInt64,
    "n_steps": pl.UInt32,
    "fvu": pl.Float64,
    "l0": pl.Float64,
    "n_dead": pl.UInt32,
    "dead_fraction": pl.Float64,
    "decoder_norm_min": pl.Float64,
    "decoder_norm_max": pl.Float64,
    "loss_clean": pl.Float64,
    "loss_spliced": pl.Float64,
    "loss_ablated": pl.Float64,
    "loss_recovered": pl.Float64,
    "sparsity": pl.Float64,
    "described": pl.Boolean,
    "dense_fraction": pl.Float64,
    "cosine": pl.Float64,
    "layout": pl.String,
    "embedding_recovered": pl.Float64,
}


def sae_row(
    trained: Trained,
    weights_sha: str,
    positions: Positions,
    settings: SaeSettings,
    quality: Quality,
    described: bool = True,
) -> pl.DataFrame:
    """One row; ``weights_sha`` is the SHA-256 of sae_weights.safetensors."""
    sae = trained.sae
    row = {
        "sae_id": sae.sae_id,
        "model_id": sae.model_id,
        "layer": sae.layer,
        "variant": sae.variant,
        "d_model": sae.d_model,
        "n_features": sae.n_features,
        "sha256": weights_sha,
        "n_train_positions": len(positions.train),
        "n_heldout_positions": len(positions.heldout),
        **_origin(trained, settings),
        **_figures(sae, quality),
        "described": described,
    }
    return pl.DataFrame([row], schema=SCHEMA)


def _origin(trained: Trained, settings: SaeSettings) -> dict[str, float | str | None]:
    """How it was trained, or the layout it was taken from: that does not tell."""
    folder = settings.folder(trained.sae.layer)
    if folder is not None:
        layout = recognise(folder).layout.name
        return {"k": trained.sae.k, "seed": None, "n_steps": None, "sparsity": None, "layout": layout}
    return {
        "k": settings.k if settings.variant in BY_K else None,
        "seed": settings.seed,
        "n_steps": trained.n_steps,
        "sparsity": _sparsity(settings),
        "layout": None,
    }


def _sparsity(settings: SaeSettings) -> float | None:
    """The coefficient of the sparsity term; None for a variant that has none."""
    usual = VARIANTS[settings.variant].usual_sparsity
    return None if usual == 0 else usual if settings.sparsity is None else settings.sparsity


def _figures(sae: Sae, quality: Quality) -> dict[str, float | None]:
    found, norms = quality.reconstruction, sae.decoder_norms
    return {
        "fvu": found.fvu,
        "l0": found.l0,
        "n_dead": found.n_dead,
        "dead_fraction": found.n_dead / sae.n_features,
        "decoder_norm_min": float(norms.min()),
        "decoder_norm_max": float(norms.max()),
        "dense_fraction": found.n_dense / sae.n_features,
        "cosine": found.cosine,
        **_losses(quality.losses),
        "embedding_recovered": quality.embedding_recovered,
    }


def _losses(losses: SpliceLosses | None) -> dict[str, float | None]:
    """Nothing for a model that predicts nothing."""
    if losses is None:
        return dict.fromkeys(("loss_clean", "loss_spliced", "loss_ablated", "loss_recovered"))
    return {
        "loss_clean": losses.clean,
        "loss_spliced": losses.spliced,
        "loss_ablated": losses.ablated,
        "loss_recovered": losses.recovered,
    }
