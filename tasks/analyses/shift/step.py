"""Step ``shift``: change chosen features in whole cells, and keep where the model then puts each cell."""

from collections.abc import Sequence
from typing import Literal, Self

from pydantic import Field, model_validator

from tasks.analyses.ranked.step import NamedFeature
from tasks.cells.settings import CellsSettings, Wanted
from tasks.sae.settings import SaeSettings
from tasks.section import Section, Sections
from tasks.step import SAME_LAYER, WHOLE, Layer, Layers, Step, asked_for, choose_layers
from tasks.store import RequestError

Selector = Literal["batch", "type", "gene", "term", "named", "published_ami", "published_random"]
Mode = Literal["scale", "clamp", "clamp_all", "published", "published_together"]
TOGETHER = ("batchtopk", "matryoshka")  # autoencoders whose codes depended on other cells when they were published
NEEDS = {"gene": "genes", "term": "terms", "named": "features"}  # the list that a selector goes by


class ShiftSettings(Section):
    """Which features are changed, how, in which cells, and what stands beside them."""

    wanted: bool = Field(False, description="Whether features are changed and the embeddings of cells kept.")
    layers: Literal["all"] | tuple[int, ...] = Field("all", description="Layers whose features are changed.")
    batch: str | None = Field(
        None, description="obs column that names the batch of a cell; name it in cells.obs as well."
    )
    reference: tuple[str, ...] = Field(
        (),
        description="Batches on whose cells features are chosen, two at least; the other batches are then new to the "
        "choice. None: all batches, on cells that are not embedded.",
    )
    selectors: tuple[Selector, ...] = Field(
        ("batch",),
        min_length=1,
        description="How features are chosen. batch: those that tell batches apart within a cell type; type: those "
        "that tell cell types apart within a batch; gene: those whose top genes are among `genes`; term: those "
        "annotated with one of `terms`; named: those in `features`. published_ami: those of largest mutual information "
        "with a batch, on the very cells that are embedded; published_random: any, dead ones among them.",
    )
    genes: tuple[str, ...] = Field((), description="Symbols of the genes of selector gene.")
    terms: tuple[str, ...] = Field((), description="Gene sets of selector term, as table annotation names them.")
    features: tuple[NamedFeature, ...] = Field(
        (), description="Features of selector named, {layer = 2, feature = 9}, the first ones first."
    )
    n_features: tuple[int, ...] = Field(
        (1, 2, 5, 10, 20),
        min_length=1,
        description="Numbers of features that are changed together, the best first. 0, the clean embedding, is always "
        "there.",
    )
    scale: tuple[float, ...] = Field((0.0,), description="Factors of activations: 0 takes features out.")
    clamp: tuple[float, ...] = Field(
        (),
        description="Values that activations are set to where a feature is active, in units of its 99th percentile.",
    )
    clamp_all: tuple[float, ...] = Field((), description="The same, set at every gene of the cell.")
    published: tuple[float, ...] = Field(
        (),
        description="The published rule, -2 there: raw values that activations are set to where a feature is active, "
        "and what the autoencoder does not reconstruct is dropped, which alone moves every cell.",
    )
    published_together: tuple[float, ...] = Field(
        (),
        description="The published rule with codes as published, too: features are active that are among the k largest "
        "per gene of 16 cells together, so a cell's embedding depends on the others. Of batchtopk and matryoshka.",
    )
    quantile: float = Field(0.99, gt=0, le=1, description="Quantile of a feature's activations that is the unit.")
    n_random: int = Field(
        5,
        ge=0,
        description="Random sets of features for each chosen one, alike in how often and how strongly they are active "
        "and in the length of their direction.",
    )
    n_directions: int = Field(
        1,
        ge=0,
        description="Times that chosen features' directions are replaced by random ones of the same length, and by "
        "ones of the same length along which the layer's outputs vary.",
    )
    min_cells: int = Field(
        10,
        ge=2,
        description="Cells that a feature must be active in, and a batch or type have, to count in the choice.",
    )
    n_cells: int = Field(400, ge=2, le=65_535, description="Cells that are embedded; all of the split if fewer.")
    cells_split: Literal["train", "heldout", "all"] = Field(
        "heldout", description="Which cells are embedded; features are chosen on all others."
    )
    cells_where: Wanted = Field(
        default_factory=dict, description='Only cells with these values by label or obs column: {donor = ["d1", "d2"]}.'
    )
    cells_draw: Literal["seeded", "first"] = Field("seeded", description="A random draw, or those first in the file.")
    seed: int = Field(0, ge=0, description="Seed of the cells, the random features and the random directions.")

    @property
    def changes(self) -> list[tuple[Mode, float]]:
        """Every mode with its values."""
        modes: tuple[Mode, ...] = ("scale", "clamp", "clamp_all", "published", "published_together")
        return [(mode, value) for mode in modes for value in getattr(self, mode)]

    @model_validator(mode="after")
    def _something_changes(self) -> Self:
        if not self.changes:
            raise ValueError(
                "no change is named: give values of scale, clamp, clamp_all, published or published_together"
            )
        if 1.0 in self.scale:
            raise ValueError("scale = 1 changes nothing: leave it out")
        if min(self.n_features) < 1:
            raise ValueError("n_features holds 0, which is always there: leave it out")
        for name in ("selectors", "n_features", "features", *{mode for mode, _ in self.changes}):
            if len(set(getattr(self, name))) < len(getattr(self, name)):
                raise ValueError(f"{name} holds an entry twice: name each once")
        return self

    @model_validator(mode="after")
    def _selectors_have_lists(self) -> Self:
        for selector, key in NEEDS.items():
            if (selector in self.selectors) != bool(getattr(self, key)):
                raise ValueError(f"selector {selector} and the list {key} go together: give both or neither")
        return self

    @model_validator(mode="after")
    def _batches_are_named(self) -> Self:
        if self.wanted and self.batch is None:
            raise ValueError("name the obs column of the batch: batch")
        if len(self.reference) == 1:
            raise ValueError(f"reference names {self.reference[0]} alone, and one batch cannot be told from another")
        return self


def layers(settings: ShiftSettings, known: Layers) -> list[Layer]:
    """Layers whose features are changed. Raises RequestError for one without an autoencoder."""
    return [*choose_layers("shift.layers", settings.layers, known.of("describe"))]


def outside(sections: Sections, layer: Layer) -> dict[str, object]:
    """Nothing; but refuse a batch column that the study does not keep. Raises RequestError."""
    settings, cells = sections.of(ShiftSettings), sections.of(CellsSettings)
    require_kept("shift.batch", settings.batch, (*cells.obs, "source"))
    if settings.published_together and sections.of(SaeSettings).path is None:
        require_together(sections.of(SaeSettings).variant)
    if settings.features and layer not in {one.layer for one in settings.features}:
        raise RequestError(
            f"shift.features names none of layer {layer}: name one, or leave the layer out of shift.layers"
        )
    return {}


def require_together(variant: str) -> None:
    """Raise RequestError for an autoencoder whose codes no other cell ever changed."""
    if variant not in TOGETHER:
        raise RequestError(
            f"shift.published_together: codes of {variant} depend on no other cell, only those of "
            f"{' and '.join(TOGETHER)} did: name its values under shift.published"
        )


def require_kept(setting: str, name: str | None, kept: Sequence[str]) -> None:
    """Raise RequestError if an obs column is not among those that the study keeps."""
    if name is not None and name not in kept:
        others = ", ".join(one for one in kept if one != "source") or "no column"
        raise RequestError(f"{setting}: {name} is not kept: add it to cells.obs, which has {others}")


STEP = Step(
    name="shift",
    title="change features and embed the cells",
    settings=ShiftSettings,
    version=2,
    work="tasks.analyses.shift.work:shift_cells",
    tables=("shift_setting", "shift_feature", "shift_cell", "embedding_shift", "embedding_map"),
    reads={
        "sae": SAME_LAYER,
        "codes": SAME_LAYER,
        "describe": SAME_LAYER,
        "activations": WHOLE,
        "model": WHOLE,
        "cells": WHOLE,
    },
    layers=layers,
    outside=outside,
    wanted=asked_for,
    how="set shift.wanted = true and shift.batch",
    apart=frozenset({"wanted", "layers"}),
    seconds=30,
)
