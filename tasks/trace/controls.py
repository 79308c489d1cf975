"""Table trace_control: for a sample of source features, the ablation beside what it must be compared with.

1. Features are sorted by firing frequency (active positions in the traced cells) and cut into equal strata; one is
   drawn from each.
2. real: the ablation, as archived. zero: the same positions displaced by nothing, no floor; every effect must be
   exactly 0. random_direction: the same activations along one fixed isotropic direction of the same length.
   covariance_matched: along one drawn from the covariance of the layer's outputs, where the model is used to being
   moved. frequency_matched: the ablation of the feature next to it in frequency, as archived.
3. Each is counted alike: pairs that pass the calibrated rule's effect and consistency, how many of them exceed what
   any displacement does as specific edges do, mean and largest |effect|.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
import torch
from torch import Tensor

from tasks.causal.effects import BlockEffects, Displace, along
from tasks.statistics.moments import moments
from tasks.store import table_frame
from tasks.trace.measure import Treatment
from tasks.trace.names import Names
from tasks.trace.settings import TraceSettings
from tasks.trace.significance.null import rule_counts
from tasks.trace.significance.pair_tests import as_stored
from tasks.trace.significance.rules import Rule
from tasks.trace.sources import Sources
from tasks.trace.units import Units, cases

DIRECTIONS = ("random_direction", "covariance_matched")  # that mean nothing
MEASURED = ["zero", *DIRECTIONS]
ISOTROPIC, COVARIANT = 2, 3  # streams of the seed: what is drawn for one control decides nothing about another


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


def covariant_directions(directions: Tensor, features: list[int], states: list[Tensor], seed: list[int]) -> Tensor:
    """As ``random_directions``, but drawn from the covariance of the source layer's outputs ``states``, [S, d] each.

    A sum of centred outputs with independent normal weights has their covariance, which is never formed.
    """
    every = torch.cat([state.cpu() for state in states]).double()
    centred = every - every.mean(0)
    replaced = directions.clone()
    for feature in features:
        weights = torch.from_numpy(np.random.default_rng([*seed, feature]).standard_normal(len(centred)))
        drawn = weights @ centred
        replaced[feature] = directions[feature].norm() * (drawn / drawn.norm()).to(directions)
    return replaced


def treatments(drawn: list[int], sources: Sources, settings: TraceSettings) -> list[Treatment]:
    """The displacements that are measured anew for the sampled features; directions are made when they are needed."""
    real, layer = sources.directions, sources.names.source_layer

    def zero() -> Tensor:
        return torch.zeros_like(real)

    def isotropic() -> Tensor:
        return random_directions(real, drawn, [settings.seed, layer, ISOTROPIC])

    def covariant() -> Tensor:
        outputs = [state.hidden for state in sources.states]
        return covariant_directions(real, drawn, outputs, [settings.seed, layer, COVARIANT])

    def displacing(directions: Callable[[], Tensor]) -> Callable[[], Displace]:
        return cache(lambda: along(directions(), sources.change))

    floors = {zero: 0.0, isotropic: settings.floor, covariant: settings.floor}
    return [
        Treatment(name, torch.tensor(drawn), displacing(directions), floor, True)
        for name, (directions, floor) in zip(MEASURED, floors.items(), strict=True)
    ]


@dataclass(frozen=True)
class Displaced:
    """Effects of a displacement on all targets: ``cells`` float32 [n, T], and what of them is tested, ``cases``."""

    cells: Tensor
    cases: Tensor


def side_by_side(block: BlockEffects, units: Units | None) -> dict[int, Displaced]:
    """Of every feature of a block, whose cells are cell_ids."""
    every = torch.cat(list(block.values.values()), dim=1)
    found = {}
    for feature in torch.unique(block.pairs.feature).tolist():
        rows = block.pairs.of_feature(feature)
        found[feature] = Displaced(every[rows], cases(every[rows], block.pairs.cell[rows], units))
    return found


def control_row(
    names: Names,
    rule: Rule,
    feature: int,
    control: str,
    matched: int | None,
    effects: Displaced,
    n_specific: int | None,
) -> dict[str, str | int | float | None]:
    """One row of trace_control, for the effects of a control of ``feature``."""
    size = effects.cells.double().abs()
    n_edges = int(rule_counts(as_stored(moments(effects.cases)), rule))
    about: dict[str, str | int | None] = {
        "n_specific": n_specific,
        "source_feature": feature,
        "control": control,
        "matched_feature": matched,
        "n_cells": len(effects.cells),
    }
    sizes: dict[str, float] = {"mean_abs_effect": float(size.mean()), "max_abs_effect": float(size.max())}
    return {**names.source, **about, "n_edges": n_edges, **sizes}


def control_frame(
    names: Names,
    rule: Rule,
    sample: dict[int, int | None],
    found: dict[str, dict[int, Displaced]],
    specific: dict[str, dict[int, int]],
) -> pl.DataFrame:
    """Rows of trace_control; ``found[control][feature]`` are its effects, ``specific`` its edges.

    Those of the matched feature are its ablation, under ``real`` as those of the others. ``specific`` is empty where
    no edge can be called specific.
    """

    def counted(control: str, feature: int) -> int | None:
        return specific[control].get(feature, 0) if specific else None

    rows = []
    for feature, matched in sample.items():
        for control, effects in found.items():
            rows.append(control_row(names, rule, feature, control, None, effects[feature], counted(control, feature)))
        if matched is not None:
            own, n_specific = found["real"][matched], counted("real", matched)
            rows.append(control_row(names, rule, feature, "frequency_matched", matched, own, n_specific))
    return table_frame("trace_control", rows)
