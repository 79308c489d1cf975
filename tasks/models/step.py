"""Step ``model``: train the small stand-in model, or take the model directory that the study names."""

from tasks.section import Sections
from tasks.step import WHOLE, Figures, Layer, Step
from tasks.store import sha256_once
from tasks.vocabulary.directory import given_directory, layout_of
from tasks.vocabulary.model_settings import MINI, ModelSettings

DEMO_STEPS = 3500


def outside(sections: Sections, _layer: Layer) -> dict[str, object]:
    """The bytes that decide an external model's numbers, file by file; nothing for one that is trained here."""
    model = sections.of(ModelSettings)
    if model.path == MINI:
        return {}
    folder = given_directory(model)
    return {"weights": [sha256_once(path) for path in layout_of(folder, model.own).weights(folder)]}


def seconds(settings: ModelSettings) -> float:
    """Training takes its time by the step; a model that lies there is read and scored."""
    return 250 * settings.mini.steps / DEMO_STEPS if settings.path == MINI else 6.0


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
