"""Step ``combine``: change several features at once, and hold what they do together against what each does alone."""

from collections.abc import Sequence

from tasks.combine.settings import CombineSettings
from tasks.step import EVERY_LAYER, WHOLE, Layer, Layers, Reads, Step, choose_layers
from tasks.store import RequestError


def layers(settings: CombineSettings, known: Layers) -> list[Layer]:
    """One folder for the whole study. Raises RequestError as ``choose_targets`` does, before anything is trained."""
    choose_layers("combine", settings.source_layers(), known.of("sae"))
    choose_layers("combine.target_layers", settings.target_layers, known.of("sae"))
    if wanted(settings):
        choose_targets(settings, known.of("sae"))
    return [None]


def choose_targets(settings: CombineSettings, available: list[int]) -> list[int]:
    """Layers that are read, ascending. Raises RequestError if one is missing, or a set has none deeper than itself."""
    read = available if settings.target_layers == "all" else list(settings.target_layers)
    missing = sorted(set(read) - set(available))
    if missing:
        raise RequestError(f"combine.target_layers: layer {missing[0]} has no autoencoder: add it to sae.layers")
    deepest = [max(member.layer for member in each.members) for each in settings.sets]
    deepest += [max(settings.layers)] if settings.drawn else []
    deepest += [max(settings.design.layers)] if settings.design else []
    if max(read) <= max(deepest):
        raise RequestError(
            f"combine changes a feature of layer {max(deepest)} and reads none deeper: train an autoencoder on a "
            f"later layer and read it"
        )
    return sorted(layer for layer in read if layer > min(deepest))


def wanted(settings: CombineSettings) -> bool:
    """Whether anything is combined."""
    return not settings.empty


def described_layers(settings: CombineSettings, _layer: Layer, _known: Sequence[Layer]) -> list[Layer]:
    """Layers of designed sets, whose terms and frequencies choose them."""
    return [*sorted(settings.design.layers)] if settings.design else []


STEP = Step(
    name="combine",
    title="change several features at once",
    settings=CombineSettings,
    version=1,
    work="tasks.combine.work:combine_features",
    tables=("combination", "combination_effect", "combination_stat", "combination_ratio", "combination_contrast"),
    reads={
        "sae": EVERY_LAYER,
        "model": WHOLE,
        "cells": WHOLE,
        "describe": Reads("layers of combine.design, if it is set", described_layers, added=True),
    },
    layers=layers,
    wanted=wanted,
    how="name sets of features under [[combine.sets]], set combine.drawn and combine.layers, or combine.design",
    seconds=11,
)
