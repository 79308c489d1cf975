"""Step ``model``: train a small stand-in, or take the model directory that the study names."""

from tasks.section import Sections
from tasks.step import WHOLE, Figures, Layer, Step
from tasks.store import sha256_once
from tasks.vocabulary.directory import given_directory, layout_of
from tasks.vocabulary.layouts.scfoundation import SCFOUNDATION
from tasks.vocabulary.layouts.scgpt import SCGPT
from tasks.vocabulary.model_settings import MINI, SCGPT_MINI, ModelSettings

DEMO_STEPS = 3500
SECONDS = {MINI: 250.0, SCGPT_MINI: 120.0}  # of so many steps


def outside(sections: Sections, _layer: Layer) -> dict[str, object]:
    """The bytes that decide an external model's numbers, file by file; of one that is trained here, which it is.

    Models that predict values are scored beside a baseline since this was added to their keys.
    """
    model = sections.of(ModelSettings)
    if model.trained_here:
        return {} if model.path == MINI else {"stand_in": model.path}
    folder = given_directory(model)
    layout = layout_of(folder, model.own)
    weights = {"weights": [sha256_once(path) for path in layout.weights(folder)]}
    return {**weights, "baseline": "values"} if layout in (SCGPT, SCFOUNDATION) else {**weights}


def seconds(settings: ModelSettings) -> float:
    """Training takes its time by the step; a model that lies there is read and scored."""
    return SECONDS[settings.path] * settings.mini.steps / DEMO_STEPS if settings.trained_here else 6.0


STEP = Step(
    name="model",
    title="train or load the model",
    settings=ModelSettings,
    version=2,
    work="tasks.models.work:prepare_model",
    tables=("model", "model_metric"),
    reads={"cells": WHOLE},
    outside=outside,
    apart=frozenset({"path"}),
    figures=Figures(
        "model", ("model_id", "n_parameters", "heldout_loss", "baseline_loss", "heldout_top1", "baseline_top1")
    ),
    seconds=seconds,
)
