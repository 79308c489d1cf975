"""How often every feature fires: counts over all positions of an autoencoder, in a file beside its weights."""

from collections.abc import Iterable
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from tasks.sae.sae import Sae
from tasks.store import StepFolder, Unit

FIRES_FILE = "fires.safetensors"
DENSE_FREQUENCY = 0.1  # a feature that fires at more than this share of the positions is dense


@torch.no_grad()
def count_fires(sae: Sae, chunks: Iterable[Tensor]) -> Tensor:
    """Positions at which each feature is active, int64 [F], over all chunks [n, d] of raw activations."""
    fires = torch.zeros(sae.n_features, dtype=torch.long, device=sae.W_dec.device)
    for x in chunks:
        fires += sae.encode(x).fire_counts(sae.n_features)
    return fires


def save_fires(fires: Tensor, n_positions: int, unit: Unit) -> None:
    """Write the counts [F] over ``n_positions`` as a shard of ``unit``."""
    with unit.file(FIRES_FILE) as path:
        save_file({"fires": fires.cpu(), "n_positions": torch.tensor(n_positions)}, path)


def load_frequencies(folder: Path) -> Tensor:
    """Share of the positions at which each feature is active, float64 [F], from the step folder of an autoencoder."""
    counts = load_file(StepFolder.open(folder).file(FIRES_FILE))
    return counts["fires"].double() / counts["n_positions"].double()
