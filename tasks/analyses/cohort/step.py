"""Step ``cohort``: is an autoencoder of cells of several sources better than one of a single source?"""

from typing import Literal, Self

from pydantic import Field, model_validator

from tasks.cells.settings import CellsSettings, ObsValue
from tasks.describe.settings import DescribeSettings
from tasks.sae.settings import SaeSettings
from tasks.sae.step import APART
from tasks.section import Section, Sections, chosen_settings
from tasks.step import WHOLE, Figures, Layer, Layers, Step, asked_for, choose_layers

POOLED = "pooled"  # the cohort of all sources
OWN = {"seed", "patience", "log_every", "splice_cells"}  # settings of section sae that mean nothing here


class CohortSettings(Section):
    """Which sources there are, and how many autoencoders of each are trained for how long."""

    wanted: bool = Field(False, description="Whether autoencoders of single sources and of all together are compared.")
    column: str | None = Field(
        None,
        description="obs column that says which source (tissue, donor, study) a cell is of; name it in cells.obs, "
        "unless it is the label's column, or source: the file of a cell.",
    )
    groups: dict[str, tuple[ObsValue, ...]] = Field(
        default_factory=dict,
        description="Sources by name, each with the values of the column that make it up; cells with other values stay "
        "out. Unset, every value is a source.",
    )
    layers: Literal["all"] | tuple[int, ...] = Field("all", description="Layers with an autoencoder to compare on.")
    seeds: tuple[int, ...] = Field(
        (0, 1, 2),
        min_length=3,
        description="Seeds of initial weights and batches, three at least; each seed has training cells of its own.",
    )
    steps: int | None = Field(
        None, ge=1, description="Most optimiser steps of each autoencoder; unset, as many as sae.steps."
    )
    min_cells: int = Field(
        20,
        ge=2,
        description="Fewest training cells of a source for each seed, and fewest held-out cells; a source with fewer "
        "is refused.",
    )
    null_draws: int = Field(5, ge=2, description="Random gene lists behind each share of annotated features.")
    seed: int = Field(0, ge=0, description="Seed of the draw of cells and positions, and of random gene lists.")

    @model_validator(mode="after")
    def _sources_are_told(self) -> Self:
        if self.wanted and self.column is None:
            raise ValueError("name the obs column that says which source a cell is of: column")
        if len(set(self.seeds)) < len(self.seeds) or min(self.seeds) < 0:
            raise ValueError(f"seeds are {', '.join(map(str, self.seeds))}: give different ones, 0 or more")
        if len(self.groups) == 1:
            raise ValueError(f"groups names {next(iter(self.groups))} alone: name two sources at least")
        if POOLED in self.groups:
            raise ValueError(f"no source can be called {POOLED}, as all of them together are")
        values = [value for group in self.groups.values() for value in group]
        twice = next((value for value in values if values.count(value) > 1), None)
        if twice is not None:
            raise ValueError(f"groups names {twice} twice: a cell is of one source")
        return self


def layers(settings: CohortSettings, known: Layers) -> list[Layer]:
    """The chosen layers with an autoencoder. Raises RequestError for one without."""
    return [*choose_layers("cohort.layers", settings.layers, known.of("sae"))]


def outside(sections: Sections, _layer: Layer) -> dict[str, object]:
    """How autoencoders are trained and features described. Raises RequestError for a column that is not kept."""
    sections.of(CellsSettings).require_kept("cohort.column", sections.of(CohortSettings).column)
    return {
        "sae": chosen_settings(sections.of(SaeSettings), APART | OWN),
        "describe": chosen_settings(sections.of(DescribeSettings)),
    }


def seconds(settings: CohortSettings) -> float:
    """Two sources and all together, at the pace of the demo."""
    return len(settings.seeds) * 3 * (3 + (settings.steps or 1000) / 80)


STEP = Step(
    name="cohort",
    title="train autoencoders of single sources and of all together",
    settings=CohortSettings,
    version=1,
    work="tasks.analyses.cohort.work:compare_cohorts",
    tables=("cohort", "cohort_contrast"),
    reads={"activations": WHOLE, "references": WHOLE, "cells": WHOLE},
    layers=layers,
    outside=outside,
    wanted=asked_for,
    how="set cohort.wanted = true and cohort.column",
    apart=frozenset({"wanted", "layers"}),
    figures=Figures("cohort_contrast", ("metric", "source", "cohort", "mean", "low", "high", "p")),
    seconds=seconds,
)
