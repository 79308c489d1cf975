"""Invented edge statistics of a whole model: as many rows as asked for, in the types, sparsity and order of a trace.

1. Every living source feature meets the same number of targets in every later layer; a few per cent have an effect.
2. p lies on the lattice of its sign flips: all of them for few cells, else 500, or 20,000 where few of those reach.
3. Signs, d and g follow from p; q is Benjamini-Hochberg over source layer and target layer.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from tasks.statistics.fdr import benjamini_hochberg_counts
from tests.builders.contract_frames import contract_frame

REAL = 0.04  # share of pairs with an effect
FLIPS, FINE_FLIPS, FEW = 500, 20_000, 10
FEWEST_CELLS, MOST_CELLS = 8, 20
EFFECTS = ("total", "direct")
BLOCK = 64  # sources of a shard


@dataclass(frozen=True)
class Fan:
    """One source layer's pairs. Arrays over pairs are [sources, target layers, targets a source and layer]."""

    source_sae: str
    source_layer: int
    target_saes: dict[int, str]
    sources: NDArray[np.int64]
    targets: NDArray[np.int64]  # living features of any target layer
    per_pair: int
    seed: int

    @property
    def n_rows(self) -> int:
        return len(self.sources) * len(self.target_saes) * self.per_pair

    @property
    def n_cells(self) -> NDArray[np.int64]:
        """Cells in which each source is active."""
        return np.random.default_rng([self.seed, self.source_layer]).integers(
            FEWEST_CELLS, MOST_CELLS + 1, len(self.sources)
        )

    def blocks(self) -> Iterator[tuple[int, slice]]:
        """Number and sources of each shard."""
        for number, first in enumerate(range(0, len(self.sources), BLOCK)):
            yield number, slice(first, first + BLOCK)


def edge_shards(fan: Fan, effect: str = "total") -> Iterator[pl.DataFrame]:
    """Rows of edge_stat, a shard at a time, by source feature, target layer and target feature."""
    kind = EFFECTS.index(effect)
    tests = [_tests(fan, (kind, number), sources) for number, sources in fan.blocks()]
    p = np.concatenate([block["p"] for block in tests])
    for place in range(len(fan.target_saes)):
        distinct, where, count = np.unique(p[:, place], return_inverse=True, return_counts=True)
        p[:, place] = benjamini_hochberg_counts(distinct, count)[where].reshape(p[:, place].shape)
    for (number, sources), block in zip(fan.blocks(), tests, strict=True):
        yield _frame(fan, effect, number, sources, {**block, "q": p[sources]})


def _tests(fan: Fan, place: tuple[int, int], sources: slice) -> dict[str, NDArray[np.generic]]:
    """Flips, those that reach, and p of every pair of a shard."""
    rng = np.random.default_rng([fan.seed, fan.source_layer, *place])
    n = fan.n_cells[sources][:, None, None]
    shape = (len(n), len(fan.target_saes), fan.per_pair)
    wanted = rng.random(shape, np.float32).astype(np.float64)
    wanted = np.where(rng.random(shape, np.float32) < REAL, wanted**12, wanted)
    exact = np.broadcast_to(2 ** (n - 1) <= FLIPS, shape)
    n_perm = np.where(exact, 2 ** (n - 1), np.where(wanted * FLIPS < FEW, FINE_FLIPS, FLIPS))
    reach = np.maximum((wanted * n_perm).astype(np.int64), exact)
    return {
        "n_exceed": reach.astype(np.uint32),
        "n_perm": n_perm.astype(np.uint32),
        "exact": exact,
        "p": np.where(exact, reach / n_perm, (1 + reach) / (1 + n_perm)),
    }


def _frame(fan: Fan, effect: str, number: int, sources: slice, tests: dict[str, NDArray[np.generic]]) -> pl.DataFrame:
    rng = np.random.default_rng([fan.seed, fan.source_layer, number, 1])  # the same targets for both effects
    shape = tests["p"].shape
    n = np.broadcast_to(fan.n_cells[sources][:, None, None], shape)
    layers = np.array(list(fan.target_saes), np.uint16)
    columns = {
        "source_feature": np.broadcast_to(fan.sources[sources][:, None, None], shape),
        "target_layer": np.broadcast_to(layers[None, :, None], shape),
        "target_feature": _targets(fan, shape, rng),
        **_sizes(n, np.asarray(tests["p"], np.float64), rng),
        **tests,
    }
    frame = pl.DataFrame({name: values.reshape(-1) for name, values in columns.items()}).with_columns(
        effect=pl.lit(effect),
        source_sae=pl.lit(fan.source_sae),
        source_layer=pl.lit(fan.source_layer),
        target_sae=pl.col("target_layer").replace_strict(fan.target_saes, return_dtype=pl.String),
    )
    unknown = ("n_units", "n_control", "control_mean", "control_sd", "excess", "p_control", "q_specific")
    return contract_frame("edge_stat", frame.with_columns(pl.lit(None).alias(name) for name in unknown))


def _targets(fan: Fan, shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.int64]:
    """Ascending, distinct targets: each is drawn from its own stretch of the living features."""
    bounds = np.linspace(0, len(fan.targets), fan.per_pair + 1).astype(np.int64)
    return fan.targets[bounds[:-1] + (rng.random(shape, np.float32) * np.diff(bounds)).astype(np.int64)]


def _sizes(n: NDArray[np.int64], p: NDArray[np.float64], rng: np.random.Generator) -> dict[str, NDArray[np.generic]]:
    """Cells, signs, mean, sd, d and g that a pair of this p could have."""
    sign = np.where(rng.random(p.shape, np.float32) < 0.6, -1.0, 1.0)
    d = np.maximum(-ndtri(p / 2), 1e-3) / np.sqrt(n)
    sd = np.exp(rng.normal(-4, 1, p.shape))
    nonzero = np.maximum(rng.binomial(n, 0.45 + 0.4 * (p < 0.01)), 1)
    agree = np.maximum(np.round(nonzero * ndtr(1.5 * d)).astype(np.int64), 1)
    mean = (sign * d * sd).astype(np.float32)
    sd = sd.astype(np.float32)
    size = mean.astype(np.float64) / sd
    return {
        "n_cells": n,
        "n_pos": np.where(sign > 0, agree, nonzero - agree),
        "n_neg": np.where(sign > 0, nonzero - agree, agree),
        "mean": mean,
        "sd": sd,
        "d": size,
        "g": size * (1 - 3 / (4 * n - 5)),
    }
