"""Rows of table trace_control: of every ablation and control, what it does and how many pairs pass.

Each is counted alike: pairs that pass the calibrated rule's effect and consistency, how many of them exceed what any
displacement does as specific edges do, mean and largest |effect|.
"""

from dataclasses import dataclass

import polars as pl
import torch
from torch import Tensor

from tasks.causal.effects import BlockEffects
from tasks.statistics.moments import moments
from tasks.store import table_frame
from tasks.trace.names import Names
from tasks.trace.significance.null import rule_counts
from tasks.trace.significance.pair_tests import as_stored
from tasks.trace.significance.rules import Rule
from tasks.trace.units import Units, cases


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
