"""Step ``intervene``: interventions that the study names, and whatever is to be read of the cells afterwards."""

from itertools import combinations
from typing import Literal, Self

from pydantic import Field, model_validator

from tasks.analyses.ranked.step import NamedFeature
from tasks.cells.settings import Wanted
from tasks.interventions.kinds import Kind
from tasks.section import Section
from tasks.step import EVERY_LAYER, WHOLE, Layer, Layers, Step, choose_layers
from tasks.store import RequestError

Readout = Literal["gene", "hidden", "kl", "embedding", "feature"]
PREDICTED: frozenset[Readout] = frozenset({"gene", "hidden", "kl"})


class ChangeSettings(Section):
    """What is done to one feature."""

    feature: int = Field(ge=0, description="Number of the feature in the layer's autoencoder.")
    kind: Kind = Field(
        "scale",
        description="scale: activations times amount, 0 takes the feature out; clamp: activations become amount where "
        "the feature is active; clamp_all: at every gene; add: amount is added at every gene.",
    )
    amount: float | None = Field(None, description="Factor of scale, 0 if left out; of others the activation.")
    quantile: float | None = Field(
        None,
        gt=0,
        le=1,
        description="In place of amount: this quantile of the activations where the feature is active.",
    )

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.kind == "scale":
            if self.quantile is not None:
                raise ValueError("quantile is of clamp, clamp_all and add: scale takes an amount")
            if self.amount == 1:
                raise ValueError(f"feature {self.feature} is scaled by 1, which changes nothing: 0 takes it out")
        elif (self.amount is None) == (self.quantile is None):
            raise ValueError(f"{self.kind} of feature {self.feature} needs an amount or a quantile, one of the two")
        if self.kind == "add" and self.amount == 0:
            raise ValueError(f"0 is added to feature {self.feature}, which changes nothing: name an amount")
        return self


class InterventionSettings(Section):
    """One intervention: features of one layer that are changed together."""

    name: str = Field(pattern=r"^[A-Za-z0-9_-]+$", description="What the tables call it.")
    layer: int = Field(ge=0, description="Layer of its features.")
    changes: tuple[ChangeSettings, ...] = Field(min_length=1, description="What is done to its features.")

    @model_validator(mode="after")
    def _once(self) -> Self:
        features = [one.feature for one in self.changes]
        if len(set(features)) < len(features):
            raise ValueError(f"intervention {self.name} names a feature twice")
        return self


class InterveneSettings(Section):
    """Interventions, the cells they are done in, and what is read."""

    interventions: tuple[InterventionSettings, ...] = Field((), description="What is done.")
    readouts: tuple[Readout, ...] = Field(
        ("hidden", "kl", "embedding"),
        min_length=1,
        description="gene: predictions of `genes`, hidden together; hidden: mean over a random share of hidden genes; "
        "kl: divergence of the predictions at these; embedding: how far the cell's embedding moves; feature: codes of "
        "`read_features`.",
    )
    genes: tuple[str, ...] = Field((), description="Symbols, or ids, of the genes of read-out gene.")
    read_features: tuple[NamedFeature, ...] = Field(
        (), description="Features of read-out feature, {layer = 3, feature = 12}, read in interventions before them."
    )
    hidden_share: float = Field(0.15, gt=0, le=0.5, description="Share of a cell's genes hidden for hidden and kl.")
    n_cells: int = Field(64, ge=2, le=65_535, description="Cells; all of the split if fewer.")
    cells_split: Literal["train", "heldout", "all"] = Field("heldout", description="Which cells.")
    cells_where: Wanted = Field(
        default_factory=dict, description='Only cells with these values by label or obs column: {donor = ["d1", "d2"]}.'
    )
    cells_draw: Literal["seeded", "first"] = Field("seeded", description="A random draw, or those first in the file.")
    n_flips: int = Field(1000, ge=500, description="Sign flips of a test; enumerated where as many cover all flips.")
    fine_flips: int = Field(20_000, ge=500, description="Sign flips of a test that fewer than 10 of n_flips reach.")
    seed: int = Field(0, ge=0, description="Seed of cells, hidden genes, control directions and sign flips.")

    @property
    def source_layers(self) -> list[int]:
        """Layers at which something is changed, ascending."""
        return sorted({one.layer for one in self.interventions})

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for one, other in combinations(self.interventions, 2):
            if one.name == other.name:
                raise ValueError(f"two interventions are called {one.name}")
        if ("gene" in self.readouts) != bool(self.genes):
            raise ValueError("read-out gene and the list genes go together: give both or neither")
        if ("feature" in self.readouts) != bool(self.read_features):
            raise ValueError("read-out feature and the list read_features go together: give both or neither")
        if self.fine_flips < self.n_flips:
            raise ValueError(f"fine_flips ({self.fine_flips}) is below n_flips ({self.n_flips})")
        return self


def layers(settings: InterveneSettings, known: Layers) -> list[Layer]:
    """One folder for the whole study. Raises RequestError for a layer without autoencoder, or a read-out before all."""
    choose_layers("intervene.interventions", settings.source_layers, known.of("sae"))
    choose_layers("intervene.read_features", [one.layer for one in settings.read_features], known.of("sae"))
    first = min(settings.source_layers, default=0)
    for one in settings.read_features:
        if settings.interventions and one.layer < first:
            raise RequestError(
                f"intervene.read_features: layer {one.layer} comes before all interventions (layer {first} on), which "
                f"cannot reach it: read a later one"
            )
    return [None]


def wanted(settings: InterveneSettings) -> bool:
    """Whether anything is done."""
    return bool(settings.interventions)


STEP = Step(
    name="intervene",
    title="carry out named interventions",
    settings=InterveneSettings,
    version=1,
    work="tasks.analyses.intervene.work:intervene",
    tables=("intervention", "intervention_value", "intervention_summary"),
    reads={"sae": EVERY_LAYER, "codes": EVERY_LAYER, "model": WHOLE, "cells": WHOLE},
    layers=layers,
    wanted=wanted,
    how="name interventions under [[intervene.interventions]]",
    seconds=10,
)
