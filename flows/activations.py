"""Step 3: run the model once over all cells and keep the outputs of the chosen layers."""

from pathlib import Path

from prefect import flow

from flows.common import StudyLike, prepare
from tasks.activations.step import extract_activations


@flow(name="scfm-activations")
def activations(study: StudyLike) -> list[Path]:
    """Run the step; returns its folder."""
    loaded, plan = prepare(study, "activations")
    return [extract_activations(loaded.activations, plan.model, plan.cells, plan.activations, plan.device)]
