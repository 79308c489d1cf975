"""What every layout's files are held against before a number of them is used."""

from pathlib import Path
from typing import TypeVar

import torch
from pydantic import BaseModel, ValidationError
from torch import Tensor

from tasks.store import RequestError
from tasks.vocabulary.files import read_json_dictionary

Shapes = dict[str, tuple[int, ...]]
Config = TypeVar("Config", bound=BaseModel)


def read_config(path: Path, form: type[Config]) -> Config:
    """A JSON file as ``form``. Raises RequestError that names the first field with a value that is not read."""
    try:
        return form.model_validate(read_json_dictionary(path))
    except ValidationError as error:
        raise refusal(path, error) from None


def refusal(path: Path, error: ValidationError) -> RequestError:
    """The first problem of a file's fields, in one line."""
    first = error.errors()[0]
    field = ".".join(map(str, first["loc"])) or "the file"
    return RequestError(f"{path}: {field}: {first['msg']}: an autoencoder of this form is not read")


def checked(path: Path, found: dict[str, Tensor], shapes: Shapes, may_lack: tuple[str, ...] = ()) -> dict[str, Tensor]:
    """The tensors that ``shapes`` names, in float32, in the order it names them.

    Raises RequestError for a missing or unknown name, another shape, and values that are not finite.
    """
    if unknown := sorted(set(found) - set(shapes)):
        raise RequestError(f"{path} holds the unknown {unknown[0]}: its weights are {', '.join(shapes)}")
    for name, shape in shapes.items():
        if name in found:
            _check_tensor(f"{path}: {name}", found[name], shape)
        elif name not in may_lack:
            raise RequestError(f"{path} lacks {name}: its weights are {', '.join(shapes)}")
    return {name: found[name].float() for name in shapes if name in found}


def check_k(path: Path, k: int, n_features: int) -> int:
    """``k``. Raises RequestError if a position cannot have as many active features."""
    if not 1 <= k <= n_features:
        raise RequestError(f"{path}: k is {k}, but there are {n_features} features: the file is damaged")
    return k


def _check_tensor(what: str, tensor: Tensor, shape: tuple[int, ...]) -> None:
    if tuple(tensor.shape) != shape:
        raise RequestError(f"{what} has shape {list(tensor.shape)} instead of {list(shape)}: the files do not fit")
    if not torch.isfinite(tensor).all():
        raise RequestError(f"{what} holds values that are not finite: the file is damaged or training diverged")
