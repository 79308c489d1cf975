"""Step ``compare``: train other autoencoders of the same activations, to compare with those the study goes on with."""

from tasks.compare.settings import CompareSettings
from tasks.sae.settings import SaeSettings
from tasks.sae.step import APART
from tasks.section import Sections, chosen_settings
from tasks.step import SAME_LAYER, WHOLE, Figures, Layer, Layers, Step, choose_layers


def layers(settings: CompareSettings, known: Layers) -> list[Layer]:
    """Layers with an autoencoder on which others are compared."""
    return [*choose_layers("compare.layers", settings.layers, known.of("sae"))]


def outside(sections: Sections, _layer: Layer) -> dict[str, object]:
    """Settings that all autoencoders have in common unless a list of this section says otherwise."""
    return {"common": chosen_settings(sections.of(SaeSettings), APART)}


def wanted(settings: CompareSettings) -> bool:
    """Whether anything is compared."""
    return not settings.empty


STEP = Step(
    name="compare",
    title="train other autoencoders to compare with",
    settings=CompareSettings,
    version=4,
    work="tasks.compare.work:compare_layer",
    tables=("sae", "sae_metric", "sae_density", "sae_overlap", "feature_twin"),
    reads={"sae": SAME_LAYER, "activations": WHOLE, "model": WHOLE, "cells": WHOLE},
    layers=layers,
    outside=outside,
    wanted=wanted,
    how='name variants, expansions, ks, penalties or seeds, for instance compare.variants = ["topk", "gated"]',
    apart=frozenset({"layers"}),
    figures=Figures("sae", ("sae_id", "fvu", "l0", "n_dead", "loss_recovered")),
    seconds=5,
)
