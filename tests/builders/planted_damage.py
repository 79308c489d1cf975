"""What features cost, where it is known: a model whose head is all there is, and costs that follow what is planted.

``HeadModel``: its blocks pass states on, so that taking feature f out of a position with state h leaves the logits
(h - a_f w_f) U: what it costs can be written down.
"""

from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import polars as pl
import torch
from torch import Tensor

from tasks.analyses.damage.arms import choose_arms
from tasks.models.batches import Asked, Batch
from tasks.sae import Sae

MASK, FIRST_GENE = 1, 4
MIDDLE, SPREAD = -2.5, 0.6  # of log10 frequency


class HeadModel:
    """Two blocks that do nothing, and a head: logits of a state [d] are its product with ``head`` [d, V]."""

    device, predicts = "cpu", "genes"

    def __init__(self, table: Tensor, head: Tensor) -> None:
        self.table, self.head = table, head
        self.info = SimpleNamespace(n_layers=2, d_model=table.shape[1], name="planted head")
        self.vocabulary = SimpleNamespace(mask=MASK)

    def embed(self, batch: Batch) -> Tensor:
        """Each token's row, moved a little by its place: hidden genes are not all alike."""
        return self.table[batch.tokens] + 0.1 * self.table[torch.arange(batch.width) % len(self.table)]

    def blocks(self, hidden: Tensor, first: int, stop: int, lengths: Tensor | None = None) -> Iterator[Tensor]:
        """The states themselves."""
        yield from (hidden for _ in range(first, stop))

    def predict(self, hidden: Tensor) -> Tensor:
        """Logits."""
        return hidden @ self.head

    def predict_asked(self, hidden: Tensor, _batch: Batch, asked: Asked) -> Tensor:
        """The same where genes stand."""
        return self.predict(hidden[asked.cell, asked.place])

    def is_gene(self, tokens: Tensor) -> Tensor:
        """Tokens from FIRST_GENE on."""
        return tokens >= FIRST_GENE


def head_model(n_genes: int = 20, width: int = 8, seed: int = 0) -> tuple[HeadModel, Sae]:
    """The model, and an autoencoder of layer 0 whose features read one channel each; the last feature is silent."""
    generator = torch.Generator().manual_seed(seed)
    table = torch.randn(FIRST_GENE + n_genes, width, generator=generator)
    head = torch.randn(width, FIRST_GENE + n_genes, generator=generator)
    lengths = torch.linspace(0.5, 2, width)[:, None]
    directions, bias = lengths * torch.eye(width), torch.zeros(width)
    bias[-1] = -100.0
    sae = Sae("L00-planted", "planted", 0, width, torch.eye(width) / lengths.T, bias, directions, torch.zeros(width))
    return HeadModel(table, head), sae


def planted_costs(
    seed: int, *, by_frequency: float = 0.0, by_degree: float = 0.0, exchangeable: bool = False, caliper: float = 0.1
) -> pl.DataFrame:
    """Costs of the arms' features among 600, as ``comparisons`` reads them: heavy-tailed noise, and what is planted.

    Degree follows frequency and something of its own. ``by_frequency`` and ``by_degree``: noise units of cost for a
    standard deviation of log frequency, and of what degree has of its own. ``exchangeable``: degrees are shuffled.
    """
    rng = np.random.default_rng(seed)
    log_frequency, own = rng.normal(MIDDLE, SPREAD, 600), rng.normal(size=600)
    frequency = 10 ** np.minimum(log_frequency, -0.1)
    degree = np.rint(3600 * frequency**0.6 * np.exp(SPREAD * own)).astype(np.int64)
    degree = rng.permutation(degree) if exchangeable else degree
    cost = by_frequency * (log_frequency - MIDDLE) / SPREAD + by_degree * own + rng.standard_t(3, 600)
    features = pl.DataFrame({"feature": np.arange(600), "degree": degree, "frequency": frequency, "cost": cost})
    arms = choose_arms(features, 50, caliper, [seed])
    rows = [(arm, "ablated", place, each) for arm, own in arms.features.items() for place, each in own.items()]
    chosen = pl.DataFrame(rows, schema=["arm", "change", "place", "feature"], orient="row")
    return chosen.join(features, on="feature", how="left", maintain_order="left")
