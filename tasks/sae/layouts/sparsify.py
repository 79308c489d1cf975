"""Sparsify (EleutherAI): ``cfg.json`` and ``sae.safetensors``, a TopK autoencoder of x - b_dec.

The folder is named after the module whose output it was trained on (``layers.3``, ``encoder.layer.3``).
"""

from typing import Literal

from pydantic import BaseModel, Field

from tasks.models.weight_reading import read_weights
from tasks.sae.layouts.checks import check_k, checked, read_config
from tasks.sae.layouts.files import Found
from tasks.sae.layouts.place import folder_place, told_layer
from tasks.sae.sae import Sae


class SparsifyConfig(BaseModel):
    """The fields of ``cfg.json`` that say what its weights do; a transcoder is no autoencoder."""

    d_in: int = Field(ge=1)
    k: int
    expansion_factor: int = 32
    num_latents: int = 0  # 0: by expansion_factor
    activation: Literal["topk"] = "topk"
    signed: Literal[False] = False  # earlier releases
    transcode: Literal[False] = False
    skip_connection: Literal[False] = False
    embed_skip: Literal[False] = False  # reads the embeddings as well
    gram_lookup: Literal[False] = False  # reads tables of n-grams as well


def read(files: Found) -> Sae:
    """The autoencoder as it was saved."""
    config = read_config(files.beside, SparsifyConfig)
    d, n = config.d_in, config.num_latents or config.d_in * config.expansion_factor
    shapes = {"encoder.weight": (n, d), "encoder.bias": (n,), "W_dec": (n, d), "b_dec": (d,)}
    tensors = checked(files.weights, read_weights(files.weights, "sparsify autoencoder"), shapes)
    return Sae(
        sae_id=files.weights.parent.name,
        model_id="",
        layer=told_layer(files.weights, folder_place(files.weights.parent), None),
        k=check_k(files.beside, config.k, n),
        W_enc=tensors["encoder.weight"].T.contiguous(),
        b_enc=tensors["encoder.bias"],
        W_dec=tensors["W_dec"],
        b_dec=tensors["b_dec"],
    )
