"""The row of table ``sae`` that says what an autoencoder is and how good it is."""

import polars as pl

from tasks.sae.kinds import KINDS
from tasks.sae.layouts.files import recognise
from tasks.sae.metrics import Quality, SpliceLosses
from tasks.sae.positions import Positions
from tasks.sae.sae import Sae
from tasks.sae.settings import SaeSettings
from tasks.sae.training.training import Trained
from tasks.store import table_frame


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
    return table_frame("sae", [row])


def _origin(trained: Trained, settings: SaeSettings) -> dict[str, float | str | None]:
    """How it was trained, or the layout it was taken from: that does not tell."""
    folder = settings.folder(trained.sae.layer)
    if folder is not None:
        layout = recognise(folder).layout.name
        return {"k": trained.sae.k, "layout": layout}
    return {
        "k": settings.k if KINDS[settings.variant].by_k else None,
        "seed": settings.seed,
        "n_steps": trained.n_steps,
        "sparsity": _sparsity(settings),
    }


def _sparsity(settings: SaeSettings) -> float | None:
    """The coefficient of the sparsity term; None for a variant that has none."""
    usual = KINDS[settings.variant].usual_sparsity
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
        return {}
    return {
        "loss_clean": losses.clean,
        "loss_spliced": losses.spliced,
        "loss_ablated": losses.ablated,
        "loss_recovered": losses.recovered,
    }
