"""Step ``activations``: run the model once over all cells and keep the outputs of the chosen layers."""

from tasks.activations.settings import ActivationsSettings
from tasks.step import WHOLE, Step

STEP = Step(
    name="activations",
    title="extract activations",
    settings=ActivationsSettings,
    version=1,
    work="tasks.activations.work:extract_activations",
    tables=(),
    reads={"model": WHOLE, "cells": WHOLE},
    seconds=15,
)
