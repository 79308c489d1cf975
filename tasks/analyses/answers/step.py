"""Step ``answers``: which features change in cells where a gene was switched off."""

from pydantic import Field

from tasks.analyses.responses.settings import ResponsesSettings
from tasks.cells.settings import CellsSettings
from tasks.section import Section, Sections
from tasks.step import SAME_LAYER, WHOLE, Layer, Step, asked_for, layers_of
from tasks.store import RequestError

COLUMNS = ("column", "line", "batch")


class AnswersSettings(Section):
    """Which perturbations are held against control cells, and on which features."""

    wanted: bool = Field(
        False,
        description="Whether features are held against what was switched off in the cells of the study; which obs "
        "columns say so stands in section responses, and cells.obs keeps them.",
    )
    min_cells: int = Field(20, ge=3, description="Fewest cells of a perturbation, and of control cells beside them.")
    min_firings: int = Field(
        100, ge=1, description="Fewest positions of the compared cells at which a feature fires for it to be tested."
    )
    min_positions: int = Field(
        5, ge=2, description="Fewest control cells of a line and batch with a gene for its positions there to count."
    )
    alpha: float = Field(0.05, gt=0, lt=1, description="False discovery rate, over perturbations and features.")
    keep_p: float = Field(0.05, gt=0, le=1, description="Rows with a larger p are not kept.")
    top_genes: int = Field(20, ge=1, description="Genes of a feature's list that may be known targets.")
    null_draws: int = Field(999, ge=99, description="Exchanges of answering features for others that fire as often.")
    seed: int = Field(0, ge=0, description="Seed of the control cells that stand for perturbed ones, and of exchanges.")


def outside(sections: Sections, _layer: Layer) -> dict[str, object]:
    """How labels are read. Raises RequestError if nothing says what was switched off, or the cells do not keep it."""
    columns, cells = sections.of(ResponsesSettings), sections.of(CellsSettings)
    if columns.column is None:
        raise RequestError("answers.wanted: no obs column says what was switched off: name it in responses.column")
    for key in COLUMNS:
        name = getattr(columns, key)
        if name is not None and name not in cells.obs:
            raise RequestError(f"answers: responses.{key} is {name}, which cells.obs does not keep: add it there")
    named = (*COLUMNS, "separator", "suffix")
    return {"controls": sorted(columns.controls), **{key: getattr(columns, key) for key in named}}


STEP = Step(
    name="answers",
    title="find features that answer a perturbation",
    settings=AnswersSettings,
    version=2,
    work="tasks.analyses.answers.work:find_answers",
    tables=("perturbation_answer", "feature_answer", "answer_summary"),
    reads={"codes": SAME_LAYER, "describe": SAME_LAYER, "activations": WHOLE, "references": WHOLE, "cells": WHOLE},
    layers=layers_of("codes"),
    outside=outside,
    wanted=asked_for,
    how="set answers.wanted = true and responses.column",
    apart=frozenset({"wanted"}),
    on_device=False,
    seconds=20,
)
