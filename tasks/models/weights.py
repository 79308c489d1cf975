"""Weights from files of others: copied in only if every name, shape and kind of number is right, and none twice."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import Module

from tasks.store import RequestError, content_key, sha256_once

KINDS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)  # others need scales that lie elsewhere
WRAPPERS = re.compile(r"^(?:module\.|_orig_mod\.|model\.)+")  # of data parallelism, compilation and Lightning


def named_tensors(weights: object, path: Path, what: str) -> dict[str, Tensor]:
    """The same object, if it is a dictionary of tensors. Raises RequestError if it is not."""
    if not isinstance(weights, dict) or not all(isinstance(weight, Tensor) for weight in weights.values()):
        raise RequestError(f"{path} holds no tensors by name: it is no {what}")
    return weights


def unwrapped(given: Mapping[str, Tensor], path: Path) -> dict[str, Tensor]:
    """Weights without what wrappers put before the names of a whole model. Raises RequestError for a name twice."""
    return renamed(given, lambda name: WRAPPERS.sub("", name), path)


def renamed(given: Mapping[str, Tensor], rename: Callable[[str], str], path: Path) -> dict[str, Tensor]:
    """Weights under the names that ``rename`` makes. Raises RequestError if it makes one name of two."""
    found: dict[str, Tensor] = {}
    before: dict[str, str] = {}
    for name, weight in given.items():
        plain = rename(name)
        if plain in found:
            raise RequestError(f"{path} holds both {before[plain]} and {name}, which are one weight: which is meant?")
        found[plain], before[plain] = weight, name
    return found


def load_strictly(module: Module, given: Mapping[str, Tensor], path: Path, what: str, says: str) -> None:
    """Make ``given`` the weights of a module; every name and every shape must be the module's own.

    ``what`` it should be, and the file that ``says`` so, stand in the RequestError. Weights of a module on the ``meta``
    device are taken, not copied. Names that share one weight in the module must be given the same numbers.
    """
    wanted = dict(module.state_dict(keep_vars=True))
    refuse(path, "lacks", sorted(wanted.keys() - given.keys()), what)
    refuse(path, "holds the unknown", sorted(given.keys() - wanted.keys()), what)
    held: dict[int, str] = {}
    for name, parameter in wanted.items():
        check_numbers(path, name, given[name])
        if given[name].shape != parameter.shape:
            raise RequestError(f"{path}: {name} is {tuple(given[name].shape)}, {says} says {tuple(parameter.shape)}")
        twin = held.setdefault(id(parameter), name)
        if not same(given[twin], given[name]):
            raise RequestError(f"{path}: {twin} and {name} differ, and are one weight of a {what}")
    on_meta = any(parameter.is_meta for parameter in module.parameters())
    module.load_state_dict(dict(given), assign=on_meta)


def same(one: Tensor, other: Tensor) -> bool:
    """Whether two tensors hold the same numbers in the same precision."""
    return one is other or (one.dtype == other.dtype and torch.equal(one, other))


def check_numbers(path: Path, name: str, weight: Tensor) -> None:
    """Raise RequestError for a weight that is quantised, or not finite."""
    if weight.dtype not in KINDS:
        kind = str(weight.dtype).removeprefix("torch.")
        raise RequestError(f"{path}: {name} is {kind}: give the weights as float32, float16 or bfloat16")
    if not torch.isfinite(weight).all():
        raise RequestError(f"{path}: {name} holds values that are not finite: the file is damaged or training diverged")


def refuse(path: Path, complaint: str, names: list[str], what: str) -> None:
    """Raise RequestError if there are names to complain of."""
    if names:
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        raise RequestError(f"{path} {complaint} weight {names[0]}{more}: it is no {what}")


def ready(module: Module, device: str) -> None:
    """Evaluation mode, float32, frozen weights, on ``device``."""
    Module.to(module, device=device, dtype=torch.float32).train(False).requires_grad_(False)


def hash_of(files: list[Path]) -> str:
    """SHA-256 of one file of weights; a key of the SHA-256 of each, if there are several."""
    hashes = [sha256_once(file) for file in files]
    return hashes[0] if len(hashes) == 1 else content_key(hashes)
