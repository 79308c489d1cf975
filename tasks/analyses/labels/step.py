"""Step ``labels``: what every feature says of the cells' labels: types, tissues, donors, batches, any obs column."""

from typing import Literal

from pydantic import Field

from tasks.section import Section
from tasks.step import SAME_LAYER, WHOLE, Step, asked_for, layers_of


class LabelsSettings(Section):
    """Which labels features are held against, within which strata, and what is kept."""

    wanted: bool = Field(False, description="Whether features are held against labels of the cells.")
    columns: tuple[str, ...] = Field(
        (),
        description="obs columns whose values are the labels; left out, the cell type and every column of categories "
        "in cells.obs but the donor. A column of few whole numbers is taken if it is named here.",
    )
    donor: str | None = Field(
        None,
        description="obs column that names the donor, or whatever else cells were taken from together. Cells are then "
        "compared within donors; a label that does not vary within any donor is compared between donors.",
    )
    given: str | None = Field(
        None, description="obs column within whose values labels are compared once more: cell types given the tissue."
    )
    depth: Literal["tokens", "counts"] = Field(
        "tokens", description="What cells of like depth have alike: tokens that the model reads, or counts."
    )
    depth_bins: int = Field(
        20,
        ge=1,
        le=100,
        description="Bins of depth, of equal numbers of cells; fewer, but 4 at least, where donors and bins would "
        "leave less than 15 cells together. Within four wide bins, depth still explains much. 1: no bins.",
    )
    min_cells: int = Field(10, ge=2, description="Minimum number of cells with a label, and without it.")
    min_donors: int = Field(3, ge=2, description="Minimum number of donors, on each side if they are compared.")
    alpha: float = Field(0.05, gt=0, lt=1, description="False discovery rate.")
    keep_p: float = Field(
        0.05,
        gt=0,
        le=1,
        description="Rows with a larger p are kept only if no label of the column has a smaller one for the feature.",
    )
    null_draws: int = Field(3, ge=0, description="Permutations of all labels within strata, for the rates by chance.")
    families: tuple[str, ...] = Field(
        (), description="Libraries of references.gene_sets whose sets are families of genes that features may fire on."
    )
    max_families: int = Field(20, ge=1, description="Most families, the largest sets of at most max_family genes.")
    max_family: int = Field(500, ge=2, description="Most genes of a family that the cells have.")
    family_draws: int = Field(499, ge=99, description="Random families of genes as frequent as those of the family.")
    fine_draws: int = Field(9_999, ge=99, description="Further ones where hardly any of the first is as extreme.")
    seed: int = Field(0, ge=0, description="Seed of permutations and random families.")


STEP = Step(
    name="labels",
    title="hold features against labels of cells",
    settings=LabelsSettings,
    version=2,
    work="tasks.analyses.labels.work:label_features",
    tables=(
        "feature_label",
        "feature_label_published",
        "feature_tissue",
        "feature_label_score",
        "label_summary",
        "feature_family",
        "feature_expression",
    ),
    reads={
        "codes": SAME_LAYER,
        "describe": SAME_LAYER,
        "activations": WHOLE,
        "references": WHOLE,
        "cells": WHOLE,
    },
    layers=layers_of("codes"),
    wanted=asked_for,
    how="set labels.wanted = true",
    apart=frozenset({"wanted"}),
    on_device=False,
    seconds=5,
)
