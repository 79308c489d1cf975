"""Step ``intervene``: interventions that the study names, and whatever is to be read of the cells afterwards."""

from collections.abc import Sequence
from typing import Literal, Self

from pydantic import Field, model_validator

from tasks.analyses.intervene.sections import InterventionSettings, ScoreSettings
from tasks.analyses.ranked.step import NamedFeature
from tasks.cells.settings import CellsSettings, Wanted
from tasks.interventions.silent import refuse_silent_model
from tasks.section import Section, Sections
from tasks.step import EVERY_LAYER, WHOLE, Layer, Layers, Reads, Step, choose_layers
from tasks.store import RequestError
from tasks.vocabulary.model_settings import ModelSettings

Readout = Literal["gene", "hidden", "kl", "embedding", "feature", "signature", "marker", "probability"]
SCORES: tuple[Readout, ...] = ("signature", "marker", "probability")
OF_LABELS: tuple[Readout, ...] = ("signature", "probability")
PREDICTED: frozenset[Readout] = frozenset({"gene", "hidden", "kl", "signature", "marker"})


class InterveneSettings(Section):
    """Interventions, the cells they are done in, and what is read."""

    interventions: tuple[InterventionSettings, ...] = Field((), description="What is done.")
    readouts: tuple[Readout, ...] = Field(
        ("hidden", "kl", "embedding"),
        min_length=1,
        description="gene: predictions of `genes`, hidden together; hidden: mean over a random share of hidden genes; "
        "kl: divergence of the predictions at these; embedding: how far the cell's embedding moves; feature: codes of "
        "`read_features`. Of every entry of `scores`, signature: likeness of predictions to cells of a label less "
        "other cells; marker: mean log-probability of its genes less that of others; probability: of the label, by a "
        "probe of the embedding.",
    )
    genes: tuple[str, ...] = Field((), description="Symbols, or ids, of the genes of read-out gene.")
    read_features: tuple[NamedFeature, ...] = Field(
        (), description="Features of read-out feature, {layer = 3, feature = 12}, read in interventions before them."
    )
    scores: tuple[ScoreSettings, ...] = Field((), description="Labels and lists of genes of the last three read-outs.")
    donor: str | None = Field(
        None, description="obs column that names the donor: scores are tested on other donors than they learnt from."
    )
    n_fit: int = Field(400, ge=20, description="Most training cells that scores learn from; none of those measured.")
    n_markers: int = Field(20, ge=1, description="Genes on either side that tell a label, for read-out marker.")
    n_axes: int = Field(50, ge=1, description="Principal components of embeddings that probes read, at most.")
    n_folds: int = Field(5, ge=2, description="Folds in which scores are tested.")
    n_shuffles: int = Field(
        199, ge=99, description="Scores learnt from exchanged labels, or random genes, against which each is held."
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
    seed: int = Field(0, ge=0, description="Seed of cells, hidden genes, control directions, scores and sign flips.")

    @property
    def source_layers(self) -> list[int]:
        """Layers at which something is changed, ascending."""
        return sorted({layer for one in self.interventions for layer, _ in one.placed})

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for what, named in (("interventions", self.interventions), ("scores", self.scores)):
            names = [one.name for one in named]
            if again := sorted({name for name in names if names.count(name) > 1}):
                raise ValueError(f"two {what} are called {again[0]}")
        if ("gene" in self.readouts) != bool(self.genes):
            raise ValueError("read-out gene and the list genes go together: give both or neither")
        if ("feature" in self.readouts) != bool(self.read_features):
            raise ValueError("read-out feature and the list read_features go together: give both or neither")
        if self.fine_flips < self.n_flips:
            raise ValueError(f"fine_flips ({self.fine_flips}) is below n_flips ({self.n_flips})")
        return self

    @model_validator(mode="after")
    def _scores_are_read(self) -> Self:
        if bool(set(SCORES) & set(self.readouts)) != bool(self.scores):
            raise ValueError(f"read-outs {', '.join(SCORES)} and the list scores go together: give both or neither")
        for one in self.scores:
            if not set(one.readouts) & set(self.readouts):
                raise ValueError(f"score {one.name} is read by no read-out: add {' or '.join(one.readouts)}")
        for readout in set(OF_LABELS) & set(self.readouts):
            if not any(one.label for one in self.scores):
                raise ValueError(f"read-out {readout} learns from a label, and no score names one")
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


def outside(sections: Sections, _layer: Layer) -> dict[str, object]:
    """Nothing; but refuse a column that is not kept, and a model without the read-outs. Raises RequestError."""
    settings, cells = sections.of(InterveneSettings), sections.of(CellsSettings)
    named = {f"scores: {one.name}": one.label for one in settings.scores} | {"donor": settings.donor}
    for key, name in named.items():
        cells.require_kept(f"intervene.{key}", name)
    if wanted(settings) and PREDICTED & set(settings.readouts):
        others = 'set intervene.readouts to some of "embedding", "feature" and "probability"'
        refuse_silent_model(sections.of(ModelSettings), "intervene", others)
    return {}


def _named_sets(settings: InterveneSettings, _layer: Layer, known: Sequence[Layer]) -> Sequence[Layer]:
    return known if any(one.gene_set for one in settings.scores) else []


def wanted(settings: InterveneSettings) -> bool:
    """Whether anything is done."""
    return bool(settings.interventions)


STEP = Step(
    name="intervene",
    title="carry out named interventions",
    settings=InterveneSettings,
    version=2,
    work="tasks.analyses.intervene.work:intervene",
    tables=(
        "intervention",
        "intervention_score",
        "intervention_gene",
        "intervention_value",
        "intervention_summary",
    ),
    reads={
        "sae": EVERY_LAYER,
        "codes": EVERY_LAYER,
        "references": Reads("if a score names a gene set", _named_sets, added=True),
        "model": WHOLE,
        "cells": WHOLE,
    },
    layers=layers,
    outside=outside,
    wanted=wanted,
    how="name interventions under [[intervene.interventions]]",
    seconds=10,
)
