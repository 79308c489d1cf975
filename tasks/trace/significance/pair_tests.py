"""Statistics of every live pair of a block of source features: moments, sign-flip tests, chance expectations.

1. A target is live if its effect is non-zero in some cell; the others have nothing to test and are left out.
2. The targets of all layers stand side by side, so that one sign matrix serves all tests of a source feature.
3. Signs are seeded by the feature itself: neither the block layout nor the other features matter.
4. Where a feature has companions (``specific``), its effects in their cells are held against theirs.
5. Where the unit is not the cell, rows are the means of units (``units``), and a feature active in too few of them is
   not tested: its pairs have no p.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray
from torch import Tensor

from tasks.causal.effects import BlockEffects, Pairs
from tasks.statistics.moments import Moments, moments
from tasks.statistics.permutation import Permutation, permute
from tasks.statistics.signs import draw_signs
from tasks.store.workers import in_parallel
from tasks.trace.names import Names
from tasks.trace.settings import TraceSettings
from tasks.trace.significance.null import Signed, count_flipped, count_observed, null_frame, sweep_frame
from tasks.trace.significance.rules import flip_rules
from tasks.trace.significance.specific import Beyond, beyond, least_spread
from tasks.trace.units import Units, cases

OF_FLIPS = ("n_exceed", "n_perm", "exact", "p")  # null for pairs that are not tested
TEST_STREAM, NULL_STREAM = 0, 1  # seeds of one feature's tests and of its chance expectations


@dataclass(frozen=True)
class FeatureEffects:
    """Effects of one source feature in n cases on T live targets: ``values`` [n, T].

    ``beyond``: what lies beyond its companions; None if it has none. ``n_cells``: where the cases are not cells but
    units, in how many cells it is active.
    """

    feature: int
    layers: NDArray[np.uint16]
    targets: NDArray[np.uint32]
    values: Tensor
    beyond: Beyond | None = None
    n_cells: int | None = None


@dataclass(frozen=True)
class BlockStatistics:
    """``tests``: edge_stat without names and q; ``null``: rows of null_feature; ``sweep``: counts on the grid."""

    tests: pl.DataFrame
    null: pl.DataFrame
    sweep: pl.DataFrame


def by_feature(
    block: BlockEffects, companions: BlockEffects | None = None, units: Units | None = None
) -> list[FeatureEffects]:
    """The block's effects feature by feature, ascending, live targets only, beside those of their companions.

    ``block.pairs.cell`` are cell_ids.
    """
    layers = np.concatenate([np.full(v.shape[1], layer, np.uint16) for layer, v in block.values.items()])
    targets = np.concatenate([np.arange(v.shape[1], dtype=np.uint32) for v in block.values.values()])
    parts = []
    for feature in torch.unique(block.pairs.feature).tolist():
        rows = block.pairs.of_feature(feature)
        values = torch.cat([v[rows] for v in block.values.values()], dim=1)
        tested = cases(values, block.pairs.cell[rows], units)
        live = tested.any(0)
        out = None if companions is None else held_against(values, live, block.pairs, rows, companions)
        ends = layers[live.numpy()], targets[live.numpy()]
        parts.append(FeatureEffects(feature, *ends, tested[:, live], out, None if units is None else len(rows)))
    return parts


def held_against(values: Tensor, live: Tensor, pairs: Pairs, rows: Tensor, companions: BlockEffects) -> Beyond | None:
    """Effects [n, T] of one feature, ``rows`` of ``pairs``, beside its companions': of the ``live`` targets.

    None if it has no companions. Both blocks hold the effects of the same features; ``pairs.cell`` are cell_ids.
    """
    feature = int(pairs.feature[rows[0]])
    own = companions.pairs.of_feature(feature)
    if not len(own):
        return None
    here = torch.isin(pairs.cell[rows], companions.pairs.cell[own])
    beside = [effects[own] for effects in companions.values.values()]
    least = torch.cat([torch.full((each.shape[1],), least_spread(each)) for each in beside])
    return beyond(values[here][:, live], torch.cat(beside, dim=1)[:, live], least[live])


def block_statistics(
    block: BlockEffects,
    companions: BlockEffects | None,
    names: Names,
    settings: TraceSettings,
    device: torch.device,
    units: Units | None = None,
) -> BlockStatistics:
    """Test every live pair of the block; ``companions`` of the same features, None where none were measured."""
    features = by_feature(block, companions, units)
    parts = list(in_parallel(lambda part: feature_statistics(part, names, settings, device), features, device))
    return BlockStatistics(*(pl.concat(getattr(part, name) for part in parts) for name in ("tests", "null", "sweep")))


def feature_statistics(
    part: FeatureEffects, names: Names, settings: TraceSettings, device: torch.device
) -> BlockStatistics:
    """Test every live target of one source feature."""
    seed = [settings.seed, names.source_layer, part.feature]
    values, called = part.values.to(device), flip_rules(settings)
    found = moments(values)
    permuted = permute(values, settings.n_flips, settings.fine_flips, [*seed, TEST_STREAM])
    tests = by_units(part, tests_frame(part, found, permuted), settings.least_cases)
    tests = tests.with_columns(**_beyond_columns(part))
    signs = torch.from_numpy(draw_signs(found.n, settings.null_flips, [*seed, NULL_STREAM]))
    observed = count_observed(as_stored(found), called, settings.least_cases)
    chance = count_flipped(values, signs, called, settings.least_cases)
    null = null_frame(names, part.feature, called, observed, chance, part.n_cells)
    return BlockStatistics(tests, null, sweep_frame(part.feature, observed, chance))


def as_stored(found: Moments) -> Signed:
    """The observation as one row of ``Signed``, d and g rounded to float32 as edge_stat stores them."""
    return Signed(found.n, found.d.float()[None], found.g.float()[None], found.n_pos[None], found.n_neg[None])


def tests_frame(part: FeatureEffects, found: Moments, permuted: Permutation) -> pl.DataFrame:
    """Moments and permutation tests side by side: edge_stat of one feature without names and q."""
    columns = {
        "target_layer": part.layers,
        "target_feature": part.targets,
        "n_pos": found.n_pos.cpu().numpy().astype(np.uint16),
        "n_neg": found.n_neg.cpu().numpy().astype(np.uint16),
        **{name: getattr(found, name).float().cpu().numpy() for name in ("mean", "sd", "d", "g")},
        "n_exceed": permuted.exceed.cpu().numpy().astype(np.uint32),
        "n_perm": permuted.n_perm.cpu().numpy().astype(np.uint32),
        "exact": permuted.exact.cpu().numpy(),
        "p": permuted.p.cpu().numpy(),
    }
    return pl.DataFrame(columns).with_columns(
        pl.lit(part.feature, pl.UInt32).alias("source_feature"), pl.lit(found.n, pl.UInt16).alias("n_cells")
    )


def by_units(part: FeatureEffects, tests: pl.DataFrame, least: int) -> pl.DataFrame:
    """``tests`` with n_units, null where cases are cells; without p and flips if there are fewer than ``least``."""
    if part.n_cells is None:
        return tests.with_columns(n_units=pl.lit(None, pl.UInt16))
    n_units = len(part.values)
    counts = tests.with_columns(n_cells=pl.lit(part.n_cells, pl.UInt16), n_units=pl.lit(n_units, pl.UInt16))
    if n_units >= least:
        return counts
    return counts.with_columns(pl.lit(None, counts.schema[name]).alias(name) for name in OF_FLIPS)


def _beyond_columns(part: FeatureEffects) -> dict[str, pl.Series]:
    found, none = part.beyond, [None] * len(part.targets)
    names = ("control_mean", "control_sd", "excess")
    if found is None:
        return {"n_control": pl.Series(none, dtype=pl.UInt16)} | {n: pl.Series(none, dtype=pl.Float32) for n in names}
    floats = (found.mean, found.sd, found.excess)
    counts = pl.Series(found.n.numpy().astype(np.uint16))
    return {"n_control": counts} | {n: pl.Series(v.float().numpy()) for n, v in zip(names, floats, strict=True)}
