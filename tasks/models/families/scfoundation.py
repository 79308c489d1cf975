"""scFoundation's encoder: a post-norm transformer over expressed genes and values (Hao et al., Nature Methods 2024).

1. A value v is embedded over 100 learned bins: u = LeakyReLU(A v + a), slope 0.1; w = softmax(alpha u + B u + b); the
   embedding is the mean of the bins' vectors with weights w. The gene's own vector is added.
2. Blocks are those of ``post_norm``, over the expressed genes, T and S.
3. One LayerNorm follows the last block. It belongs to what reads the encoder, and not to the last layer's output.
4. A cell's embedding is, of what that LayerNorm gives, S, T, and the highest and the mean over the genes, end to end.

The decoder, a Performer over all 19,264 genes, is not implemented: the model predicts nothing here.
"""

from pathlib import Path

import torch
from torch import Tensor
from torch.nn import Embedding, LayerNorm, Linear, Module, ModuleList
from torch.nn.functional import leaky_relu

from tasks.models.adapter import ModelInfo, Predicts, directory_name, model_id
from tasks.models.batches import Batch
from tasks.models.families.blockwise import Blockwise, mean_of_genes
from tasks.models.families.post_norm import PostNormBlock
from tasks.models.families.scfoundation_checkpoint import WHAT, EncoderShape, encoder_shape, encoder_weights, read_entry
from tasks.models.weights import load_strictly, ready, refuse
from tasks.store import RequestError, sha256_once
from tasks.vocabulary.layouts.scfoundation import GENE_FILE, WEIGHT_FILE, load_vocabulary
from tasks.vocabulary.vocabulary import Vocabulary

SLOPE = 0.1
GENES, BINS, FIRST_DENSE = "pos_emb.weight", "token_emb.emb.weight", "encoder.transformer_encoder.0.linear1.weight"


class ValueEmbedding(Module):
    """A value as a weighted mean of learned vectors."""

    def __init__(self, n_bins: int, d_model: int, alpha: float) -> None:
        super().__init__()
        self.alpha = alpha
        self.mlp, self.mlp2 = Linear(1, n_bins), Linear(n_bins, n_bins)
        self.emb = Embedding(n_bins, d_model)
        self.emb_mask, self.emb_pad = Embedding(1, d_model), Embedding(1, d_model)  # for values that are never met here

    def forward(self, values: Tensor) -> Tensor:
        """Values [B, S] as [B, S, d]."""
        inner = leaky_relu(self.mlp(values[..., None]), SLOPE)
        weights = (self.alpha * inner + self.mlp2(inner)).softmax(-1)
        embedded: Tensor = weights @ self.emb.weight
        return embedded


class Encoder(Module):
    """The stack and the LayerNorm behind it, under the names that checkpoints give them."""

    def __init__(self, d_model: int, d_ff: int, shape: EncoderShape) -> None:
        super().__init__()
        blocks = (PostNormBlock(d_model, shape.n_heads, d_ff) for _ in range(shape.n_layers))
        self.transformer_encoder, self.norm = ModuleList(blocks), LayerNorm(d_model)


class ScFoundationNetwork(Module):
    """The encoder's side of the published model, under the names of the checkpoint."""

    def __init__(self, n_tokens: int, n_bins: int, d_model: int, d_ff: int, shape: EncoderShape) -> None:
        super().__init__()
        self.token_emb = ValueEmbedding(n_bins, d_model, shape.bin_alpha)
        self.pos_emb = Embedding(n_tokens, d_model)
        self.encoder = Encoder(d_model, d_ff, shape)


class ScFoundationAdapter(Blockwise):
    """An scFoundation checkpoint as an ``Adapter``."""

    predicts: Predicts = "nothing"

    def __init__(self, model: ScFoundationNetwork, vocabulary: Vocabulary, info: ModelInfo, device: str) -> None:
        super().__init__(vocabulary, info, device)
        self.model = model

    def embed(self, batch: Batch) -> Tensor:
        """Genes and their values as [B, S, d]."""
        values = self.values_of(batch).to(self.model.pos_emb.weight.dtype)
        summed: Tensor = self.model.token_emb(values) + self.model.pos_emb(batch.tokens)
        return summed

    def block(self, layer: int) -> PostNormBlock:
        """The parts of block ``layer``."""
        block = self.model.encoder.transformer_encoder[layer]
        assert isinstance(block, PostNormBlock)
        return block

    def embed_cells(self, hidden: Tensor, batch: Batch) -> Tensor:
        """S, T, highest and mean of the genes: [B, 4 d]. T and S stand last in a cell."""
        read: Tensor = self.model.encoder.norm(hidden)
        gene = self.is_gene(batch.tokens)
        cell = torch.arange(len(batch.lengths), device=hidden.device)
        highest = read.masked_fill(~gene[..., None], -torch.inf).amax(1)
        return torch.cat(
            [read[cell, batch.lengths - 1], read[cell, batch.lengths - 2], highest, mean_of_genes(read, gene)], 1
        )

    def predict(self, hidden: Tensor) -> Tensor:
        """Raises RequestError: the decoder is not implemented."""
        raise RequestError(f"{self.info.name}: the decoder of scFoundation is not implemented, it predicts nothing")


def load_scfoundation(model_dir: Path, device: str) -> ScFoundationAdapter:
    """An scFoundation directory. Raises RequestError for a file that is missing, or not what it should be."""
    vocabulary, path = load_vocabulary(model_dir), model_dir / WEIGHT_FILE
    entry = read_entry(path)
    shape, given = encoder_shape(entry["config"], path), encoder_weights(entry, path)
    refuse(path, "lacks", [name for name in (GENES, BINS, FIRST_DENSE) if name not in given], WHAT)
    (n_tokens, d_model), n_bins, d_ff = given[GENES].shape, len(given[BINS]), len(given[FIRST_DENSE])
    if n_tokens != vocabulary.size:
        raise RequestError(
            f"{path} embeds {n_tokens:,} positions, {GENE_FILE} with T, S and padding has {vocabulary.size:,}: take "
            "the list that belongs to the weights"
        )
    if d_model % shape.n_heads:
        raise RequestError(f"{path}: {shape.n_heads} heads do not divide the width {d_model}: it is no {WHAT}")
    with torch.device("meta"):
        model = ScFoundationNetwork(n_tokens, n_bins, d_model, d_ff, shape)
    load_strictly(model, given, path, WHAT, "its configuration")
    ready(model, device)
    name, sha = directory_name(model_dir), sha256_once(path)
    n_parameters = sum(parameter.numel() for parameter in model.parameters())
    sizes = (shape.n_layers, d_model, shape.n_heads, d_ff, n_tokens, vocabulary.max_length)
    info = ModelInfo(model_id(name, sha), "scfoundation", name, False, *sizes, n_parameters, sha)
    return ScFoundationAdapter(model, vocabulary, info, device)
