"""Foundation models: Geneformer, scGPT, scFoundation, your own encoder, and a small stand-in trained on the spot."""

from importlib import import_module
from typing import TYPE_CHECKING

from tasks.vocabulary.vocabulary import Vocabulary

if TYPE_CHECKING:
    from tasks.models.adapter import Adapter, ModelInfo
    from tasks.models.load import load_adapter, load_prepared

__all__ = ["Adapter", "ModelInfo", "Vocabulary", "load_adapter", "load_prepared"]

_HOMES = {"Adapter": "adapter", "ModelInfo": "adapter", "load_adapter": "load", "load_prepared": "load"}


def __getattr__(name: str) -> object:
    """Import what needs torch only when it is asked for: reading a vocabulary stays quick."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    member: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return member
