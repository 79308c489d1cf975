"""Step ``patching``: whether taking a feature out changes what the model says of the genes it should be about."""

from typing import Literal, Self

from pydantic import Field, model_validator

from tasks.analyses.ranked.step import NamedFeature
from tasks.cells.settings import CellsSettings, Wanted
from tasks.interventions.silent import refuse_silent_model
from tasks.section import Section, Sections
from tasks.step import SAME_LAYER, WHOLE, Layer, Layers, Step, asked_for, choose_layers
from tasks.trace.settings import CELL
from tasks.vocabulary.model_settings import ModelSettings

Target = Literal["term", "train", "own"]
PublishedRule = Literal["published_geneformer", "published_scgpt"]


class PatchingSettings(Section):
    """Which features are taken out, in which cells, and for which genes predictions should change."""

    wanted: bool = Field(False, description="Whether features are patched.")
    layers: Literal["all"] | tuple[int, ...] = Field("all", description="Layers whose features are patched.")
    features: tuple[NamedFeature, ...] = Field(
        (), description="The features, as {layer = 2, feature = 9}; none: n_features of each layer are chosen."
    )
    n_features: int = Field(
        50,
        ge=1,
        description="Features that are chosen where none is named: those with the smallest q of a gene set first, then "
        "the most frequent.",
    )
    min_frequency: float = Field(0.01, ge=0, lt=1, description="Least firing frequency of a feature that is chosen.")
    targets: tuple[Target, ...] = Field(
        ("term", "train"),
        min_length=1,
        description="Genes whose predictions should change. term: members of the feature's best significant gene set "
        "that are not among its own genes; train: genes whose predictions suffer most in training cells; own: "
        "the feature's own genes, as published, where it is active most strongly by definition.",
    )
    rules: tuple[PublishedRule, ...] = Field(
        (),
        description="Published rules that are computed beside. published_geneformer: logits of genes that the model is "
        "shown, ratio of means; published_scgpt: displacement of the outputs by the whole reconstruction.",
    )
    multiplier: float = Field(0.0, description="What activations are multiplied by; 0 takes a feature out.")
    n_cells: int = Field(100, ge=2, le=65_535, description="Held-out cells to measure in; all if there are fewer.")
    train_cells: int = Field(100, ge=2, le=65_535, description="Training cells in which targets train are found.")
    cells_where: Wanted = Field(
        default_factory=dict, description='Only cells with these values by label or obs column: {donor = ["d1", "d2"]}.'
    )
    cells_draw: Literal["seeded", "first"] = Field("seeded", description="A random draw, or those first in the file.")
    unit: str = Field(
        CELL,
        min_length=1,
        description="Whose signs are flipped: cell, or an obs column such as donor, kept by cells.obs.",
    )
    hidden_share: float = Field(0.15, gt=0, le=0.5, description="Share of a cell's genes that are hidden at once.")
    rounds: int = Field(
        1, ge=1, description="Times that a cell is shown, each with other genes hidden: more targets are met."
    )
    n_targets: int = Field(20, ge=1, description="Genes of targets train.")
    n_matched: int = Field(
        3, ge=1, description="Other hidden genes of like rank and frequency that each target gene is held against."
    )
    n_flips: int = Field(1000, ge=500, description="Sign flips of a test; enumerated where as many cover all flips.")
    fine_flips: int = Field(20_000, ge=500, description="Sign flips of a test that fewer than 10 of n_flips reach.")
    batch_tokens: Literal["auto"] | int = Field("auto", description="Tokens that pass through a block at once.")
    seed: int = Field(0, ge=0, description="Seed of cells, hidden genes, control directions and sign flips.")

    def of_layer(self, layer: int) -> list[int]:
        """Numbers of the features named in a layer, ascending."""
        return sorted(one.feature for one in self.features if one.layer == layer)

    @model_validator(mode="after")
    def _means_something(self) -> Self:
        if self.multiplier == 1:
            raise ValueError("multiplier = 1 changes nothing: 0 takes a feature out, 2 doubles it")
        for name in ("features", "targets", "rules"):
            if len(set(getattr(self, name))) < len(getattr(self, name)):
                raise ValueError(f"{name} holds an entry twice: name each once")
        if self.fine_flips < self.n_flips:
            raise ValueError(f"fine_flips ({self.fine_flips}) is below n_flips ({self.n_flips})")
        return self


def layers(settings: PatchingSettings, known: Layers) -> list[Layer]:
    """Layers of the named features, or those asked for. Raises RequestError for one that has no autoencoder."""
    if settings.features:
        return [*choose_layers("patching.features", [one.layer for one in settings.features], known.of("describe"))]
    return [*choose_layers("patching.layers", settings.layers, known.of("describe"))]


def outside(sections: Sections, _layer: Layer) -> dict[str, object]:
    """Nothing; but refuse a model that predicts nothing, and a unit that no cell can have. Raises RequestError."""
    settings, cells = sections.of(PatchingSettings), sections.of(CellsSettings)
    if not settings.wanted:
        return {}
    refuse_silent_model(sections.of(ModelSettings), "patching")
    cells.require_kept("patching.unit", None if settings.unit == CELL else settings.unit)
    return {}


STEP = Step(
    name="patching",
    title="take features out and read hidden genes",
    settings=PatchingSettings,
    version=1,
    work="tasks.analyses.patching.work:patch_features",
    tables=("causal_patch", "causal_patch_gene", "causal_patch_summary", "patch_cell", "patch_control"),
    reads={"sae": SAME_LAYER, "describe": SAME_LAYER, "references": WHOLE, "model": WHOLE, "cells": WHOLE},
    layers=layers,
    outside=outside,
    wanted=asked_for,
    how="set patching.wanted = true",
    apart=frozenset({"wanted", "layers"}),
    seconds=40,
)
