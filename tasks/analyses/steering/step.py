"""Step ``steering``: turn features up in early cells of a trajectory, and see whether the model moves them along it."""

from collections.abc import Sequence
from typing import Literal, Self

from pydantic import Field, model_validator

from tasks.cells.settings import CellsSettings, Wanted
from tasks.interventions.kinds import BY_EMBEDDING, Learnt
from tasks.interventions.silent import refuse_silent_model
from tasks.section import Section, Sections
from tasks.step import WHOLE, Layer, Layers, Reads, Step, asked_for, choose_layers
from tasks.store import RequestError
from tasks.vocabulary.model_settings import ModelSettings

Arm = Literal["random", "signs", "covariance", "matched"]
FEATURE = "feature"  # the arm that is no control
ZERO, RECONSTRUCTION = "zero", "reconstruction"
BESIDE = (ZERO, RECONSTRUCTION)  # arms in which no feature is changed: always there, and no feature's control


class SteeringSettings(Section):
    """The trajectory, the features that are turned up, the cells it is done in, and what is read from the model."""

    wanted: bool = Field(False, description="Whether features are steered along a trajectory.")
    layers: Literal["all"] | tuple[int, ...] = Field("all", description="Layers whose features are steered.")
    pseudotime: str | None = Field(
        None, description="obs column with each cell's place on the trajectory, a number; name it in cells.obs as well."
    )
    root: Wanted = Field(
        default_factory=dict,
        description="Where no pseudotime is at hand: which cells stand at the beginning, by label or by a column of "
        'cells.obs, {cell_type = "HSC"}. Diffusion pseudotime is computed from the one in their middle.',
    )
    where: Wanted = Field(
        default_factory=dict,
        description="Only cells with these values by label or obs column are on the trajectory; others take no part. "
        'None: all cells. {cell_type = ["CD14+ Monocytes", "FCGR3A+ Monocytes"]} for instance.',
    )
    neighbours: int = Field(15, ge=2, description="Nearest neighbours of a cell, for a computed pseudotime.")
    n_genes: int = Field(2000, ge=2, description="Genes that tell cells apart, for a computed pseudotime.")
    n_axes: int = Field(30, ge=2, description="Principal components of them, for a computed pseudotime.")
    n_components: int = Field(15, ge=1, description="Diffusion components, for a computed pseudotime.")
    tail: float = Field(
        1 / 3, gt=0, le=0.5, description="Share of the cells that are early, and as large a share that are late."
    )
    panel: Literal["separate", "published"] = Field(
        "separate",
        description="separate: features are chosen on other cells than those that read-outs are fitted on, and on "
        "others than those that are steered. published: on all cells, with the published effect size, and q by groups "
        "of at most 12 features.",
    )
    n_on: int = Field(12, ge=0, description="Most features that rise along the trajectory, by layer.")
    n_off: int = Field(8, ge=0, description="Most features that fall along it, by layer.")
    min_d: float = Field(0.5, ge=0, description="Least Cohen's d of late against early cells, either way.")
    min_active: float = Field(0.05, ge=0, lt=1, description="Least share of cells in which a feature is active.")
    multipliers: tuple[float, ...] = Field((2.0, 5.0), min_length=1, description="What activations are multiplied by.")
    dose: tuple[float, ...] = Field((1.5, 3.0, 8.0), description="Further ones for the first features of each kind.")
    n_dose: int = Field(4, ge=0, description="How many first features of each kind and layer have a dose response.")
    readouts: tuple[Learnt, ...] = Field(
        ("signature", "signature_centred", "marker", "probability", "pseudotime"),
        min_length=1,
        description="What is read: likeness of predictions to late less to early cells, as published and with the mean "
        "prediction taken off; predictions of late less early markers; a probe's probability of being late; a probe's "
        "pseudotime. marker needs the lists of markers and is left out without them.",
    )
    early_markers: tuple[str, ...] = Field((), description="Symbols of genes that early cells express.")
    late_markers: tuple[str, ...] = Field((), description="Symbols of genes that late cells express.")
    controls: tuple[Arm, ...] = Field(
        ("random", "signs", "covariance", "matched"),
        description="What else is added in place of a feature's direction: a random direction of its length; its own "
        "with random signs; a direction of its length along which the layer's outputs vary; a feature outside the "
        "panel that is active as often.",
    )
    donor: str | None = Field(
        None, description="obs column that names the donor: probes are tested on other donors than they learnt from."
    )
    n_folds: int = Field(5, ge=2, description="Folds in which probes are tested.")
    n_fit: int = Field(400, ge=20, description="Most cells that read-outs are fitted on.")
    n_axes_probe: int = Field(50, ge=1, description="Principal components of embeddings that probes read, at most.")
    n_shuffles: int = Field(
        999, ge=99, description="Read-outs fitted to shuffled pseudotimes, against which each feature is held."
    )
    n_cells: int = Field(40, ge=2, le=65_535, description="Early cells to steer; all if there are fewer.")
    min_cells: int = Field(
        10, ge=1, description="Least number of steered cells of a feature that is compared with other features."
    )
    cells_split: Literal["train", "heldout", "all"] = Field(
        "heldout", description="Which cells are steered: held-out ones took no part in choosing or fitting anything."
    )
    cells_where: Wanted = Field(default_factory=dict, description="Only cells with these values are steered.")
    cells_draw: Literal["seeded", "first"] = Field(
        "seeded", description="A random draw among them, or those first in the file."
    )
    seed: int = Field(0, ge=0, description="Seed of cells, halves, controls and shuffles.")

    @property
    def every_multiplier(self) -> list[float]:
        """All multipliers, ascending."""
        return sorted({*self.multipliers, *self.dose})

    @model_validator(mode="after")
    def _something_changes(self) -> Self:
        if 1.0 in self.every_multiplier:
            raise ValueError("a multiplier of 1 changes nothing: leave it out")
        return self

    @model_validator(mode="after")
    def _one_trajectory(self) -> Self:
        if self.wanted and (self.pseudotime is None) == (not self.root):
            raise ValueError(
                "name either pseudotime, an obs column of numbers, or root, the cells from which it is computed"
            )
        return self

    @model_validator(mode="after")
    def _panel_has_features(self) -> Self:
        if not self.n_on + self.n_off:
            raise ValueError("n_on and n_off are both 0, so the panel has no features: raise one of them")
        return self

    @model_validator(mode="after")
    def _both_lists(self) -> Self:
        if bool(self.early_markers) != bool(self.late_markers):
            raise ValueError("the marker score is late less early: give early_markers and late_markers, or neither")
        return self


def layers(settings: SteeringSettings, known: Layers) -> list[Layer]:
    """One folder for the whole study. Raises RequestError for a layer without an autoencoder."""
    choose_layers("steering.layers", settings.layers, known.of("sae"))
    return [None]


def _steered(settings: SteeringSettings, _layer: Layer, known: Sequence[Layer]) -> Sequence[Layer]:
    if not known:
        raise RequestError("steering needs an autoencoder: name a layer in sae.layers")
    return choose_layers("steering.layers", settings.layers, [layer for layer in known if layer is not None])


def outside(sections: Sections, _layer: Layer) -> dict[str, object]:
    """Nothing; but refuse a column that is not kept, and a model without the read-outs. Raises RequestError."""
    settings, cells = sections.of(SteeringSettings), sections.of(CellsSettings)
    cells.require_kept("steering.pseudotime", settings.pseudotime, label=False)
    cells.require_kept("steering.donor", settings.donor)
    for key, wanted in (("where", settings.where), ("root", settings.root)):
        for name in wanted:
            cells.require_kept(f"steering.{key}", name)
    if settings.wanted and set(settings.readouts) - set(BY_EMBEDDING):
        others = 'set steering.readouts = ["probability", "pseudotime"]'
        refuse_silent_model(sections.of(ModelSettings), "steering", others)
    return {}


STEERED = Reads("steering.layers", _steered)
STEP = Step(
    name="steering",
    title="steer cells along a trajectory",
    settings=SteeringSettings,
    version=2,
    work="tasks.analyses.steering.work:steer",
    tables=(
        "steering_cell",
        "steering_feature",
        "steering_value",
        "steering_summary",
        "steering_contrast",
        "dose_response",
        "readout_concordance",
        "layer_gradient",
        "probe",
        "signature",
        "marker_gene",
    ),
    reads={"sae": STEERED, "codes": STEERED, "activations": WHOLE, "model": WHOLE, "cells": WHOLE},
    layers=layers,
    outside=outside,
    wanted=asked_for,
    how="set steering.wanted = true, and steering.pseudotime or steering.root",
    apart=frozenset({"wanted"}),
    seconds=20,
)
