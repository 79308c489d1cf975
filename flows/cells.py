"""Step 1: choose cells, find their raw counts and genes, tokenise."""

from pathlib import Path

from prefect import flow

from flows import inputs
from flows.common import StudyLike, prepare
from tasks.cells.step import choose_cells


@flow(name="scfm-cells")
def cells(study: StudyLike) -> list[Path]:
    """Run the step; returns its folder."""
    loaded, plan = prepare(study, "cells")
    vocabulary = loaded.vocabulary if loaded.model.path == inputs.MINI else Path(loaded.model.path)
    settings = loaded.cells.model_copy(update={"path": str(inputs.cells_path(loaded))})
    return [choose_cells(settings, vocabulary, plan.cells)]
