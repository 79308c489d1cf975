"""A model whose answer to an ablation is known: nothing stands between the layer that is changed and a linear head.

The output of its one block at a position is E[token] + context, the context being the mean of C over the shown genes; a
logit is its product with U[gene]. Taking out a w at a position changes logits there by -a w.U, and nothing elsewhere.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tasks.models.adapter import ModelInfo
from tasks.models.batches import Asked, Batch
from tasks.sae import Sae
from tests.builders.models import tiny_vocabulary

D = 12


@dataclass
class LinearHead:
    """``embedding``, ``context`` and ``head`` [V, D]; ``predicts`` as an Adapter says it."""

    embedding: Tensor
    context: Tensor
    head: Tensor
    predicts: str = "genes"
    device: str = "cpu"

    def __post_init__(self) -> None:
        size = len(self.head)
        self.vocabulary = tiny_vocabulary(size - 4, 4096)
        self.info = ModelInfo("linear", "linear", "linear", True, 1, D, 1, D, size, 4096, 0, "")
        self.genes = torch.zeros(size, dtype=torch.bool)
        self.genes[4:] = True

    def embed(self, batch: Batch) -> Tensor:
        shown = self.is_gene(batch.tokens)[..., None]
        mean = (self.context[batch.tokens] * shown).sum(1, keepdim=True) / shown.sum(1, keepdim=True)
        return self.embedding[batch.tokens] + mean

    def blocks(self, hidden: Tensor, first: int, stop: int, _lengths: Any = None):
        for _ in range(first, stop):
            yield hidden

    def predict(self, hidden: Tensor) -> Tensor:
        return hidden @ self.head.T if self.predicts == "genes" else hidden @ self.head[0]

    def predict_asked(self, hidden: Tensor, _batch: Batch, asked: Asked) -> Tensor:
        return self.predict(hidden[asked.cell, asked.place])

    def mean_logits(self, hidden: Tensor) -> Tensor:
        return self.predict(hidden).mean(0)

    def embed_cells(self, hidden: Tensor, batch: Batch) -> Tensor:
        return hidden.mean(1)

    def is_gene(self, tokens: Tensor) -> Tensor:
        return self.genes[tokens]


def orthonormal_sae(n_features: int = D) -> Sae:
    """Features along the axes: an activation is a coordinate of the state, where it is positive."""
    eye = torch.eye(D)[:n_features]
    tensors = {"W_enc": eye.T.contiguous(), "b_enc": torch.zeros(n_features), "W_dec": eye, "b_dec": torch.zeros(D)}
    return Sae.of(tensors, n_features, sae_id="L00-axes", model_id="linear", layer=0, variant="topk")


def random_batches(n_cells: int, n_genes: int, length: int, seed: int = 0) -> dict[int, Batch]:
    """Cells of distinct random genes, by cell_id."""
    rng = np.random.default_rng(seed)
    return {
        3 * number: Batch.of(torch.from_numpy(4 + rng.choice(n_genes, length, replace=False)))
        for number in range(n_cells)
    }
