"""What every step may ask of a foundation model, whatever its family."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from torch import Tensor
from torch.nn import Module

from tasks.models.batches import Asked, Batch
from tasks.models.order import Order
from tasks.vocabulary.vocabulary import Vocabulary

Predicts = Literal["genes", "values", "next", "nothing"]


@dataclass(frozen=True)
class ModelInfo:
    """Facts about a loaded model, as table ``model`` records them."""

    model_id: str  # name and the first eight hex digits of weights_sha
    family: str
    name: str
    stand_in: bool
    n_layers: int
    d_model: int
    n_heads: int
    d_ff: int
    vocab_size: int
    max_length: int
    n_parameters: int
    weights_sha: str
    n_key_heads: int | None = None  # where heads share keys and values; no column of the table
    gated: bool = False  # whether the feed-forward has a third matrix; no column of the table


def model_id(name: str, weights_sha: str) -> str:
    """Name and short hash of the weights: what tables call a model."""
    return f"{name}-{weights_sha[:8]}"


def directory_name(model_dir: Path) -> str:
    """What a model is called after its directory; a whole repository of the hub, after the repository."""
    folder = model_dir.resolve()
    if folder.parent.name == "snapshots":
        return folder.parent.parent.name.rpartition("--")[2]
    return folder.name


class Block(Protocol):
    """One transformer block, in the two parts that attention lies between; h heads of width d/h.

    Every part treats each row [d] alone, so that a few rows of a cell can be run without the others. ``order`` is that
    of a decoder: whoever attends turns queries and keys by it, and hides later positions; None if every position sees
    all others. Heads that share keys and values are each given their own copy.
    """

    n_heads: int
    order: Order | None

    def query(self, hidden: Tensor) -> Tensor:
        """Queries [..., d], head by head, of the block's input [..., d]."""
        ...

    def key_value(self, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values, each [..., d], of the block's input [..., d]."""
        ...

    def finish(self, hidden: Tensor, mixed: Tensor) -> Tensor:
        """The block's output [..., d] from its input and the attended values ``mixed`` [..., d]."""
        ...


class Adapter(Protocol):
    """A model whose blocks can be run one by one. B cells, S tokens, width d, vocabulary V; all states float32.

    Layer L is the output of block L, counted from 0. ``lengths`` int64 [B] counts the tokens of each cell, special
    ones included; the positions after them are padding, which no other position sees. ``predicts`` says what the
    model can tell of a hidden gene: which gene it is, its value, or nothing, if its prediction is not implemented. A
    model that predicts the ``next`` token tells of position i + 1 at position i, from the tokens up to i.
    """

    info: ModelInfo
    vocabulary: Vocabulary
    device: str
    predicts: Predicts

    @property
    def model(self) -> Module:
        """The network itself, its weights frozen."""
        ...

    def embed(self, batch: Batch) -> Tensor:
        """The input of block 0, [B, S, d]."""
        ...

    def blocks(self, hidden: Tensor, first: int, stop: int, lengths: Tensor | None = None) -> Iterator[Tensor]:
        """Yield the outputs [B, S, d] of blocks ``first`` to ``stop - 1``, given the input of block ``first``.

        Without ``lengths`` no position is padding, and attention needs no mask.
        """
        ...

    def block(self, layer: int) -> Block:
        """The parts of block ``layer``. Raises RequestError for a model that runs its blocks only as a whole."""
        ...

    def predict(self, hidden: Tensor) -> Tensor:
        """From the last block's output at n positions [n, d]: logits over the vocabulary [n, V], or values [n].

        Of a model that predicts the next token, the logits are those of the token behind each row.

        Raises RequestError for a model that predicts nothing.
        """
        ...

    def predict_asked(self, hidden: Tensor, batch: Batch, asked: Asked) -> Tensor:
        """The same of n genes of ``batch``, from the output of the last block [B, S, d]: [n, V] or [n].

        A model whose decoder reads whole cells has this alone.
        """
        ...

    def mean_logits(self, hidden: Tensor) -> Tensor:
        """The mean of ``predict`` over the rows [n, d] of a model that predicts genes: [V].

        A head that ends in a linear map over the vocabulary applies that map once, to the mean of its input.
        """
        ...

    def embed_cells(self, hidden: Tensor, batch: Batch) -> Tensor:
        """Embeddings [B, e] of the cells of ``batch``, from the output of the last block [B, S, d]."""
        ...

    def is_gene(self, tokens: Tensor) -> Tensor:
        """Which tokens are genes: bool of the same shape, False for special tokens and padding."""
        ...


def run_blocks(adapter: Adapter, hidden: Tensor, first: int, stop: int, lengths: Tensor | None = None) -> Tensor:
    """The output of block ``stop - 1`` alone; ``hidden`` itself if there is no block to run."""
    for output in adapter.blocks(hidden, first, stop, lengths):
        hidden = output
    return hidden


def layer_output(adapter: Adapter, cell: Batch, layer: int) -> Tensor:
    """The output [S, d] of a layer for a batch of one cell."""
    return run_blocks(adapter, adapter.embed(cell), 0, layer + 1)[0]
