"""Where tensors live."""

import torch

from tasks.store import RequestError


def cuda_available() -> bool:
    """Whether a CUDA device is visible."""
    return torch.cuda.is_available()


def sharing_devices(named: tuple[str, ...], device: str, key: str) -> list[str]:
    """The devices that a study's ``key`` names, or the study's own if it names none.

    Raises RequestError for one of another kind than the study's ``device``, or not there.
    """
    for each in named:
        kind, _, number = each.partition(":")
        if kind != device:
            raise RequestError(f"{key} names {each}, the study runs on {device}: name devices of that kind")
        if kind == "cuda" and int(number or 0) >= torch.cuda.device_count():
            raise RequestError(f"{key} names {each}, there are {torch.cuda.device_count()}: leave it out")
    return list(named) or [device]
