"""The directions of one autoencoder that are compared with others."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.activations.reader import ActivationReader
from tasks.analyses.tracking.chance import Chance
from tasks.sae import Sae, load_sae
from tasks.store import StepFolder

SAMPLE = 65_536  # positions on which a feature of an autoencoder without codes must fire to be living
ALIKE = ("variant", "n_features", "k", "sparsity")


@dataclass(frozen=True)
class Dictionary:
    """Unit directions float32 [n, d] of ``features`` int64 [n], ascending, of one autoencoder."""

    sae_id: str
    layer: int
    features: NDArray[np.int64]
    unit: NDArray[np.float32]

    @property
    def n(self) -> int:
        """Number of directions."""
        return len(self.features)

    @cached_property
    def chance(self) -> Chance | None:
        """Random dictionaries of equal size and covariance; None if there is no direction."""
        return Chance(self.unit) if self.n else None


@dataclass(frozen=True)
class Layered:
    """What tracking knows of one layer: its living features, those that fire often enough, and other seeds' living."""

    living: Dictionary
    usable: Dictionary
    others: list[Dictionary]


def read_layer(sae: Path, describe: Path, compare: Path | None, activations: Path) -> Layered:
    """Directions of the study's autoencoder and of those that differ from it in their seed alone."""
    model = load_sae(sae)
    features = StepFolder.open(describe).read_table("feature")
    alive = features.filter("alive")["feature"].to_numpy()
    usable = features.filter(pl.col("tier").is_in(["normal", "dense"]))["feature"].to_numpy()
    others = [] if compare is None else _other_seeds(sae, compare)
    return Layered(
        dictionary(model, alive), dictionary(model, usable), [_living(other, activations) for other in others]
    )


def dictionary(sae: Sae, features: NDArray[np.integer]) -> Dictionary:
    """The directions of some features at unit norm."""
    rows = np.sort(features.astype(np.int64))
    directions = sae.W_dec.double().cpu().numpy()[rows]
    norms = np.linalg.norm(directions, axis=1, keepdims=True)
    unit = directions / np.maximum(norms, np.finfo(np.float32).tiny)
    return Dictionary(sae.sae_id, sae.layer, rows, unit.astype(np.float32))


def _other_seeds(sae: Path, compare: Path) -> list[Sae]:
    own = StepFolder.open(sae).read_table("sae").select(*ALIKE, "seed").row(0, named=True)
    trained = StepFolder.open(compare).read_table("sae").filter(pl.col("seed") != own["seed"])
    alike = trained.filter(pl.all_horizontal(pl.col(name).eq_missing(pl.lit(own[name])) for name in ALIKE))
    return [load_sae(compare / name) for name in alike.sort("seed")["sae_id"]]


def _living(sae: Sae, activations: Path) -> Dictionary:
    """Features that fire among the first positions: nobody has encoded the others for this autoencoder."""
    reader = ActivationReader(activations)
    fires, seen = np.zeros(sae.n_features, dtype=np.int64), 0
    for unit in reader.spans():
        states = reader.states(sae.layer, unit)[: SAMPLE - seen].float()
        fires += sae.encode(states).fire_counts(sae.n_features).numpy()
        seen += len(states)
        if seen == SAMPLE:
            break
    return dictionary(sae, np.flatnonzero(fires))
