"""Step ``baselines``: describe neurons, principal axes and untrained twins as features are described."""

from typing import Literal

from pydantic import Field

from tasks.section import Section
from tasks.step import SAME_LAYER, WHOLE, Layer, Layers, Step, asked_for, choose_layers


class BaselinesSettings(Section):
    """On how many cells features and baselines are described, and how long the untrained model's autoencoder trains."""

    wanted: bool = Field(False, description="Whether baselines are described beside the features.")
    layers: Literal["all"] | tuple[int, ...] = Field("all", description="Layers that get baselines, or all of them.")
    n_cells: int | None = Field(
        300,
        ge=2,
        description="Cells on which features and baselines are described, drawn by the seed; all if null. Rates of few "
        "cells are lower than those of the whole study, for features and baselines alike.",
    )
    steps: int = Field(
        300,
        ge=1,
        description="Most steps that the autoencoder of the untrained model is trained; no more than sae.steps.",
    )
    null_draws: int = Field(5, ge=2, description="Random gene lists, and shuffles of cell labels, behind each null.")
    seed: int = Field(0, ge=0, description="Seed of cells, untrained weights and nulls.")


def layers(settings: BaselinesSettings, known: Layers) -> list[Layer]:
    """The chosen layers with an autoencoder. Raises RequestError for one without."""
    return [*choose_layers("baselines.layers", settings.layers, known.of("codes"))]


STEP = Step(
    name="baselines",
    title="describe baselines as features are described",
    settings=BaselinesSettings,
    version=2,
    work="tasks.analyses.baselines.work:describe_baselines",
    tables=("baseline",),
    reads={
        "codes": SAME_LAYER,
        "sae": SAME_LAYER,
        "describe": SAME_LAYER,  # its settings: baselines are described by the same rules
        "activations": WHOLE,
        "references": WHOLE,
        "model": WHOLE,
        "cells": WHOLE,
    },
    layers=layers,
    wanted=asked_for,
    how="set baselines.wanted = true",
    apart=frozenset({"wanted", "layers"}),
    seconds=14,
)
