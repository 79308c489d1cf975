"""Cells with some of their genes hidden, one at a time, as the model's own training hides them.

A decoder hides nothing: the prediction of the gene at p is read at p - 1, which sees the genes before p alone. What is
done to the cell at p or behind does not reach it.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from tasks.models import Adapter
from tasks.models.batches import Asked, Batch


@dataclass(frozen=True)
class HiddenGenes:
    """A cell as the model is ``shown`` it, the hidden positions ``at`` int64 [n], ascending, and the ``truth`` there.

    ``truth`` holds tokens int64 [n], or values [n] for a model that reads values; ``tokens`` [n] the genes there.
    ``genes`` int64 [G] are all positions of ``shown`` that hold a gene, hidden or not, and ``places`` int64 [n] those
    of the hidden genes. A model that is shown a cell without its hidden genes has other positions than the cell as it
    is: there every place is -1. A model that predicts the next token is read one position ``ahead`` of each gene.
    """

    shown: Batch
    genes: Tensor
    at: Tensor
    places: Tensor
    truth: Tensor
    tokens: Tensor
    ahead: int = 0

    @property
    def read(self) -> Tensor:
        """The positions of ``shown`` whose states the predictions read, int64 [n]; -1 where no single one is."""
        return self.places - self.ahead

    @property
    def asked(self) -> Asked:
        """The hidden genes, to be predicted from states of ``shown``."""
        return Asked(torch.zeros_like(self.places), self.places, self.tokens)


def hide(adapter: Adapter, cell: Batch, at: Tensor) -> HiddenGenes:
    """Hide the genes of a batch of one cell at positions int64 [n]: behind ``<mask>``, the value alone, or left out.

    A model that predicts the next token is shown the cell as it is; every position needs a token before it.
    """
    vocabulary, tokens = adapter.vocabulary, cell.tokens[0]
    there, genes = at.to(tokens.device), adapter.is_gene(tokens).nonzero().flatten()
    if adapter.predicts == "next":
        return HiddenGenes(cell, genes, there, there, tokens[there], tokens[there], ahead=1)
    if cell.values is None:
        shown = Batch.of(tokens.index_fill(0, there, vocabulary.mask))
        return HiddenGenes(shown, genes, there, there, tokens[there], tokens[there])
    values = cell.values[0]
    if vocabulary.leaves_out:
        kept = torch.ones_like(tokens, dtype=torch.bool).index_fill(0, there, False)
        shown, left = Batch.of(tokens[kept], values[kept]), adapter.is_gene(tokens[kept]).nonzero().flatten()
        return HiddenGenes(shown, left, there, torch.full_like(there, -1), values[there], tokens[there])
    shown = Batch.of(tokens, values.index_fill(0, there, vocabulary.special_value("<mask>")))
    return HiddenGenes(shown, genes, there, there, values[there], tokens[there])


def draw_rounds(genes: Tensor, share: float, n_rounds: int, seed: list[int]) -> list[Tensor]:
    """Which gene positions are hidden in each round: ``share`` of ``genes`` int64 [G], one at least, no gene twice.

    Rounds are cut from one random order; there are fewer than ``n_rounds`` if the genes do not suffice.
    """
    order = torch.from_numpy(np.random.default_rng(seed).permutation(genes.cpu().numpy()))
    size = max(1, round(share * len(order)))
    parts = [order[first : first + size] for first in range(0, len(order), size)][:n_rounds]
    return [part.sort().values for part in parts if len(part) == size]
