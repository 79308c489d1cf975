"""Autoencoders with random weights, as a trained one lies on disk."""

from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import normalize

from tasks.sae import Sae, save_sae
from tasks.sae.frequency import save_fires
from tasks.store import StepFolder


def random_topk(d_model: int, n_features: int, k: int, *, layer: int = 0, seed: int = 0) -> Sae:
    """Unit-norm feature directions, a tied encoder, small biases."""
    generator = torch.Generator().manual_seed(seed)
    directions = normalize(torch.randn(n_features, d_model, generator=generator), dim=1)
    return Sae(
        sae_id=f"L{layer:02d}-topk{n_features}-k{k}-random",
        model_id="random-model",
        layer=layer,
        k=k,
        W_enc=directions.T.contiguous(),
        b_enc=0.1 * torch.randn(n_features, generator=generator),
        W_dec=directions,
        b_dec=0.1 * torch.randn(d_model, generator=generator),
    )


def random_sae(
    folder: Path, *, d_model: int, n_features: int, k: int, layer: int = 0, seed: int = 0, fires: Tensor | None = None
) -> Sae:
    """Write a finished step folder (name it ``sae-<key>``) that ``load_sae`` reads; return what is in it.

    ``fires`` int64 [F]: at how many of 1,000 positions each feature fired; without it the folder does not say.
    """
    sae = random_topk(d_model, n_features, k, layer=layer, seed=seed)
    with StepFolder.create(folder) as out:
        with out.unit("sae") as unit:
            save_sae(sae, unit)
            if fires is not None:
                save_fires(fires, 1000, unit)
        out.finish(sae_id=sae.sae_id, layer=layer, n_features=n_features, k=k)
    return sae


def cast(sae: Sae, dtype: torch.dtype) -> Sae:
    """An autoencoder with its weights in another precision."""
    return replace(sae, **{name: weight.to(dtype) for name, weight in sae.parameters.items()})
