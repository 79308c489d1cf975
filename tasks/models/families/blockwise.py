"""What adapters share whose blocks are run here, one at a time, with fused attention."""

from collections.abc import Iterator

import torch
from torch import Tensor

from tasks.models.adapter import Block, ModelInfo
from tasks.models.attention import key_mask, run_block
from tasks.models.batches import Asked, Batch
from tasks.store import RequestError
from tasks.vocabulary.vocabulary import Vocabulary


class Blockwise:
    """Facts, the marks of genes, and whole blocks made of the parts that ``block`` gives."""

    def __init__(self, vocabulary: Vocabulary, info: ModelInfo, device: str) -> None:
        self.vocabulary = vocabulary
        self.info = info
        self.device = device
        genes = torch.tensor(sorted(vocabulary.token_of.values()), dtype=torch.long)
        self._gene = torch.zeros(info.vocab_size, dtype=torch.bool).index_fill(0, genes, True).to(device)

    def block(self, layer: int) -> Block:
        """The parts of block ``layer``."""
        raise NotImplementedError

    def blocks(self, hidden: Tensor, first: int, stop: int, lengths: Tensor | None = None) -> Iterator[Tensor]:
        """Yield the outputs [B, S, d] of blocks ``first`` to ``stop - 1``."""
        mask = None if lengths is None else key_mask(lengths, hidden.shape[1])
        for layer in range(first, stop):
            hidden = run_block(self.block(layer), hidden, mask)
            yield hidden

    def values_of(self, batch: Batch) -> Tensor:
        """The values [B, S] that this model reads. Raises RequestError for cells that have none."""
        if batch.values is None:
            raise RequestError(
                f"{self.info.name} reads values, and these cells have none: tokenise them for this model"
            )
        return batch.values

    def predict(self, hidden: Tensor) -> Tensor:
        """What a head that reads one position alone predicts."""
        raise NotImplementedError

    def predict_asked(self, hidden: Tensor, batch: Batch, asked: Asked) -> Tensor:
        """What the model predicts of genes [n] of a batch, where they stand."""
        return self.predict(hidden[asked.cell, asked.place])

    def mean_logits(self, hidden: Tensor) -> Tensor:
        """The mean of ``predict`` over the rows [n, d]: [V]."""
        return self.predict(hidden).mean(0)

    def embed_cells(self, hidden: Tensor, batch: Batch) -> Tensor:
        """The mean over a cell's genes, special tokens left out: [B, d]."""
        return mean_of_genes(hidden, self.is_gene(batch.tokens))

    def is_gene(self, tokens: Tensor) -> Tensor:
        """Which tokens are genes: bool of the same shape."""
        return self._gene[tokens]


def mean_of_genes(hidden: Tensor, gene: Tensor) -> Tensor:
    """Means [B, d] of ``hidden`` [B, S, d] where ``gene`` [B, S], which every cell has."""
    marked = gene[..., None]
    return (hidden * marked).sum(1) / marked.sum(1)
