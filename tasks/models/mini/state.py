"""A checkpoint of the training: weights, moments of the optimiser, curve, in one safetensors file."""

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from tasks.models.mini.curve import curve_from_tensor, curve_to_tensor
from tasks.models.mini.training import MiniTraining

WEIGHT, MOMENT, CURVE = "weight", "moment", "curve"


def save_state(training: MiniTraining, path: Path) -> None:
    """Write all that ``restore_state`` needs; tensors are named ``weight.NAME``, ``moment.NUMBER.NAME``, ``curve``."""
    state = {f"{WEIGHT}.{name}": weight.detach() for name, weight in training.adapter.model.named_parameters()}
    for number, moments in training.optimiser.state_dict()["state"].items():
        state |= {f"{MOMENT}.{number}.{name}": value for name, value in moments.items()}
    state[CURVE] = curve_to_tensor(training.curve)
    save_file({name: tensor.contiguous() for name, tensor in state.items()}, path)


def restore_state(training: MiniTraining, path: Path) -> None:
    """Put ``training`` where it was when the file was written."""
    state = load_file(path, device=training.adapter.device)
    with torch.no_grad():
        for name, weight in training.adapter.model.named_parameters():
            weight.copy_(state[f"{WEIGHT}.{name}"])
    document = training.optimiser.state_dict()
    document["state"] = _moments(state)
    training.optimiser.load_state_dict(document)
    training.curve = curve_from_tensor(state[CURVE])
    training.step = training.curve[-1].step


def _moments(state: dict[str, Tensor]) -> dict[int, dict[str, Any]]:
    """The optimiser's state by parameter number."""
    moments: dict[int, dict[str, Any]] = {}
    for key, value in state.items():
        kind, _, rest = key.partition(".")
        if kind == MOMENT:
            number, name = rest.split(".")
            moments.setdefault(int(number), {})[name] = value
    return moments
