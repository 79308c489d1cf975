"""Step ``modules``: group the features of every autoencoder that are active together."""

from pydantic import Field

from tasks.section import Section
from tasks.step import SAME_LAYER, WHOLE, Layer, Layers, Step


class ModulesSettings(Section):
    """Which features are grouped, what joins two of them, and which labels a group gets."""

    wanted: bool = Field(False, description="Whether modules are looked for.")
    min_cells: int = Field(20, ge=2, description="Minimum number of cells a feature fires in to be grouped.")
    min_correlation: float = Field(0.3, gt=0, lt=1, description="Correlation over cells that joins two features.")
    alpha: float = Field(0.05, gt=0, lt=1, description="False discovery rate of the modules' labels.")
    labels: int = Field(5, ge=1, le=1000, description="Maximum number of labels listed per module.")
    seed: int = Field(0, ge=0, description="Seed of the Leiden algorithm.")


def layers(_settings: ModulesSettings, known: Layers) -> list[Layer]:
    """Every layer with an autoencoder."""
    return [*known.of("codes")]


def wanted(settings: ModulesSettings) -> bool:
    """Whether modules are looked for."""
    return settings.wanted


STEP = Step(
    name="modules",
    title="group features that are active together",
    settings=ModulesSettings,
    version=1,
    work="tasks.analyses.modules.work:find_modules",
    tables=("module", "module_feature", "module_label", "module_edge"),
    reads={"codes": SAME_LAYER, "describe": SAME_LAYER, "activations": WHOLE, "cells": WHOLE},
    layers=layers,
    wanted=wanted,
    how="set modules.wanted = true",
    apart=frozenset({"wanted"}),
    on_device=False,
    seconds=1.5,
)
