"""Sparse autoencoders: variants, training, metrics on held-out cells, trained ones on disk."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tasks.sae.codes import SparseCodes
    from tasks.sae.layouts.load import load_sae
    from tasks.sae.layouts.saelens import save_sae
    from tasks.sae.sae import Sae

__all__ = ["Sae", "SparseCodes", "load_sae", "save_sae"]

_HOMES = {
    "Sae": "sae",
    "SparseCodes": "codes",
    "load_sae": "layouts.load",
    "save_sae": "layouts.saelens",
}


def __getattr__(name: str) -> object:
    """Import what needs torch only when it is asked for: reading a study's settings stays quick."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    member: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return member
