"""Step ``damage``: what the model's prediction of hidden genes loses with a feature, hubs beside features alike."""

from typing import Literal

from pydantic import Field

from tasks.analyses.edge_choice import EdgeChoice
from tasks.cells.settings import Wanted
from tasks.interventions.silent import refuse_silent_model
from tasks.section import Sections
from tasks.step import SAME_LAYER, WHOLE, Layer, Step, asked_for, layers_of
from tasks.vocabulary.model_settings import ModelSettings


class DamageSettings(EdgeChoice):
    """Which features are taken out, in which cells, and what hubs are held against."""

    wanted: bool = Field(False, description="Whether the damage done by taking features out is measured.")
    n_features: int = Field(
        50, ge=5, description="Features of each arm: hubs, those with most edges; random ones; and matches of the hubs."
    )
    caliper: float = Field(
        0.1,
        gt=0,
        description="Largest difference of log10 firing frequency between a hub and its match; a hub without a match "
        "is compared with none.",
    )
    n_cells: int = Field(50, ge=2, le=65_535, description="Cells to measure in; all of the split if fewer.")
    cells_split: Literal["train", "heldout", "all"] = Field(
        "heldout", description="Which cells: those that trained the autoencoders, those kept out, or both."
    )
    cells_where: Wanted = Field(
        default_factory=dict,
        description="Only cells with these values, by label or by a column of cells.obs: "
        '{cell_type = "B cells", donor = ["d1", "d2"]}.',
    )
    cells_draw: Literal["seeded", "first"] = Field(
        "seeded", description="A random draw among them, or those first in the file."
    )
    mask_fraction: float = Field(0.15, gt=0, lt=1, description="Share of a cell's genes that are hidden.")
    n_draws: int = Field(2000, ge=99, description="Draws behind each interval, and sign flips behind each p.")
    seed: int = Field(0, ge=0, description="Seed of the cells, the hidden genes, the random features and the draws.")


def predicting(sections: Sections, _layer: Layer) -> dict[str, object]:
    """Nothing; but refuse a model that predicts nothing, if its files show it. Raises RequestError."""
    if sections.of(DamageSettings).wanted:
        refuse_silent_model(sections.of(ModelSettings), "damage")
    return {}


STEP = Step(
    name="damage",
    title="take hubs out and predict hidden genes",
    settings=DamageSettings,
    version=2,
    work="tasks.analyses.damage.work:measure_damage",
    tables=("lm_damage", "damage_summary", "damage_test"),
    reads={"trace": SAME_LAYER, "describe": SAME_LAYER, "sae": SAME_LAYER, "model": WHOLE, "cells": WHOLE},
    layers=layers_of("trace"),
    outside=predicting,
    wanted=asked_for,
    how="set damage.wanted = true",
    apart=frozenset({"wanted"}),
    seconds=15,
)
