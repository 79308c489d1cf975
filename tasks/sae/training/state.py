"""A checkpoint of a training: weights, moments of the optimisers, curves, in one safetensors file."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from tasks.sae.training.trainee import Trainee
from tasks.sae.training.training import Training

SILENT = "silent"


def save_state(training: Training, path: Path) -> None:
    """Write all that ``restore_state`` needs: tensors NUMBER.KIND.WEIGHT, and the rest as JSON in the metadata."""
    tensors = {
        f"{number}.{name}": tensor
        for number, trainee in enumerate(training.trainees)
        for name, tensor in _tensors(trainee).items()
    }
    about = {"step": training.step, "trainees": [_about(trainee) for trainee in training.trainees]}
    kept = {name: tensor.cpu().contiguous() for name, tensor in tensors.items()}
    save_file(kept, path, metadata={"training": json.dumps(about)})


def restore_state(training: Training, path: Path) -> None:
    """Put ``training`` where it was when the file was written; it was started with the same settings."""
    with safe_open(path, framework="pt") as file:
        about = json.loads(file.metadata()["training"])
        for number, trainee in enumerate(training.trainees):
            _restore(trainee, _numbered(file, number), about["trainees"][number])
    training.step = about["step"]


def _numbered(file: Any, number: int) -> dict[str, Tensor]:  # noqa: ANN401 - safetensors' open file has no public type
    """Tensors of one autoencoder by KIND.WEIGHT."""
    prefix = f"{number}."
    wanted = [name for name in file.keys() if name.startswith(prefix)]  # noqa: SIM118 - the file is no dictionary
    return {name.removeprefix(prefix): file.get_tensor(name) for name in wanted}


def _tensors(trainee: Trainee) -> dict[str, Tensor]:
    found = {SILENT: trainee.silent}
    for name, weight in trainee.variant.weights.items():
        found[f"weight.{name}"] = weight
        found |= {f"{kind}.{name}": moment for kind, moment in trainee.optimiser.state[weight].items()}
    return found


def _about(trainee: Trainee) -> dict[str, Any]:
    return {
        "end": trainee.end,
        "patience": vars(trainee.patience),
        "numbers": trainee.variant.numbers,
        "curve": trainee.curve.points,
    }


def _restore(trainee: Trainee, tensors: dict[str, Tensor], about: dict[str, Any]) -> None:
    trainee.silent.copy_(tensors[SILENT])
    for name, weight in trainee.variant.weights.items():
        weight.copy_(tensors[f"weight.{name}"])
        kinds = [key.removesuffix(f".{name}") for key in tensors if key.endswith(f".{name}")]
        moments = {kind: tensors[f"{kind}.{name}"] for kind in kinds if kind != "weight"}
        trainee.optimiser.state[weight] = {kind: _like(weight, moment) for kind, moment in moments.items()}
    trainee.end = about["end"]
    trainee.patience.lowest, trainee.patience.idle = about["patience"]["lowest"], about["patience"]["idle"]
    trainee.variant.numbers.update(about["numbers"])
    trainee.curve.points = [(step, split, metric, value) for step, split, metric, value in about["curve"]]


def _like(weight: Tensor, moment: Tensor) -> Tensor:
    """A moment in the memory order of its weight, where the optimiser expects it; a count of steps as it is."""
    if moment.shape != weight.shape:
        return moment.to(weight.device)
    return torch.empty_like(weight).copy_(moment)
