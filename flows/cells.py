"""Step 1: choose cells, find their raw counts and genes, tokenise."""

from pathlib import Path

from prefect import flow

from flows import inputs
from flows.common import StudyLike, prepare
from tasks.cells.step import choose_cells
from tasks.models.settings import MINI


@flow(name="scfm-cells")
def cells(study: StudyLike) -> list[Path]:
    """Run the step; returns its folder."""
    loaded, plan = prepare(study, "cells")
    model = loaded.model
    vocabulary = loaded.vocabulary if model.path == MINI else inputs.model_directory(model)
    settings = loaded.cells.model_copy(update={"path": str(inputs.cells_path(loaded))})
    return [choose_cells(settings, vocabulary, plan.cells, model.own)]
