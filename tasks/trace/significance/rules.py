"""The named rules that call an edge.

published    strict |d| > 0.5 and max(n_pos, n - n_pos) / n > 0.7. Zeros count as negative, so a positive effect in 6
             to 14 of 20 cells never passes while its mirror image may. Kept for comparison.
calibrated   q <= 0.05, |g| > 0.5, max(n_pos, n_neg) / (n_pos + n_neg) > 0.7, and enough cells with an effect: the
             feature does something, be it what any displacement would do.
specific     as calibrated, but for q_specific <= 0.05: it does more than displacements of its size (``specific``).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from tasks.trace.settings import CELL, TraceSettings


@dataclass(frozen=True)
class Rule:
    """One row of table ``criterion``. ``symmetric`` rules judge |g| and non-zero cases, others |d| and all cases.

    A case is a cell, or a unit where the settings name one (``tasks.trace.units``).
    """

    name: str
    effect_min: float
    consistency_min: float
    q_max: float | None
    nonzero_min: int
    symmetric: bool
    meaning: str
    controlled: bool = False  # held against control displacements: its q is q_specific

    def passes(self, effect: Tensor, n_pos: Tensor, n_neg: Tensor, n: Tensor | int) -> Tensor:
        """Which pairs pass on effect size, sign consistency and non-zero cases (q apart): bool.

        ``effect`` is g for a symmetric rule and d for another; all arguments broadcast.
        """
        agreement = sign_agreement(n_pos, n_neg) if self.symmetric else published_agreement(n_pos, n)
        enough = n_pos + n_neg >= self.nonzero_min
        return (effect.double().abs() > self.effect_min) & (agreement > self.consistency_min) & enough


def sign_agreement(n_pos: Tensor, n_neg: Tensor) -> Tensor:
    """Share of the majority sign among cases with an effect; NaN, which passes nothing, if there are none."""
    return torch.maximum(n_pos, n_neg).double() / (n_pos + n_neg)


def published_agreement(n_pos: Tensor, n: Tensor | int) -> Tensor:
    """max(n_pos, n - n_pos) / n, as published."""
    return torch.maximum(n_pos, n - n_pos).double() / n


def flip_rules(settings: TraceSettings) -> list[Rule]:
    """The rules that sign flips alone decide; the published one keeps its own thresholds.

    Where the unit is not the cell, all of them judge units, and none calls an edge of fewer than ``min_units``.
    """
    by_unit = settings.unit != CELL
    cases = f"units ({settings.unit})" if by_unit else "cells"
    published = f"|d| > 0.5 and one sign in more than 0.7 of all active {cases}, a zero counting as negative; no test"
    calibrated = (
        f"q <= {settings.q_max:g}, |g| > {settings.effect_min:g}, one sign in more than {settings.consistency_min:g} "
        f"of the {cases} with an effect, which are at least {settings.least_cases}"
    )
    least = settings.least_cases
    if by_unit:
        mean = "; the effect in a unit is the mean over its cells"
        published, calibrated = f"{published}; at least {least} with an effect{mean}", calibrated + mean
    return [
        Rule("published", 0.5, 0.7, None, least if by_unit else 0, False, published),
        Rule("calibrated", settings.effect_min, settings.consistency_min, settings.q_max, least, True, calibrated),
    ]


def rules(settings: TraceSettings) -> list[Rule]:
    """All rules under these settings; specific is one of them if control displacements are measured."""
    published, calibrated = flip_rules(settings)
    if not settings.control_cells:
        return [published, calibrated]
    meaning = (
        f"as calibrated, and more than displacements of the same size at the same positions do: q_specific <= "
        f"{settings.q_max:g} in place of q"
    )
    return [published, calibrated, replace(calibrated, name="specific", meaning=meaning, controlled=True)]


def rule_of_row(row: Mapping[str, Any]) -> Rule:
    """The rule that a row of table criterion describes."""
    facts = ("effect_min", "consistency_min", "q_max", "nonzero_min", "symmetric", "meaning")
    return Rule(name=row["criterion"], controlled=bool(row.get("controlled")), **{fact: row[fact] for fact in facts})


def applied(wanted: str, known: Collection[str]) -> str:
    """The ``wanted`` rule, or calibrated in its place if it is not among those ``known``.

    That is so of specific where no displacements were measured beside the ablations.
    """
    return wanted if wanted in known else "calibrated"
