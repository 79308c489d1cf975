"""Step ``integration``: whether changing features makes batches mix, and what it costs of the cell types."""

from pydantic import Field

from tasks.section import Section
from tasks.step import SAME_LAYER, WHOLE, Layer, Layers, Step, asked_for, layers_of
from tasks.store import RequestError


class IntegrationSettings(Section):
    """What the benchmark looks at."""

    wanted: bool = Field(False, description="Whether embeddings of step shift are held against each other.")
    min_cells: int = Field(
        5, ge=2, description="Cells that a cell type must have; rarer ones are left out of the benchmark."
    )
    n_genes: int = Field(2000, ge=2, description="Genes that tell cells apart, for the PCA of the counts.")
    n_components: int = Field(50, ge=2, description="Principal components of the counts.")
    transfer_neighbours: int = Field(5, ge=1, description="Neighbours that vote for a cell's label.")
    cluster_neighbours: int = Field(
        15, ge=3, description="Neighbours for clusters and connectivity, the cell itself among them."
    )
    kbet_neighbours: int = Field(50, ge=3, description="Neighbours of the graph of kBET.")
    lisi_neighbours: int = Field(90, ge=6, description="Neighbours of LISI.")
    n_draws: int = Field(50, ge=20, description="Random parts of the cells, three quarters each, behind an interval.")
    confidence: float = Field(0.95, gt=0, lt=1, description="Of the intervals.")
    seed: int = Field(0, ge=0, description="Seed of clusters and parts.")


def layers(settings: IntegrationSettings, known: Layers) -> list[Layer]:
    """Layers of step shift. Raises RequestError if the study has none."""
    if settings.wanted and not known.of("shift"):
        raise RequestError("integration compares embeddings of step shift: set shift.wanted = true and shift.batch")
    return layers_of("shift")(settings, known)


STEP = Step(
    name="integration",
    title="benchmark embeddings of batches",
    settings=IntegrationSettings,
    version=2,
    work="tasks.analyses.integration.work:benchmark",
    tables=("integration_metric", "label_transfer"),
    reads={"shift": SAME_LAYER, "cells": WHOLE},
    layers=layers,
    wanted=asked_for,
    how="set integration.wanted = true, and shift.wanted = true",
    apart=frozenset({"wanted"}),
    on_device=False,
    seconds=30,
)
