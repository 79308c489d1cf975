"""From a model directory to an adapter, whatever the family."""

from collections.abc import Callable
from pathlib import Path

from tasks.models.adapter import Adapter
from tasks.models.families.geneformer import load_geneformer
from tasks.models.families.llama import load_llama
from tasks.models.families.own import load_own
from tasks.models.families.scfoundation import load_scfoundation
from tasks.models.families.scgpt import load_scgpt
from tasks.store.at_hand import at_hand
from tasks.vocabulary.directory import layout_of, model_directory, own_encoder
from tasks.vocabulary.own_settings import OwnEncoder

LOADERS: dict[str, Callable[[Path, str], Adapter]] = {
    "geneformer": load_geneformer,
    "llama": load_llama,
    "scgpt": load_scgpt,
    "scfoundation": load_scfoundation,
}


def load_adapter(model_dir: Path, device: str = "cpu", own: OwnEncoder | None = None) -> Adapter:
    """Load a model in evaluation mode, float32, with frozen weights; its files tell the family.

    ``own`` describes an encoder of no published family. Raises RequestError, in one line, for a missing file, an
    unknown or missing weight, a wrong shape, a pickle that wants to run something, or a vocabulary that does not fit.
    """
    family = layout_of(at_hand(model_dir), own).family
    return LOADERS[family](model_dir, device) if own is None else load_own(model_dir, own, device)


def load_prepared(folder: Path, device: str = "cpu") -> Adapter:
    """The model of a finished model step."""
    return load_adapter(model_directory(folder), device, own_encoder(folder))
