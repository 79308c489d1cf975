"""scGPT: a post-norm transformer over genes and the bins of their values (Cui et al., Nature Methods 2024).

1. The input of block 0 is LayerNorm(embedding of the gene) plus the value encoder, LayerNorm(W2 ReLU(W1 min(v, 512))).
   Genes have no order, so there are no positions. Some fine-tuned models normalise the sum of each channel by means and
   variances of their training (batch normalisation, epsilon 6.1e-5).
2. Blocks are those of ``post_norm``; no LayerNorm follows the last one.
3. A gene's value is predicted by three dense layers with LeakyReLU between them.
4. A cell's embedding is the output at ``<cls>``, divided by its norm.

Names of weights differ between checkpoints (``scgpt_weights``). Other heads (cell types, gene queries, adversary) are
not read. A decoder beside a batch encoder reads batch labels as well, which cells here lack: such a model predicts
nothing.
"""

from pathlib import Path

import torch
from torch import Tensor
from torch.nn import Embedding, LayerNorm, LeakyReLU, Linear, Module, ModuleList, Parameter, Sequential
from torch.nn.functional import normalize, relu

from tasks.models.adapter import ModelInfo, Predicts, directory_name, model_id
from tasks.models.batches import Batch
from tasks.models.families.blockwise import Blockwise
from tasks.models.families.post_norm import PostNormBlock
from tasks.models.families.scgpt_weights import plain_weights
from tasks.models.weight_reading import read_weights
from tasks.models.weights import load_strictly, ready, unwrapped
from tasks.store import RequestError, sha256_once
from tasks.vocabulary.layouts.scgpt import ARGUMENTS_FILE, VOCABULARY_FILE, WEIGHT_FILE, Arguments, load_vocabulary
from tasks.vocabulary.layouts.scgpt import read_arguments as read_layout
from tasks.vocabulary.vocabulary import Vocabulary

WHAT = f"scGPT checkpoint of this {ARGUMENTS_FILE}"
LARGEST_VALUE = 512.0
NORM_EPSILON = 6.1e-5
GENE_EMBEDDING = "encoder.embedding.weight"


class GeneEncoder(Module):
    """LayerNorm of the gene's embedding."""

    def __init__(self, n_tokens: int, d_model: int) -> None:
        super().__init__()
        self.embedding, self.enc_norm = Embedding(n_tokens, d_model), LayerNorm(d_model)

    def forward(self, tokens: Tensor) -> Tensor:
        """Tokens int64 [B, S] as [B, S, d]."""
        embedded: Tensor = self.enc_norm(self.embedding(tokens))
        return embedded


class ValueEncoder(Module):
    """A value as a vector."""

    def __init__(self, d_model: int) -> None:
        super().__init__()
        self.linear1, self.linear2 = Linear(1, d_model), Linear(d_model, d_model)
        self.norm = LayerNorm(d_model)

    def forward(self, values: Tensor) -> Tensor:
        """Values [B, S] as [B, S, d]."""
        column = values.clamp(max=LARGEST_VALUE)[..., None]
        encoded: Tensor = self.norm(self.linear2(relu(self.linear1(column))))
        return encoded


class ChannelNorm(Module):
    """Batch normalisation after training: each channel by the mean and variance that training left."""

    def __init__(self, d_model: int) -> None:
        super().__init__()
        self.weight, self.bias = Parameter(torch.empty(d_model)), Parameter(torch.empty(d_model))
        self.running_mean: Tensor
        self.running_var: Tensor
        for name in ("running_mean", "running_var"):
            self.register_buffer(name, torch.empty(d_model))

    def forward(self, x: Tensor) -> Tensor:
        """[B, S, d] to [B, S, d]."""
        normed: Tensor = (x - self.running_mean) * (self.running_var + NORM_EPSILON).rsqrt()
        return normed * self.weight + self.bias


class Decoder(Module):
    """The value that a state predicts."""

    def __init__(self, d_model: int) -> None:
        super().__init__()
        inner = (Linear(d_model, d_model), LeakyReLU(), Linear(d_model, d_model), LeakyReLU())
        self.fc = Sequential(*inner, Linear(d_model, 1))


class Blocks(Module):
    """The stack, under the name that checkpoints give it."""

    def __init__(self, arguments: Arguments) -> None:
        super().__init__()
        sizes = (arguments.d_model, arguments.n_heads, arguments.d_ff)
        self.layers = ModuleList(PostNormBlock(*sizes) for _ in range(arguments.n_layers))


class ScGptNetwork(Module):
    """The parts of scGPT that states and values need, under the names of the checkpoint."""

    def __init__(self, arguments: Arguments, n_tokens: int, decodes: bool, norms: bool = False) -> None:
        super().__init__()
        self.encoder = GeneEncoder(n_tokens, arguments.d_model)
        self.value_encoder = ValueEncoder(arguments.d_model)
        self.bn = ChannelNorm(arguments.d_model) if norms else None
        self.transformer_encoder = Blocks(arguments)
        self.decoder = Decoder(arguments.d_model) if decodes else None


class ScGptAdapter(Blockwise):
    """An scGPT checkpoint as an ``Adapter``."""

    def __init__(self, model: ScGptNetwork, vocabulary: Vocabulary, info: ModelInfo, device: str) -> None:
        super().__init__(vocabulary, info, device)
        self.model = model
        self.predicts: Predicts = "nothing" if model.decoder is None else "values"

    def embed(self, batch: Batch) -> Tensor:
        """Genes and their values as [B, S, d]."""
        values = self.values_of(batch).to(self.model.encoder.enc_norm.weight.dtype)
        summed: Tensor = self.model.encoder(batch.tokens) + self.model.value_encoder(values)
        return summed if self.model.bn is None else self.model.bn(summed)

    def block(self, layer: int) -> PostNormBlock:
        """The parts of block ``layer``."""
        block = self.model.transformer_encoder.layers[layer]
        assert isinstance(block, PostNormBlock)
        return block

    def embed_cells(self, hidden: Tensor, batch: Batch) -> Tensor:
        """The output at ``<cls>``, which stands first, at unit norm: [B, d]."""
        return normalize(hidden[:, 0], dim=1)

    def predict(self, hidden: Tensor) -> Tensor:
        """Values [n] that the outputs of the last block [n, d] predict, in bins."""
        if self.model.decoder is None:
            raise RequestError(f"{self.info.name} has no decoder of values without batch labels: it predicts nothing")
        predicted: Tensor = self.model.decoder.fc(hidden)[..., 0]
        return predicted


def load_scgpt(model_dir: Path, device: str) -> ScGptAdapter:
    """An scGPT directory. Raises RequestError for a file that is missing, or not what it should be."""
    arguments, vocabulary = read_layout(model_dir), load_vocabulary(model_dir)
    path = model_dir / WEIGHT_FILE
    given = unwrapped(read_weights(path, WHAT), path)
    decodes = any(name.startswith("decoder.fc.") for name in given)
    decodes &= not any(name.startswith("batch_encoder.") for name in given)
    given = plain_weights(given, path, decodes)
    n_tokens = _count_tokens(given, vocabulary, path)
    with torch.device("meta"):
        model = ScGptNetwork(arguments, n_tokens, decodes, any(name.startswith("bn.") for name in given))
    load_strictly(model, given, path, WHAT, ARGUMENTS_FILE)
    ready(model, device)
    info = model_info(arguments, arguments.name or directory_name(model_dir), model, vocabulary, sha256_once(path))
    return ScGptAdapter(model, vocabulary, info, device)


def model_info(
    arguments: Arguments, name: str, model: ScGptNetwork, vocabulary: Vocabulary, weights_sha: str
) -> ModelInfo:
    """Facts of the model."""
    return ModelInfo(
        model_id=model_id(name, weights_sha),
        family="scgpt",
        name=name,
        stand_in=arguments.stand_in,
        n_layers=arguments.n_layers,
        d_model=arguments.d_model,
        n_heads=arguments.n_heads,
        d_ff=arguments.d_ff,
        vocab_size=model.encoder.embedding.num_embeddings,
        max_length=vocabulary.max_length,
        n_parameters=sum(parameter.numel() for parameter in model.parameters()),
        weights_sha=weights_sha,
    )


def _count_tokens(given: dict[str, Tensor], vocabulary: Vocabulary, path: Path) -> int:
    """Rows of the embedding. Raises RequestError if the vocabulary has another number of tokens."""
    embedding = given.get(GENE_EMBEDDING)
    if embedding is None or embedding.ndim != 2:
        raise RequestError(f"{path} lacks weight {GENE_EMBEDDING}: it is no {WHAT}")
    if len(embedding) != vocabulary.size:
        raise RequestError(
            f"{path} embeds {len(embedding):,} tokens, {VOCABULARY_FILE} has {vocabulary.size:,} with <pad>, <cls> "
            "and <eoc>: take the vocabulary that belongs to the weights"
        )
    return len(embedding)
