"""Companions: displacements beside the ablations, by the same amounts at the same positions, any way.

1. Of every source feature, up to ``control_cells`` cells are drawn where it is active. Features active in too few cells
   or units to have an edge have none.
2. In each of these cells, the feature's activations displace along a direction of its own: in every other cell an
   isotropic one, in the others one drawn from the covariance of the layer's outputs, where the model is used to being
   moved. A sum of centred outputs with independent normal weights has their covariance (conditional on the sample of
   outputs that it is taken over).
3. A direction is seeded by feature and cell: neither blocks nor other features matter.
"""

from functools import cached_property

import numpy as np
import polars as pl
import torch
from torch import Tensor

from tasks.causal.cell import SourceState
from tasks.causal.displacement import Displacement, move_feature
from tasks.trace.settings import TraceSettings
from tasks.trace.sources import Sources

CHOICE, DIRECTIONS, OUTPUTS = 4, 5, 6  # streams of the trace's seed
MOST_OUTPUTS = 4096  # that a covariance is drawn from
LEAST_CELLS = 4  # with fewer, no spread is known


def companion_pairs(pairs: pl.DataFrame, n_cells: int, least: int, seed: list[int]) -> pl.DataFrame:
    """Up to ``n_cells`` rows of trace_pair of every feature that has at least ``least``, sorted as they are.

    Column ``covariant`` says which kind of direction is drawn.
    """
    rows = [pairs.clear().with_columns(covariant=pl.lit(False))]
    for (feature,), own in pairs.group_by("source_feature", maintain_order=True):
        n = own.height if n_cells and own.height >= max(least, LEAST_CELLS) else 0
        drawn = np.random.default_rng([*seed, CHOICE, int(feature)]).permutation(n)[:n_cells]
        order = np.argsort(drawn)
        rows.append(own[drawn[order]].with_columns(covariant=pl.Series(order % 2 == 1, dtype=pl.Boolean)))
    return pl.concat(rows)


class Companions:
    """The companions of one source layer's features."""

    def __init__(self, sources: Sources, settings: TraceSettings) -> None:
        self.sources = sources
        self.seed = [settings.seed, sources.names.source_layer]
        self.pairs = companion_pairs(sources.tested, settings.control_cells, settings.least_cases, self.seed)
        self.lengths = sources.directions.double().norm(dim=1)

    @cached_property
    def covariant(self) -> dict[tuple[int, int], bool]:
        """Of every pair (feature, cell_id), whether its direction is drawn from the covariance."""
        return dict(zip(pairs_of(self.pairs), self.pairs["covariant"], strict=True))

    @cached_property
    def outputs(self) -> Tensor:
        """What covariant directions are drawn from."""
        return centred_sample(self.sources.states, [*self.seed, OUTPUTS])

    def displace(self, state: SourceState, site: int) -> Displacement:
        """What is done to a cell beside the ablation of the feature at ``site``."""
        feature = int(state.sites.features[site])
        direction = self.direction(feature, state.cell_id)
        return move_feature(state.sites.at(site)[0], self.sources.change(state, site), direction.float())

    def direction(self, feature: int, cell_id: int) -> Tensor:
        """float64 [d], as long as the feature's own."""
        rng = np.random.default_rng([*self.seed, DIRECTIONS, feature, cell_id])
        width = self.outputs.shape[1]
        if self.covariant[feature, cell_id]:
            drawn = torch.from_numpy(rng.standard_normal(len(self.outputs))) @ self.outputs
        else:
            drawn = torch.from_numpy(rng.standard_normal(width))
        scaled: Tensor = drawn * (self.lengths[feature] / drawn.norm())
        return scaled


def pairs_of(pairs: pl.DataFrame) -> list[tuple[int, int]]:
    """(feature, cell_id) of rows of trace_pair."""
    return list(zip(pairs["source_feature"].to_list(), pairs["cell_id"].to_list(), strict=True))


def centred_sample(states: list[SourceState], seed: list[int]) -> Tensor:
    """Up to ``MOST_OUTPUTS`` of the layer's outputs over all cells, less their mean: float64 [n, d]."""
    every = torch.cat([state.hidden.cpu() for state in states])
    drawn = np.sort(np.random.default_rng(seed).permutation(len(every))[:MOST_OUTPUTS])
    sample = every[torch.from_numpy(drawn)].double()
    return sample - sample.mean(0)
