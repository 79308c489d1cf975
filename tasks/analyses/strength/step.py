"""Step ``strength``: whether features with many edges list genes whose knock-down moves cells far."""

from collections.abc import Mapping

from pydantic import Field

from tasks.analyses.edge_choice import EdgeChoice
from tasks.analyses.responses.settings import ResponsesSettings
from tasks.section import Sections
from tasks.step import EVERY_LAYER, WHOLE, Figures, Layer, Step, asked_for
from tasks.store import RequestError


class StrengthSettings(EdgeChoice):
    """How many cells say how far a knock-down moves them, and which genes speak for a feature."""

    wanted: bool = Field(
        False, description="Whether edges of features are held against how far knock-downs of their genes move cells."
    )
    n_cells: int = Field(
        20,
        ge=4,
        description="Cells drawn of every perturbation, and as many control cells: equally many for all, since with "
        "more cells anything seems to move farther. Perturbations with fewer are left out.",
    )
    top_genes: int = Field(50, ge=1, description="First genes of a feature's list that speak for it, by 1 / rank.")
    min_genes: int = Field(5, ge=1, description="Fewest of them that were switched off in the screen.")
    bins: int = Field(
        5, ge=1, description="Most bins of expression within which strengths are exchanged between genes; five genes "
        "or more stand in each."
    )  # fmt: skip
    n_draws: int = Field(999, ge=99, description="Exchanges behind each p, and swaps of perturbed and control cells.")
    seed: int = Field(0, ge=0, description="Seed of drawn cells, swaps and exchanges.")


def outside(sections: Sections, _layer: Layer) -> Mapping[str, object]:
    """Nothing: what is read of the screen is part of the key of step responses. Raises RequestError without one."""
    if sections.of(ResponsesSettings).column is None:
        raise RequestError("strength.wanted: no obs column says what was switched off: name it in responses.column")
    return {}


STEP = Step(
    name="strength",
    title="hold degrees against the strength of knock-downs",
    settings=StrengthSettings,
    version=1,
    work="tasks.analyses.strength.work:hold_against_strength",
    tables=("perturbation_shift", "feature_strength", "strength_test"),
    reads={"responses": WHOLE, "trace": EVERY_LAYER, "describe": EVERY_LAYER, "cells": WHOLE},
    outside=outside,
    wanted=asked_for,
    how="set strength.wanted = true and responses.column",
    apart=frozenset({"wanted"}),
    on_device=False,
    figures=Figures("strength_test", ("sae_id", "direction", "n_features", "rho", "expected", "p")),
    seconds=10,
)
