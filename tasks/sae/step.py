"""Step ``sae``: one sparse autoencoder per layer, trained or taken from elsewhere."""

from functools import lru_cache
from pathlib import Path

from tasks.sae.layouts.files import recognise
from tasks.sae.settings import SaeSettings
from tasks.section import Sections
from tasks.step import WHOLE, Figures, Layer, Layers, Step, choose_layers
from tasks.store import RequestError, sha256_once

MACHINE = frozenset({"memory_gb", "devices"})  # where and with how much memory, never what
APART = frozenset({"layers", "path", "path_model", "checkpoint_steps"}) | MACHINE  # they change no autoencoder


def layers(settings: SaeSettings, known: Layers) -> list[Layer]:
    """Layers of the model that get an autoencoder. Raises RequestError if several would take one folder."""
    chosen = choose_layers("sae.layers", settings.layers, known.model)
    if settings.path is not None and len({settings.folder(layer) for layer in chosen}) < len(chosen):
        named = ", ".join(map(str, chosen))
        raise RequestError(f"sae.path: {settings.path} is one folder for layers {named}: put {{layer}} in it")
    return [*chosen]


def outside(sections: Sections, layer: Layer) -> dict[str, object]:
    """The files of an autoencoder that is taken from elsewhere.

    Raises RequestError for a folder that holds none, and for one of another place or layer: cells and activations take
    long, and such a folder would be refused after them.
    """
    folder = None if layer is None else sections.of(SaeSettings).folder(layer)
    if layer is None or folder is None:
        return {}
    found = recognise(folder)
    hashes = sha256_once(found.weights), sha256_once(found.beside)
    _check_once(folder, layer, hashes)
    return {"taken": [*hashes]}


@lru_cache(maxsize=256)
def _check_once(folder: Path, layer: int, _hashes: tuple[str, str]) -> None:
    from tasks.sae.taken import read_taken  # noqa: PLC0415 - it needs torch, which a list of steps does without

    read_taken(folder, layer)


STEP = Step(
    name="sae",
    title="train sparse autoencoders",
    settings=SaeSettings,
    version=6,
    work="tasks.sae.work:train_layer",
    tables=("sae", "sae_metric", "sae_density"),
    reads={"activations": WHOLE, "model": WHOLE, "cells": WHOLE},
    layers=layers,
    outside=outside,
    apart=APART,
    figures=Figures("sae", ("sae_id", "fvu", "l0", "n_dead", "loss_recovered")),
    seconds=16,
)
