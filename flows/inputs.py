"""What a study reads from outside, resolved and hashed, before anything runs."""

from dataclasses import asdict
from pathlib import Path

from flows.study import Study
from tasks.cells.sample import path as sample_path
from tasks.describe.settings import DescribeSettings
from tasks.models.hub import model_path
from tasks.models.settings import MINI, ModelSettings
from tasks.sae.layouts.files import recognise
from tasks.sae.settings import SaeSettings
from tasks.store import RequestError, content_key, sha256_once
from tasks.validate.references import reference_paths
from tasks.validate.settings import ValidateSettings
from tasks.vocabulary.directory import layout_of


def resolve_device(wanted: str) -> str:
    """``auto`` takes CUDA where there is a device. Raises RequestError for CUDA without one."""
    from tasks.models.device import cuda_available  # imports torch, which other commands do without

    if wanted == "cuda" and not cuda_available():
        raise RequestError('device = "cuda", but no CUDA device is visible here: set device = "cpu" or "auto"')
    return "cuda" if wanted != "cpu" and cuda_available() else "cpu"


def count_layers(model: ModelSettings) -> int:
    """Transformer blocks of the study's model, read from its settings or from what describes it in its directory."""
    if model.path == MINI:
        return model.mini.n_layers
    folder = model_directory(model)
    return layout_of(folder, model.own).n_layers(folder)


def cells_path(study: Study) -> Path:
    """The study's cell file; ``sample`` is the bundled one. Raises RequestError if it is not there."""
    path = sample_path("pbmc3k.h5ad") if study.cells.path == "sample" else Path(study.cells.path)
    return _existing(path, "cells.path", "give the path of an .h5ad file")


def cells_hash(study: Study) -> str:
    """SHA-256 of the cell file."""
    return sha256_once(cells_path(study))


def vocabulary_hash(study: Study) -> object:
    """What decides the vocabulary: the settings that build it, or the external model's own dictionaries."""
    if study.model.path == MINI:
        return study.vocabulary.model_dump(mode="json")
    folder = model_directory(study.model)
    return content_key(asdict(layout_of(folder, study.model.own).vocabulary(folder)))


def weights_hash(model: ModelSettings) -> str | None:
    """SHA-256 of what decides an external model's numbers, file by file; None for one that is trained here."""
    if model.path == MINI:
        return None
    folder = model_directory(model)
    return ":".join(map(sha256_once, layout_of(folder, model.own).weights(folder)))


def taken_hashes(settings: SaeSettings, layers: list[int]) -> dict[int, str | None]:
    """SHA-256 of the files of every layer's autoencoder that is taken from elsewhere; None for one trained here.

    Raises RequestError for a folder that holds none, and for one folder that several layers would take.
    """
    folders = {layer: folder for layer in layers if (folder := settings.folder(layer)) is not None}
    if len(set(folders.values())) < len(folders):
        named = ", ".join(map(str, layers))
        raise RequestError(f"sae.path: {settings.path} is one folder for layers {named}: put {{layer}} in it")
    files = {layer: recognise(folder) for layer, folder in folders.items()}
    hashes = {layer: f"{sha256_once(found.weights)}:{sha256_once(found.beside)}" for layer, found in files.items()}
    return {layer: hashes.get(layer) for layer in layers}


def gene_set_hashes(settings: DescribeSettings) -> dict[str, str]:
    """SHA-256 of every gene-set library, by the name it goes under."""
    return {name: _reference_hash("describe.gene_sets", path) for name, path in settings.gene_set_files().items()}


def reference_hashes(settings: ValidateSettings) -> dict[str, str]:
    """SHA-256 of every network and signature file that the circuits are held against."""
    return {name: _reference_hash("validate", path) for name, path in reference_paths(settings).items()}


def _reference_hash(key: str, path: Path) -> str:
    return sha256_once(_existing(path, key, "give the path of a .gmt file"))


def _existing(path: Path, key: str, remedy: str) -> Path:
    if not path.is_file():
        raise RequestError(f"{key}: no file at {path}: {remedy}")
    return path


def model_directory(model: ModelSettings) -> Path:
    """The directory of an external model, fetched if it is on the hub. Raises RequestError if there is none."""
    folder = model_path(model.path)
    if not folder.is_dir():
        raise RequestError(f'model.path: no directory at {folder}: give a model directory, or "{MINI}"')
    return folder
