"""Step 2: train the small stand-in model, or take the model directory that the study names."""

from pathlib import Path

from prefect import flow

from flows.common import StudyLike, prepare
from tasks.models.step import prepare_model


@flow(name="scfm-model")
def model(study: StudyLike) -> list[Path]:
    """Run the step; returns its folder."""
    loaded, plan = prepare(study, "model")
    return [prepare_model(loaded.model, plan.cells, plan.model, plan.device)]
