"""A model and autoencoders whose true effects are known.

Every position carries S source channels, T target channels and T context channels. Block 0 passes them on; block 1
adds source times context to the target: t_j = 10 + a_src(j) c_j. The autoencoders read single channels, so that taking
source i out of a cell changes target j by -c_j mean(a_i) if src(j) = i, and by exactly 0 otherwise. The context of a
target is one number a cell: around -1 with a spread that makes the effect's standardised size, which is positive, or
around 0, any sign in any cell; and 0 in the cells where the target has none. Every target has a mirror image with the
context negated.

Targets that answer anything (``Kind.answers``) look at how far a position was moved from where the embedding put it:
by size, t_j = 10 + |h - clean| c_j, or along a reading direction of their own, t_j = 10 + v_j . (h - clean) c_j, v_j
drawn evenly from all directions, so that any other displacement of the same length might have done as much.

Where a circuit ``spreads``, block 1 attends evenly to all positions of the cell, and every target answers the mean of
its source over these: at positions where the source is silent as much as at the others.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from tasks.models.batches import Batch
from tasks.sae import Sae
from tasks.trace.inputs import TraceInputs

N_POSITIONS = 6


@dataclass(frozen=True)
class Kind:
    """Targets of one kind. ``size``: mean over deviation of their effects among the cells that have one, 0: no edge.

    ``n`` targets of every source, before mirroring; ``present``: share of the cells that have an effect. ``answers``:
    its source alone, or anything, which makes no edge specific.
    """

    name: str
    n: int
    size: float
    present: float = 1.0
    answers: Literal["source", "size", "direction"] = "source"

    def contexts(self, n_cells: int, rng: np.random.Generator) -> np.ndarray:
        """Context of one target in every cell."""
        spread = rng.normal(size=n_cells)
        values = spread if self.size == 0 else spread / self.size - 1
        return values * (rng.permutation(n_cells) < round(self.present * n_cells))


KINDS = (
    Kind("strong", 5, 5.0),
    Kind("middling", 5, 2.5),
    Kind("weak", 5, 1.5),
    Kind("somewhere", 10, 5.0, present=7 / 12),
    Kind("null", 30, 0.0),
    Kind("null somewhere", 10, 0.0, present=7 / 12),
)

RESPONDERS = (  # most of what they answer is no feature's own doing
    Kind("everywhere", 2, 5.0),
    Kind("somewhere", 2, 5.0, present=7 / 12),
    Kind("any size", 1, 5.0, answers="size"),
    Kind("any size somewhere", 1, 5.0, present=7 / 12, answers="size"),
    Kind("any direction", 1, 5.0, answers="direction"),
    Kind("any direction somewhere", 1, 5.0, present=7 / 12, answers="direction"),
    Kind("null", 4, 0.0),
)


@dataclass(frozen=True)
class Circuit:
    """A planted circuit: its targets, in the order of sources and kinds, then their mirror images."""

    n_cells: int = 24
    n_sources: int = 4
    kinds: tuple[Kind, ...] = KINDS
    spreads: bool = False

    @property
    def n_targets(self) -> int:
        return 2 * self.n_sources * sum(kind.n for kind in self.kinds)

    @cached_property
    def kind_of(self) -> list[Kind]:
        """Kind of every target; target j + n_targets / 2 mirrors target j."""
        return [kind for _ in range(2 * self.n_sources) for kind in self.kinds for _ in range(kind.n)]

    @cached_property
    def source_of(self) -> np.ndarray:
        """The source of every target."""
        return np.tile(np.repeat(np.arange(self.n_sources), self.n_targets // 2 // self.n_sources), 2)

    def contexts(self, seed: int) -> np.ndarray:
        """Context of every target in every cell: [n_cells, n_targets]."""
        rng = np.random.default_rng(seed)
        half = np.stack(
            [kind.contexts(self.n_cells, rng) for kind in self.kind_of[: self.n_targets // 2]],
            axis=1,
        )
        return np.hstack([half, -half])

    def _reading(self, width: int, seed: int) -> dict[str, Tensor]:
        """By what targets answer: which of them, bool; for reading directions, these [width, n_targets] as well."""
        answers = np.array([kind.answers for kind in self.kind_of])
        half = np.random.default_rng([seed, 2]).normal(size=(width, self.n_targets // 2))
        return {
            "size": torch.from_numpy(answers == "size"),
            "direction": torch.from_numpy(answers == "direction"),
            "reading": torch.from_numpy(np.hstack([half, half])).float(),
        }

    def inputs(self, seed: int) -> TraceInputs:
        """Model, autoencoders and cells; sources are active at two thirds of the positions, target bases are 10."""
        rng = np.random.default_rng([seed, 1])
        n_tokens, n_channels = self.n_cells * N_POSITIONS, self.n_sources + 2 * self.n_targets
        sources = rng.uniform(0.8, 1.2, (n_tokens, self.n_sources)) * (rng.random((n_tokens, self.n_sources)) < 0.67)
        sources[::N_POSITIONS] = 1  # no cell without a source
        base = np.full((n_tokens, self.n_targets), 10.0)
        channels = [sources, base, np.repeat(self.contexts(seed), N_POSITIONS, axis=0)]
        table = torch.from_numpy(np.hstack(channels)).float()
        reading = self._reading(table.shape[1], seed)
        model = PlantedModel(table, torch.from_numpy(self.source_of), reading, self.spreads)
        cells = {cell: Batch.of(torch.arange(N_POSITIONS) + cell * N_POSITIONS) for cell in range(self.n_cells)}
        source = reader(0, 0, self.n_sources, n_channels)
        return TraceInputs(model, source, {1: reader(1, self.n_sources, self.n_targets, n_channels)}, cells)


class PlantedBlock:
    """A block whose one head attends evenly to all positions: to what they hold where it ``spreads``, or to nothing."""

    n_heads, order = 1, None

    def __init__(self, model: "PlantedModel", multiplies: bool) -> None:
        self.model, self.source_of, self.multiplies = model, model.source_of, multiplies
        self.spreads = multiplies and model.spreads

    def query(self, hidden: Tensor) -> Tensor:
        return torch.zeros_like(hidden)

    def key_value(self, hidden: Tensor) -> tuple[Tensor, Tensor]:
        nothing = torch.zeros_like(hidden)
        return nothing, hidden if self.spreads else nothing

    def finish(self, hidden: Tensor, mixed: Tensor) -> Tensor:
        if not self.multiplies:
            return hidden
        n_targets = len(self.source_of)
        source, target, context = hidden.split([hidden.shape[-1] - 2 * n_targets, n_targets, n_targets], dim=-1)
        reaches = self.model.answered(hidden, (mixed if self.spreads else source)[..., self.source_of])
        return torch.cat([source, target + reaches * context, context], dim=-1)


class PlantedModel:
    """The adapter: its embedding is a table with one row a token, every cell having its own tokens."""

    device = "cpu"

    def __init__(self, table: Tensor, source_of: Tensor, reading: dict[str, Tensor], spreads: bool = False) -> None:
        self.table, self.source_of, self.reading, self.spreads = table, source_of, reading, spreads
        self.info = SimpleNamespace(n_layers=2, d_model=table.shape[1], d_ff=0, n_heads=1, n_key_heads=1, gated=False)

    def embed(self, batch: Batch) -> Tensor:
        return self.table[batch.tokens]

    def answered(self, hidden: Tensor, source: Tensor) -> Tensor:
        """What every target's context is multiplied by, [..., n_targets]; ``source`` are the activations of theirs."""
        if not (self.reading["size"].any() or self.reading["direction"].any()):
            return source
        rows = hidden.reshape(-1, hidden.shape[-1])
        moved = rows - self.table[torch.cdist(rows, self.table).argmin(1)]
        far = torch.where(moved.norm(dim=1, keepdim=True) > 1e-4, moved, 0.0)
        size = far.norm(dim=1, keepdim=True).expand(-1, len(self.source_of))
        anything = torch.where(self.reading["size"], size, far @ self.reading["reading"]).view(source.shape)
        return torch.where(self.reading["size"] | self.reading["direction"], anything, source)

    def block(self, layer: int) -> PlantedBlock:
        return PlantedBlock(self, multiplies=layer == 1)

    def blocks(self, hidden: Tensor, first: int, stop: int, lengths: Tensor | None = None) -> Iterator[Tensor]:
        for layer in range(first, stop):
            hidden = self.block(layer).finish(hidden, hidden.mean(-2, keepdim=True).expand_as(hidden))
            yield hidden

    def is_gene(self, tokens: Tensor) -> Tensor:
        return torch.ones_like(tokens, dtype=torch.bool)


def reader(layer: int, first: int, n_features: int, width: int) -> Sae:
    """An autoencoder whose features are ``n_features`` channels from ``first`` on, none competing for a place."""
    directions = torch.eye(width)[first : first + n_features]
    zeros = torch.zeros
    return Sae(
        f"L{layer:02d}-planted", "planted", layer, n_features, directions.T, zeros(n_features), directions, zeros(width)
    )
