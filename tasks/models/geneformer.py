"""Geneformer: a BERT encoder over genes ranked by expression (Theodoris et al., Nature 2023).

1. The input of block 0 is LayerNorm(token + position + type-0 embedding); the position is the rank.
2. A block is x1 = LayerNorm(x + Attention(x)), x2 = LayerNorm(x1 + FeedForward(x1)), post-norm as in BERT.
3. Logits are a dense layer, activation, LayerNorm and the transposed token embedding.

The modules and their parameter names are those of Hugging Face's ``BertForMaskedLM``, so published weights load
as they are; the blocks are run here, one at a time, with fused attention.
"""

from collections.abc import Iterator
from typing import cast

import torch
from torch import Tensor
from transformers import BertForMaskedLM
from transformers.models.bert.modeling_bert import BertLayer

from tasks.models.adapter import ModelInfo
from tasks.models.attention import key_mask, run_block
from tasks.models.vocabulary import Vocabulary


class BertBlock:
    """A post-norm block of Hugging Face's BERT as a ``Block``."""

    def __init__(self, layer: BertLayer, n_heads: int) -> None:
        self.layer = layer
        self.n_heads = n_heads

    def query(self, hidden: Tensor) -> Tensor:
        """Queries [..., d]."""
        queries: Tensor = self.layer.attention.self.query(hidden)
        return queries

    def key_value(self, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values, each [..., d]."""
        part = self.layer.attention.self
        return part.key(hidden), part.value(hidden)

    def finish(self, hidden: Tensor, mixed: Tensor) -> Tensor:
        """Output projection and feed-forward, each followed by its residual sum and LayerNorm."""
        after = self.layer.attention.output
        middle = after.LayerNorm(after.dense(mixed) + hidden)
        inner = self.layer.intermediate.intermediate_act_fn(self.layer.intermediate.dense(middle))
        output: Tensor = self.layer.output.LayerNorm(self.layer.output.dense(inner) + middle)
        return output


class GeneformerAdapter:
    """A ``BertForMaskedLM`` as an ``Adapter``: every published Geneformer, and geneformer-mini."""

    def __init__(self, model: BertForMaskedLM, vocabulary: Vocabulary, info: ModelInfo) -> None:
        self.model = model
        self.vocabulary = vocabulary
        self.info = info
        self.device = str(model.device)
        genes = torch.tensor(sorted(vocabulary.token_of.values()), dtype=torch.long)
        self._gene = torch.zeros(info.vocab_size, dtype=torch.bool).index_fill(0, genes, True).to(self.device)

    def embed(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """Embed tokens int64 [B, S] as [B, S, d]; padding needs no care here, so ``lengths`` is not read."""
        part = self.model.bert.embeddings
        places = part.position_embeddings.weight[: tokens.shape[1]]
        summed: Tensor = part.word_embeddings(tokens) + places + part.token_type_embeddings.weight[0]
        embedded: Tensor = part.LayerNorm(summed)
        return embedded

    def blocks(self, hidden: Tensor, first: int, stop: int, lengths: Tensor | None = None) -> Iterator[Tensor]:
        """Yield the outputs [B, S, d] of blocks ``first`` to ``stop - 1``."""
        mask = None if lengths is None else key_mask(lengths, hidden.shape[1])
        for layer in range(first, stop):
            hidden = run_block(self.block(layer), hidden, mask)
            yield hidden

    def block(self, layer: int) -> "BertBlock":
        """The parts of block ``layer``."""
        return BertBlock(cast(BertLayer, self.model.bert.encoder.layer[layer]), self.info.n_heads)

    def predict(self, hidden: Tensor) -> Tensor:
        """Logits [..., V] of the output of the last block [..., d]."""
        logits: Tensor = self.model.cls(hidden)
        return logits

    def is_gene(self, tokens: Tensor) -> Tensor:
        """Which tokens are genes: bool of the same shape."""
        return self._gene[tokens]
