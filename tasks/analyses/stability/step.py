"""Step ``stability``: whether effects repeat in other cells, how far co-expression foretells them, what BH can call."""

from typing import Literal

from pydantic import Field

from tasks.analyses.edge_choice import LATER
from tasks.section import Section
from tasks.step import SAME_LAYER, WHOLE, Step, asked_for, layers_of


class StabilitySettings(Section):
    """Which effects are looked at, in which draws of cells, and beside which expression."""

    wanted: bool = Field(
        False, description="Whether effects are held against other draws of cells, and against co-expression."
    )
    effect: Literal["total", "direct"] = Field("total", description="Which measured effects are looked at.")
    sources: int = Field(
        200, ge=2, description="Sources that are held against other draws of cells, drawn by seed; all if fewer."
    )
    least_cells: int = Field(
        4,
        ge=3,
        description="Fewest cells (or units) of a draw; draws have a half, a quarter and so on of the traced ones.",
    )
    draws: int = Field(4, ge=1, le=100, description="Most pairs of disjoint draws of a size.")
    label_cells: int = Field(
        8,
        ge=3,
        description="Cells of a draw within one cell type; a type takes part that has twice as many traced cells.",
    )
    genes: int = Field(10, ge=1, le=100, description="First genes of a feature that stand for it in co-expression.")
    expression_cells: int = Field(
        2000, ge=50, description="Cells in which co-expression is measured, drawn by seed; all chosen ones if fewer."
    )
    folds: int = Field(5, ge=2, description="Parts of the sources; each is foretold from the others.")
    n_draws: int = Field(1000, ge=99, description="Draws of sources with replacement behind each interval.")
    seed: int = Field(0, ge=0, description="Seed of the draws of cells, the folds and the intervals.")


STEP = Step(
    name="stability",
    title="repeat effects in other cells, and beside co-expression",
    settings=StabilitySettings,
    version=2,
    work="tasks.analyses.stability.work:measure_stability",
    tables=("run_pair_stability", "edge_coexpression", "regression_summary", "fdr_threshold"),
    reads={"trace": SAME_LAYER, "sae": LATER, "describe": LATER, "cells": WHOLE},
    layers=layers_of("trace"),
    wanted=asked_for,
    how="set stability.wanted = true",
    apart=frozenset({"wanted"}),
    on_device=False,
    seconds=20,
)
