"""Reading files of weights that come from outside, without letting one run anything."""

import pickle
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from tasks.store import RequestError


def read_weights(path: Path, what: str) -> dict[str, Tensor]:
    """Tensors by name: a safetensors file by its suffix, else what torch saved.

    Raises RequestError if the file cannot be read, holds anything else, or is no ``what``.
    """
    weights = _read(path)
    if not isinstance(weights, dict) or not all(isinstance(weight, Tensor) for weight in weights.values()):
        raise RequestError(f"{path} holds no tensors by name: it is no {what}")
    return weights


def read_saved(path: Path) -> object:
    """What torch saved: tensors, numbers and text, in lists and dictionaries.

    Raises RequestError if the file cannot be read or holds anything that would have to be run.
    """
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        raise RequestError(f"{path} holds more than tensors: it was not read further, fetch it anew") from None
    except (OSError, RuntimeError, EOFError, ValueError) as error:
        raise _unreadable(path, error) from None


def _read(path: Path) -> object:
    if path.suffix != ".safetensors":
        return read_saved(path)
    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: Exception) -> RequestError:
    return RequestError(f"{path} cannot be read ({str(error).splitlines()[0]}): fetch it anew")
