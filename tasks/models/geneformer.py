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
from torch.nn.functional import scaled_dot_product_attention
from transformers import BertForMaskedLM
from transformers.models.bert.modeling_bert import BertLayer, BertSelfAttention

from tasks.models.adapter import ModelInfo
from tasks.models.vocabulary import Vocabulary


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
        for layer in self.model.bert.encoder.layer[first:stop]:
            hidden = run_block(cast(BertLayer, layer), hidden, self.info.n_heads, mask)
            yield hidden

    def predict(self, hidden: Tensor) -> Tensor:
        """Logits [..., V] of the output of the last block [..., d]."""
        logits: Tensor = self.model.cls(hidden)
        return logits

    def is_gene(self, tokens: Tensor) -> Tensor:
        """Which tokens are genes: bool of the same shape."""
        return self._gene[tokens]


def key_mask(lengths: Tensor, width: int) -> Tensor:
    """Which keys may be attended to: bool [B, 1, 1, S], True before each cell's length."""
    places = torch.arange(width, device=lengths.device)
    return (places < lengths[:, None])[:, None, None, :]


def run_block(layer: BertLayer, hidden: Tensor, n_heads: int, mask: Tensor | None) -> Tensor:
    """One post-norm BERT block: [B, S, d] to [B, S, d]."""
    mixed = attend(cast(BertSelfAttention, layer.attention.self), hidden, n_heads, mask)
    attended = layer.attention.output.dense(mixed)
    middle = layer.attention.output.LayerNorm(attended + hidden)
    inner = layer.intermediate.intermediate_act_fn(layer.intermediate.dense(middle))
    output: Tensor = layer.output.LayerNorm(layer.output.dense(inner) + middle)
    return output


def attend(part: BertSelfAttention, hidden: Tensor, n_heads: int, mask: Tensor | None) -> Tensor:
    """Multi-head self-attention [B, S, d] to [B, S, d], before the output projection."""
    projected = (part.query(hidden), part.key(hidden), part.value(hidden))
    query, key, value = (x.unflatten(-1, (n_heads, -1)).transpose(1, 2) for x in projected)  # [B, heads, S, d/heads]
    return scaled_dot_product_attention(query, key, value, attn_mask=mask).transpose(1, 2).flatten(2)
