"""Step ``combine``: change several features at once, and hold what they do together against what each does alone."""

from tasks.combine.settings import CombineSettings
from tasks.step import EVERY_LAYER, WHOLE, Layer, Layers, Step, choose_layers


def layers(settings: CombineSettings, known: Layers) -> list[Layer]:
    """One folder for the whole study. Raises RequestError for a layer without an autoencoder."""
    choose_layers("combine", settings.source_layers(), known.of("sae"))
    choose_layers("combine.target_layers", settings.target_layers, known.of("sae"))
    return [None]


def wanted(settings: CombineSettings) -> bool:
    """Whether anything is combined."""
    return not settings.empty


STEP = Step(
    name="combine",
    title="change several features at once",
    settings=CombineSettings,
    version=1,
    work="tasks.combine.work:combine_features",
    tables=("combination", "combination_effect", "combination_stat"),
    reads={"sae": EVERY_LAYER, "model": WHOLE, "cells": WHOLE},
    layers=layers,
    wanted=wanted,
    how="name sets of features under [[combine.sets]], or set combine.drawn and combine.layers",
    seconds=11,
)
