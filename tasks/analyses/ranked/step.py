"""Step ``ranked``: gene sets in the whole ranking of genes of features that the study names."""

from typing import Literal

from pydantic import Field, model_validator

from tasks.section import Section, Sections
from tasks.step import SAME_LAYER, WHOLE, Layer, Layers, Step, choose_layers


class NamedFeature(Section):
    """One feature."""

    layer: int = Field(ge=0, description="Layer of the feature.")
    feature: int = Field(ge=0, description="Number of the feature.")


class RankedSettings(Section):
    """Which features are tested, how their genes are ranked, and on which gene sets."""

    features: tuple[NamedFeature, ...] = Field(
        (), description="The features, as {layer = 2, feature = 9}; a test takes seconds a feature and library."
    )
    method: Literal["multilevel", "permutation"] = Field(
        "multilevel",
        description="multilevel: p-values as small as they are (fgsea); permutation: none below "
        "1 / (1 + permutations), which a correction over thousands of gene sets seldom survives",
    )
    permutations: int = Field(1000, ge=100, description="Random rankings behind p (permutation) and NES.")
    shrinkage: float = Field(20.0, ge=0, description="Silent positions added to a gene's own when it is scored.")
    min_set: int = Field(5, ge=2, description="Smallest gene set tested, counted in ranked genes.")
    max_set: int = Field(500, ge=2, description="Largest gene set tested, counted in ranked genes.")
    shown: int = Field(20, ge=1, description="Best gene sets of a feature and library that are kept in any case.")
    alpha: float = Field(0.05, gt=0, lt=1, description="False discovery rate of significant gene sets.")
    seed: int = Field(0, ge=0, description="Seed of the random rankings.")

    @model_validator(mode="after")
    def _consistent(self) -> "RankedSettings":
        if self.min_set > self.max_set:
            raise ValueError(f"min_set is {self.min_set}, above max_set {self.max_set}: no gene set could pass")
        if len(set(self.features)) < len(self.features):
            raise ValueError("a feature is named twice: name each once")
        return self

    def of_layer(self, layer: Layer) -> list[int]:
        """Numbers of the features named in a layer, ascending."""
        return sorted(one.feature for one in self.features if one.layer == layer)


def layers(settings: RankedSettings, known: Layers) -> list[Layer]:
    """The layers of the features. Raises RequestError for one without an autoencoder."""
    return [*choose_layers("ranked.features", [one.layer for one in settings.features], known.of("codes"))]


def wanted(settings: RankedSettings) -> bool:
    """Whether a feature is named."""
    return bool(settings.features)


def outside(sections: Sections, layer: Layer) -> dict[str, object]:
    """The features of this layer: those of another decide nothing here."""
    return {"features": sections.of(RankedSettings).of_layer(layer)}


STEP = Step(
    name="ranked",
    title="test gene sets on whole rankings",
    settings=RankedSettings,
    version=1,
    work="tasks.analyses.ranked.work:rank_gene_sets",
    tables=("ranked_term",),
    reads={"codes": SAME_LAYER, "activations": WHOLE, "cells": WHOLE, "references": WHOLE},
    layers=layers,
    outside=outside,
    wanted=wanted,
    how="name features under ranked.features, for instance ranked.features = [{layer = 2, feature = 9}]",
    apart=frozenset({"features"}),
    on_device=False,
    seconds=10,
)
