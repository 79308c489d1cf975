"""Step ``effect_sizes``: how strong effects are, how they fade with depth, which sign they have, and if they repeat."""

from typing import Literal

from pydantic import Field

from tasks.analyses.edge_choice import LATER
from tasks.section import Section
from tasks.step import SAME_LAYER, WHOLE, Step, asked_for, layers_of


class EffectSizesSettings(Section):
    """Which effects are summarised, and what they are held against."""

    wanted: bool = Field(False, description="Whether effects are summarised by target layer and rule.")
    effect: Literal["total", "direct"] = Field("total", description="Which measured effects are summarised.")
    null_flips: int = Field(
        50, ge=2, description="Sign flips of each source's cells behind what is to be expected by chance."
    )
    n_draws: int = Field(1000, ge=99, description="Draws of sources with replacement behind each interval.")
    seed: int = Field(0, ge=0, description="Seed of the flips, the draws and the halves of the cells.")


STEP = Step(
    name="effect_sizes",
    title="summarise effects",
    settings=EffectSizesSettings,
    version=2,
    work="tasks.analyses.effect_sizes.work:summarise_effects",
    tables=(
        "attenuation",
        "effect_size_summary",
        "effect_size_ecdf",
        "target_response",
        "split_half",
        "threshold_sweep",
    ),
    reads={"trace": SAME_LAYER, "sae": LATER, "cells": WHOLE},
    layers=layers_of("trace"),
    wanted=asked_for,
    how="set effect_sizes.wanted = true",
    apart=frozenset({"wanted"}),
    on_device=False,
    seconds=20,
)
