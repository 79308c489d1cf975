"""Autoencoders with random weights, as a trained one lies on disk."""

import json
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import normalize

from tasks.sae import Sae, SparseCodes, load_sae, save_sae
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


def random_sae(folder: Path, *, d_model: int, n_features: int, k: int, layer: int = 0, seed: int = 0) -> Sae:
    """Write a finished step folder (name it ``sae-<key>``) that ``load_sae`` reads; return what is in it."""
    sae = random_topk(d_model, n_features, k, layer=layer, seed=seed)
    with StepFolder.create(folder) as out:
        with out.unit("sae") as unit:
            save_sae(sae, unit)
        out.finish(sae_id=sae.sae_id, layer=layer, n_features=n_features, k=k)
    return sae


def write_as_dictionary_learning(sae: Sae, folder: Path) -> Path:
    """A TopK autoencoder as the package dictionary_learning saves it."""
    state = {
        "k": torch.tensor(sae.k, dtype=torch.int),
        "threshold": torch.tensor(-1.0),
        "b_dec": sae.b_dec,
        "encoder.weight": sae.W_enc.T.contiguous(),
        "encoder.bias": sae.b_enc,
        "decoder.weight": sae.W_dec.T.contiguous(),
    }
    trainer = {"dict_class": "AutoEncoderTopK", "k": sae.k, "layer": sae.layer, "lm_name": sae.model_id}
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"trainer": trainer}))
    torch.save(state, folder / "ae.pt")
    return folder


def write_dictionaries(home: Path, root: Path) -> Path:
    """The autoencoders of a finished run, each saved by another package in ``root/layer_<layer>``; returns ``root``."""
    for folder in sorted((home / "runs").glob("sae-*")):
        sae = load_sae(folder)
        write_as_dictionary_learning(sae, root / f"layer_{sae.layer}")
    return root


def dense(codes: SparseCodes, n_features: int) -> Tensor:
    """The codes as a matrix [n, F]."""
    return torch.zeros(len(codes.values), n_features).scatter_add(1, codes.indices, codes.values)


def cast(sae: Sae, dtype: torch.dtype) -> Sae:
    """An autoencoder with its weights in another precision."""
    return replace(sae, **{name: weight.to(dtype) for name, weight in sae.parameters.items()})
