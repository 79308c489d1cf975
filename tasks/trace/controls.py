"""Table trace_control: for a sample of source features, the ablation beside what it must be compared with.

1. Features are sorted by firing frequency (active positions in the traced cells) and cut into equal strata; one is
   drawn from each.
2. real: the ablation, as archived. zero: the same positions displaced by nothing, no floor; every effect must be
   exactly 0. random_direction: the same activations along one fixed isotropic direction of the same length.
   frequency_matched: the ablation of the feature next to it in frequency, as archived.
3. Each is counted alike: pairs that pass the calibrated rule's effect and consistency, mean and largest |effect|.
"""

from collections.abc import Callable

import numpy as np
import polars as pl
import torch
from torch import Tensor

from tasks.trace.clean import CleanCell
from tasks.trace.effects import ablate, active_pairs, trace_pairs
from tasks.trace.moments import moments
from tasks.trace.names import EFFECT, Names
from tasks.trace.null import rule_counts
from tasks.trace.rules import Rule
from tasks.trace.statistics import as_stored
from tasks.trace.tail import Tail

SCHEMA = {
    "effect": pl.String,
    "source_sae": pl.String,
    "source_layer": pl.UInt16,
    "source_feature": pl.UInt32,
    "control": pl.String,
    "matched_feature": pl.UInt32,
    "n_cells": pl.UInt16,
    "n_edges": pl.UInt32,
    "mean_abs_effect": pl.Float64,
    "max_abs_effect": pl.Float64,
}


def draw_sample(n_positions: dict[int, int], n_controls: int, seed: list[int]) -> dict[int, int | None]:
    """Sampled features, ascending, and for each the other feature nearest to it in frequency (None if it is alone).

    ``n_positions`` maps a feature to the number of positions where it is active.
    """
    order = sorted(n_positions, key=lambda feature: (n_positions[feature], feature))
    rng = np.random.default_rng(seed)
    strata = np.array_split(np.array(order), min(n_controls, len(order)))
    drawn = sorted(int(rng.choice(stratum)) for stratum in strata)
    return {feature: _nearest(order, n_positions, feature) for feature in drawn}


def _nearest(order: list[int], n_positions: dict[int, int], feature: int) -> int | None:
    place = order.index(feature)
    beside = order[max(place - 1, 0) : place] + order[place + 1 : place + 2]
    return min(beside, key=lambda other: (abs(n_positions[other] - n_positions[feature]), other), default=None)


def random_directions(directions: Tensor, features: list[int], seed: list[int]) -> Tensor:
    """``directions`` [F, d] with the rows of ``features`` replaced by random ones of the same length."""
    replaced = directions.clone()
    for feature in features:
        drawn = np.random.default_rng([*seed, feature]).standard_normal(directions.shape[1])
        unit = torch.from_numpy(drawn / np.linalg.norm(drawn)).to(directions)
        replaced[feature] = directions[feature].norm() * unit
    return replaced


def trace_along(
    tail: Tail,
    cells: list[CleanCell],
    features: list[int],
    directions: Tensor,
    floor: float,
    advance: Callable[[int], None],
) -> dict[int, Tensor]:
    """Effects [n cells, all targets] of every feature, its activations displacing along its row of ``directions``."""
    pairs = active_pairs(cells, torch.tensor(features))
    block = trace_pairs(tail, cells, pairs, ablate(directions), floor, advance)
    side_by_side = torch.cat(list(block.values.values()), dim=1)
    return {feature: side_by_side[pairs.of_feature(feature)] for feature in features}


def control_row(
    names: Names, rule: Rule, feature: int, control: str, matched: int | None, effects: Tensor
) -> tuple[str | int | float | None, ...]:
    """One row of trace_control: effects [n cells, all targets] of a control of ``feature``."""
    size = effects.double().abs()
    n_edges = int(rule_counts(as_stored(moments(effects)), rule))
    about = (EFFECT, names.source_sae, names.source_layer, feature, control, matched, effects.shape[0])
    return (*about, n_edges, float(size.mean()), float(size.max()))


def control_frame(
    names: Names,
    rule: Rule,
    sample: dict[int, int | None],
    zero: dict[int, Tensor],
    random: dict[int, Tensor],
    archived: Callable[[int], Tensor],
) -> pl.DataFrame:
    """Rows of trace_control; ``archived(feature)`` reads a feature's ablation effects."""
    rows = []
    for feature, matched in sample.items():
        rows.append(control_row(names, rule, feature, "real", None, archived(feature)))
        rows.append(control_row(names, rule, feature, "zero", None, zero[feature]))
        rows.append(control_row(names, rule, feature, "random_direction", None, random[feature]))
        if matched is not None:
            rows.append(control_row(names, rule, feature, "frequency_matched", matched, archived(matched)))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")
