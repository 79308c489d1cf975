"""A model and autoencoders whose true effects are known.

Every position carries S source channels, T target channels and T context channels. Block 0 passes them on; block 1
adds source times context to the target: t_j = 10 + a_src(j) c_j. The autoencoders read single channels, so that taking
source i out of a cell changes target j by -c_j mean(a_i) if src(j) = i, and by exactly 0 otherwise. The context of a
target is one number a cell, which makes the kinds of target:

everywhere   c around -1 in all cells         (so the effect is positive)
somewhere    the same in 14 of 24 cells, 0 in the others
null         c symmetric around 0: any sign in any cell

Every target has a mirror image with the context negated.
"""

from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import torch
from torch import Tensor

from tasks.sae import TopKSae
from tasks.trace.inputs import TraceInputs

N_CELLS, N_POSITIONS, N_SOURCES = 24, 6, 4
KINDS = {"everywhere": 10, "somewhere": 10, "null": 40}  # targets of a source, before mirroring
N_TARGETS = N_SOURCES * 2 * sum(KINDS.values())


def kinds() -> list[str]:
    """Kind of every target; target j + N_TARGETS / 2 mirrors target j."""
    half = [kind for _ in range(N_SOURCES) for kind, n in KINDS.items() for _ in range(n)]
    return half * 2


def source_of() -> np.ndarray:
    """The source of every target."""
    return np.tile(np.repeat(np.arange(N_SOURCES), sum(KINDS.values())), 2)


def contexts(seed: int) -> np.ndarray:
    """Context of every target in every cell: [N_CELLS, N_TARGETS]."""
    rng = np.random.default_rng(seed)
    values = {
        "everywhere": lambda: -1 + 0.4 * rng.normal(size=N_CELLS),
        "somewhere": lambda: (-1 + 0.2 * rng.normal(size=N_CELLS)) * (rng.permutation(N_CELLS) < 14),
        "null": lambda: rng.normal(size=N_CELLS),
    }
    half = np.stack([values[kind]() for kind in kinds()[: N_TARGETS // 2]], axis=1)
    return np.hstack([half, -half])


class PlantedModel:
    """The adapter: its embedding is a table with one row a token, every cell having its own tokens."""

    def __init__(self, table: Tensor) -> None:
        self.table = table
        self.info = SimpleNamespace(n_layers=2, d_model=table.shape[1], d_ff=0)
        self._source = torch.from_numpy(source_of())

    def embed(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        return self.table[tokens]

    def blocks(self, hidden: Tensor, first: int, stop: int, lengths: Tensor | None = None) -> Iterator[Tensor]:
        for layer in range(first, stop):
            if layer == 1:
                source, target, context = hidden.split([N_SOURCES, N_TARGETS, N_TARGETS], dim=-1)
                hidden = torch.cat([source, target + source[..., self._source] * context, context], dim=-1)
            yield hidden

    def is_gene(self, tokens: Tensor) -> Tensor:
        return torch.ones_like(tokens, dtype=torch.bool)


def reader(layer: int, first: int, n_features: int, width: int) -> TopKSae:
    """An autoencoder whose features are ``n_features`` channels from ``first`` on, none competing for a place."""
    directions = torch.eye(width)[first : first + n_features]
    zeros = torch.zeros
    return TopKSae(
        f"L{layer:02d}-planted", "planted", layer, n_features, directions.T, zeros(n_features), directions, zeros(width)
    )


def planted(seed: int) -> TraceInputs:
    """Model, autoencoders and cells; sources are active at about two thirds of the positions, target bases are 10."""
    rng = np.random.default_rng([seed, 1])
    n_tokens, width = N_CELLS * N_POSITIONS, N_SOURCES + 2 * N_TARGETS
    sources = rng.uniform(0.8, 1.2, (n_tokens, N_SOURCES)) * (rng.random((n_tokens, N_SOURCES)) < 0.67)
    sources[::N_POSITIONS] = 1  # no cell without a source
    channels = [sources, np.full((n_tokens, N_TARGETS), 10.0), np.repeat(contexts(seed), N_POSITIONS, axis=0)]
    model = PlantedModel(torch.from_numpy(np.hstack(channels)).float())
    tokens = {cell: torch.arange(N_POSITIONS) + cell * N_POSITIONS for cell in range(N_CELLS)}
    source, target = reader(0, 0, N_SOURCES, width), reader(1, N_SOURCES, N_TARGETS, width)
    return TraceInputs(model, source, {1: target}, tokens)
