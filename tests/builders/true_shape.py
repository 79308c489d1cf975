"""A model of any shape with random weights, and autoencoders on it whose features fire as those of a trained one do.

A feature's pre-activation is its direction's product with the centred state, of equal spread for all, plus a bias: with
normal biases, cut off above, frequencies have a heavy tail. Of 4,608 features with k = 32, counted over four cells of
2,048 tokens, 4,029 fire at 0.001 of the positions or more, at 16 positions of a cell on average, half of them at 11 or
more, the loudest at 193. A trained one, in the published map: 4,065, 16, about 10, 192.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import normalize
from transformers import BertForMaskedLM

from tasks.models.adapter import ModelInfo
from tasks.models.families.geneformer import GeneformerAdapter
from tasks.sae import Sae
from tests.builders.models import random_cells, tiny_config, tiny_vocabulary

SPREAD, LOUDEST = 0.35, 1.0  # of the biases, in standard deviations of a pre-activation


@dataclass(frozen=True)
class Shape:
    """Sizes of the model, of a cell, and of an autoencoder."""

    n_layers: int
    d_model: int
    n_heads: int
    d_ff: int
    n_genes: int
    n_tokens: int
    n_features: int
    k: int
    source: int


PUBLISHED = Shape(18, 1152, 18, 4608, 20_271, 2048, 4608, 32, 5)
SMALL = Shape(5, 32, 4, 64, 120, 96, 96, 4, 1)


def shaped_model(shape: Shape, device: str = "cpu") -> GeneformerAdapter:
    """A Geneformer with random weights."""
    vocabulary = tiny_vocabulary(shape.n_genes, shape.n_tokens)
    torch.manual_seed(0)
    config = tiny_config(
        n_layers=shape.n_layers,
        d_model=shape.d_model,
        n_heads=shape.n_heads,
        d_ff=shape.d_ff,
        vocab_size=vocabulary.size,
        max_length=shape.n_tokens,
        spread=shape.d_model**-0.5,
    )
    model = BertForMaskedLM(config).eval().to(device)
    sizes = (shape.n_layers, shape.d_model, shape.n_heads, shape.d_ff, vocabulary.size, shape.n_tokens)
    n_parameters = sum(weight.numel() for weight in model.parameters())
    info = ModelInfo("random", "geneformer", "random", True, *sizes, n_parameters, "")
    return GeneformerAdapter(model, vocabulary, info)


def random_tokens(adapter: GeneformerAdapter, n_tokens: int, seed: int = 0) -> Tensor:
    """A cell of distinct random genes between <cls> and <eos>: int64 [n_tokens]."""
    cell = random_cells(adapter.vocabulary, [n_tokens], seed).cell(0)
    return torch.from_numpy(cell.astype(np.int64)).to(adapter.device)


def firing_sae(shape: Shape, layer: int, states: Tensor) -> Sae:
    """An autoencoder of ``layer`` for outputs ``states`` [S, d] of that layer."""
    generator = torch.Generator().manual_seed(layer)
    directions = normalize(torch.randn(shape.n_features, shape.d_model, generator=generator), dim=1).to(states)
    mean = states.mean(0)
    spread = ((states - mean) @ directions.T).std(0)
    biases = (SPREAD * torch.randn(shape.n_features, generator=generator)).clamp_max(LOUDEST).to(states)
    name = f"L{layer:02d}-topk{shape.n_features}-k{shape.k}-random"
    encoder = (directions / spread[:, None]).T.contiguous()
    return Sae(name, "random", layer, shape.k, encoder, biases, directions, mean)
