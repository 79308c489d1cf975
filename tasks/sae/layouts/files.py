"""Which layout a trained autoencoder lies in: told by its files, before any is read."""

from os.path import lexists
from pathlib import Path
from typing import NamedTuple

from tasks.store import RequestError
from tasks.store.at_hand import at_hand
from tasks.vocabulary.files import opened

FOLDER = "sae"  # the autoencoder of a step folder lies in it


class Layout(NamedTuple):
    """A layout by the name it has in table ``sae``, its file of weights, and the file that belongs beside it."""

    name: str
    weights: str
    beside: str


SAELENS = Layout("saelens", "sae_weights.safetensors", "cfg.json")
LAYOUTS = (
    SAELENS,
    Layout("sparsify", "sae.safetensors", "cfg.json"),
    Layout("dictionary_learning", "ae.pt", "config.json"),
    Layout("bio_sae", "sae_final.pt", "activation_mean.npy"),
)


class Found(NamedTuple):
    """An autoencoder's layout and its two files."""

    layout: Layout
    weights: Path
    beside: Path


def recognise(folder: Path) -> Found:
    """The layout and the files of the autoencoder in ``folder``, or in the part of a step folder that holds it.

    Raises RequestError if there is no file of weights, more than one, or a file that is missing or not readable.
    """
    at_hand(folder)
    directory = folder / FOLDER if (folder / FOLDER).is_dir() else folder
    if directory.is_file():
        raise RequestError(f"{directory} is a file: give the folder that holds it and the file beside it")
    if not directory.is_dir():
        raise RequestError(f"there is no folder {directory}: give one that holds a trained autoencoder")
    held = [layout for layout in LAYOUTS if lexists(directory / layout.weights)]
    if not held:
        known = ", ".join(f"{layout.weights} ({layout.name})" for layout in LAYOUTS)
        raise RequestError(f"{directory} holds no autoencoder: its weights would be in one of {known}")
    if len(held) > 1:
        raise RequestError(f"{directory} holds both {held[0].weights} and {held[1].weights}: leave one in it")
    found = Found(held[0], directory / held[0].weights, directory / held[0].beside)
    opened(found.weights, "give the file of weights")
    opened(found.beside, f"it belongs to {found.weights.name}, copy both")
    return found
