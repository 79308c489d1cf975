"""Weights from files of others: read without running anything, and copied in only if every name and shape is right."""

import pickle
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import Module

from tasks.store import RequestError

DAMAGED = (SafetensorError, OSError, RuntimeError, EOFError, ValueError, KeyError)


def read_weights(path: Path, what: str) -> dict[str, Tensor]:
    """Tensors by name, of a safetensors file or a pickle. Raises RequestError for a file that is no ``what``."""
    weights = _read_safetensors(path) if path.suffix == ".safetensors" else read_saved(path)
    return named_tensors(weights, path, what)


def named_tensors(weights: object, path: Path, what: str) -> dict[str, Tensor]:
    """The same object, if it is a dictionary of tensors. Raises RequestError if it is not."""
    if not isinstance(weights, dict) or not all(isinstance(weight, Tensor) for weight in weights.values()):
        raise RequestError(f"{path} holds no tensors by name: it is no {what}")
    return weights


def read_saved(path: Path) -> object:
    """What ``torch.save`` wrote: tensors in plain containers, on the CPU, mapped from the file where that can be.

    Raises RequestError for a file that cannot be read, or that holds anything else; nothing in it is run.
    """
    try:
        found: object = torch.load(path, map_location="cpu", weights_only=True, mmap=_is_archive(path))
    except pickle.UnpicklingError:
        raise RequestError(f"{path} holds more than tensors: it was not read further, fetch it anew") from None
    except DAMAGED as error:
        raise RequestError(f"{path} cannot be read ({_first_line(error)}): fetch it anew") from None
    return found


def load_strictly(module: Module, given: Mapping[str, Tensor], path: Path, what: str, says: str) -> None:
    """Make ``given`` the weights of a module; every name and every shape must be the module's own.

    ``what`` it should be, and the file that ``says`` so, stand in the RequestError. Weights of a module on the ``meta``
    device are taken, not copied.
    """
    wanted = {name: parameter.shape for name, parameter in module.state_dict().items()}
    refuse(path, "lacks", sorted(wanted.keys() - given.keys()), what)
    refuse(path, "holds the unknown", sorted(given.keys() - wanted.keys()), what)
    for name, shape in wanted.items():
        if given[name].shape != shape:
            raise RequestError(f"{path}: {name} is {tuple(given[name].shape)}, {says} says {tuple(shape)}")
    on_meta = any(parameter.is_meta for parameter in module.parameters())
    module.load_state_dict(dict(given), assign=on_meta)


def refuse(path: Path, complaint: str, names: list[str], what: str) -> None:
    """Raise RequestError if there are names to complain of."""
    if names:
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        raise RequestError(f"{path} {complaint} weight {names[0]}{more}: it is no {what}")


def ready(module: Module, device: str) -> None:
    """Evaluation mode, float32, frozen weights, on ``device``."""
    Module.to(module, device=device, dtype=torch.float32).train(False).requires_grad_(False)


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except DAMAGED as error:
        raise RequestError(f"{path} cannot be read ({_first_line(error)}): fetch it anew") from None


def _is_archive(path: Path) -> bool:
    """Whether the file is a zip archive, as PyTorch has written since 1.6; older ones cannot be mapped."""
    try:
        with path.open("rb") as file:
            return file.read(2) == b"PK"
    except FileNotFoundError:
        raise RequestError(f"{path.parent} lacks {path.name}: give a complete model directory") from None


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
