"""The row of table ``sae`` that says what an autoencoder is and how good it is."""

import polars as pl

from tasks.sae.metrics import Quality, SpliceLosses
from tasks.sae.positions import Positions
from tasks.sae.sae import Sae
from tasks.sae.settings import SaeSettings
from tasks.sae.untrained import BY_K

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
}


def sae_row(sae: Sae, weights_sha: str, positions: Positions, settings: SaeSettings, quality: Quality) -> pl.DataFrame:
    """One row; ``weights_sha`` is the SHA-256 of sae_weights.safetensors."""
    row = {
        "sae_id": sae.sae_id,
        "model_id": sae.model_id,
        "layer": sae.layer,
        "variant": sae.variant,
        "d_model": sae.d_model,
        "n_features": sae.n_features,
        "k": settings.k if settings.variant in BY_K else None,
        "seed": settings.seed,
        "sha256": weights_sha,
        "n_train_positions": len(positions.train),
        "n_heldout_positions": len(positions.heldout),
        "n_steps": settings.steps,
        **_figures(sae, quality),
    }
    return pl.DataFrame([row], schema=SCHEMA)


def _figures(sae: Sae, quality: Quality) -> dict[str, float | None]:
    found, norms = quality.reconstruction, sae.decoder_norms
    return {
        "fvu": found.fvu,
        "l0": found.l0,
        "n_dead": found.n_dead,
        "dead_fraction": found.n_dead / sae.n_features,
        "decoder_norm_min": float(norms.min()),
        "decoder_norm_max": float(norms.max()),
        **_losses(quality.losses),
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
