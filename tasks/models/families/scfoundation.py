"""scFoundation: an encoder of expressed genes, and a decoder of all genes (Hao et al., Nature Methods 2024).

1. A value v is embedded over 100 learned bins: u = LeakyReLU(A v + a), slope 0.1; w = softmax(alpha u + B u + b); the
   embedding is the mean of the bins' vectors with weights w. The gene's own vector is added.
2. The encoder's blocks are those of ``post_norm``, over the expressed genes, T and S.
3. One LayerNorm follows the last block. It belongs to what reads the encoder, and not to the last layer's output.
4. A cell's embedding is, of what that LayerNorm gives, S, T, and the highest and the mean over the genes, end to end.

5. To predict, every gene, T and S get a state: what step 3 gives of those in the cell; a learned vector of genes that
   are hidden, which the encoder is not shown at all; the embedding of value 0 of all other genes. The gene's own vector
   is added, and a dense layer, the decoder (``performer``), a LayerNorm and a dense layer give each gene's value.
"""

from pathlib import Path

import torch
from torch import Tensor
from torch.nn import Embedding, LayerNorm, Linear, Module, ModuleList
from torch.nn.functional import leaky_relu

from tasks.models.adapter import ModelInfo, Predicts, directory_name, model_id
from tasks.models.batches import Asked, Batch
from tasks.models.families.blockwise import Blockwise, mean_of_genes
from tasks.models.families.performer import Performer, PerformerShape
from tasks.models.families.post_norm import PostNormBlock
from tasks.models.families.scfoundation_checkpoint import (
    DECODER,
    WHAT,
    Shape,
    decoder_shape,
    plain_weights,
    read_entry,
    shape_of,
)
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
        self.emb_mask, self.emb_pad = Embedding(1, d_model), Embedding(1, d_model)  # of hidden genes, and of padding

    def forward(self, values: Tensor) -> Tensor:
        """Values [B, S] as [B, S, d]."""
        inner = leaky_relu(self.mlp(values[..., None]), SLOPE)
        weights = (self.alpha * inner + self.mlp2(inner)).softmax(-1)
        embedded: Tensor = weights @ self.emb.weight
        return embedded


class Encoder(Module):
    """The stack and the LayerNorm behind it, under the names that checkpoints give them."""

    def __init__(self, d_model: int, d_ff: int, shape: Shape) -> None:
        super().__init__()
        blocks = (PostNormBlock(d_model, shape.n_heads, d_ff) for _ in range(shape.n_layers))
        self.transformer_encoder, self.norm = ModuleList(blocks), LayerNorm(d_model)


class ScFoundationNetwork(Module):
    """The published model, under the names of the checkpoint. ``sizes``: tokens, bins, width and feed-forward width."""

    def __init__(self, sizes: tuple[int, int, int, int], shape: Shape, decoder: PerformerShape | None) -> None:
        super().__init__()
        n_tokens, n_bins, d_model, d_ff = sizes
        self.token_emb = ValueEmbedding(n_bins, d_model, shape.bin_alpha)
        self.pos_emb = Embedding(n_tokens, d_model)
        self.encoder = Encoder(d_model, d_ff, shape)
        self.decoder = None if decoder is None else Performer(decoder)
        if decoder is not None:
            self.decoder_embed = Linear(d_model, decoder.d_model)
            self.norm, self.to_final = LayerNorm(decoder.d_model), Linear(decoder.d_model, 1)

    def decode(self, states: Tensor, tokens: Tensor, hidden: Tensor) -> Tensor:
        """The values [n_tokens - 1] of all genes, T and S of one cell, padding's slot left out.

        ``states`` [S, d]: the last block's output at ``tokens`` int64 [S]; ``hidden`` int64 [n]: genes that are hidden.
        """
        assert self.decoder is not None
        own = self.pos_emb.weight[:-1]
        rows = self.token_emb(own.new_zeros(1)).expand(own.shape).clone()
        rows[tokens] = self.encoder.norm(states)
        rows[hidden] = self.token_emb.emb_mask.weight
        decoded: Tensor = self.to_final(self.norm(self.decoder(self.decoder_embed(rows + own))))
        return decoded[:, 0]


class ScFoundationAdapter(Blockwise):
    """An scFoundation checkpoint as an ``Adapter``."""

    def __init__(self, model: ScFoundationNetwork, vocabulary: Vocabulary, info: ModelInfo, device: str) -> None:
        super().__init__(vocabulary, info, device)
        self.model = model
        self.predicts: Predicts = "nothing" if model.decoder is None else "values"

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

    def predict_asked(self, hidden: Tensor, batch: Batch, asked: Asked) -> Tensor:
        """Values [n], log1p of counts per 10,000, that the decoder gives genes, cell by cell.

        Genes that are asked about without a place are hidden; others that the cell lacks count as not expressed.
        """
        if self.model.decoder is None:
            raise RequestError(f"{self.info.name} has no decoder of values: it predicts nothing")
        found = hidden.new_empty(len(asked.token))
        for cell, length in enumerate(batch.lengths.tolist()):
            mine = asked.cell == cell
            tokens, places = asked.token[mine], asked.place[mine]
            if len(tokens):
                shown = hidden[cell, :length], batch.tokens[cell, :length]
                found[mine] = self.model.decode(*shown, tokens[places < 0])[tokens]
        return found


def load_scfoundation(model_dir: Path, device: str) -> ScFoundationAdapter:
    """An scFoundation directory. Raises RequestError for a file that is missing, or not what it should be."""
    vocabulary, path = load_vocabulary(model_dir), model_dir / WEIGHT_FILE
    entry = read_entry(path)
    shape, given = shape_of(entry["config"], path), plain_weights(entry, path)
    decoder = decoder_shape(given, shape, path)
    if decoder is None:
        given = {name: weight for name, weight in given.items() if not name.startswith(DECODER)}
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
        model = ScFoundationNetwork((n_tokens, n_bins, d_model, d_ff), shape, decoder)
    load_strictly(model, given, path, WHAT, "its configuration")
    ready(model, device)
    name, sha = directory_name(model_dir), sha256_once(path)
    n_parameters = sum(parameter.numel() for parameter in model.parameters())
    sizes = (shape.n_layers, d_model, shape.n_heads, d_ff, n_tokens, vocabulary.max_length)
    info = ModelInfo(model_id(name, sha), "scfoundation", name, False, *sizes, n_parameters, sha)
    return ScFoundationAdapter(model, vocabulary, info, device)
