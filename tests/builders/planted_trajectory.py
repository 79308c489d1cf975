"""A small random model, and cells on a planted trajectory: from genes of one programme to genes of another."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tasks.activations.settings import ActivationsSettings
from tasks.cells.reader import TokenizedCells
from tasks.codes.settings import CodesSettings
from tasks.sae import Sae
from tasks.sae.settings import SaeSettings
from tasks.store import StepFolder
from tasks.vocabulary.vocabulary import Vocabulary
from tests.builders.cells import write_cells
from tests.builders.models import tiny_geneformer, tiny_vocabulary
from tests.builders.steps import do_step

N_LAYERS, D_MODEL = 3, 32
SAE = SaeSettings(steps=60, batch=256, warmup=5, decay=10, splice_cells=4, expansion=2, k=6)


@dataclass(frozen=True)
class Trajectory:
    """Finished step folders of a random model, autoencoders of ``layers`` and cells; ``time`` of every cell [n]."""

    root: Path
    model: Path
    cells: Path
    activations: Path
    saes: dict[int, Path]
    codes: dict[int, Path]
    time: np.ndarray

    @property
    def reads(self) -> dict[str, Any]:
        """What step ``steering`` reads."""
        named = {"model": self.model, "cells": self.cells, "activations": self.activations}
        return {**named, "sae": self.saes, "codes": self.codes}


def trajectory_cells(vocabulary: Vocabulary, time: np.ndarray, n_genes: int, seed: int) -> TokenizedCells:
    """Cells of ``n_genes`` distinct genes each: of the late half of the vocabulary with probability t, else the early.

    Genes of a cell stand in random order, as if all were expressed alike.
    """
    rng = np.random.default_rng([seed, 1])
    genes = np.array(sorted(vocabulary.token_of.values()))
    early, late = np.array_split(genes, 2)
    cells = []
    for one in time:
        n_late = rng.binomial(n_genes, one)
        chosen = np.concatenate([rng.choice(late, n_late, False), rng.choice(early, n_genes - n_late, False)])
        cells.append([vocabulary.special["<cls>"], *rng.permutation(chosen), vocabulary.special["<eos>"]])
    offsets = np.arange(len(time) + 1, dtype=np.int64) * (n_genes + 2)
    return TokenizedCells(np.concatenate(cells).astype(np.int32), offsets, np.arange(len(time), dtype=np.uint32))


def obs_rows(key: str, numbers: np.ndarray) -> list[dict[str, Any]]:
    """Rows of table cell_obs; NaN is NULL."""
    return [
        {"cell_id": cell, "key": key, "value": None, "number": None if np.isnan(one) else float(one), "kind": "number"}
        for cell, one in enumerate(numbers)
    ]


def names(key: str, values: list[str]) -> list[dict[str, Any]]:
    """Rows of table cell_obs of a column of names."""
    return [
        {"cell_id": cell, "key": key, "value": one, "number": None, "kind": "category"}
        for cell, one in enumerate(values)
    ]


def plant_trajectory(
    root: Path, n_cells: int = 120, layers: tuple[int, ...] = (1, 2), seed: int = 0, sae: SaeSettings = SAE
) -> Trajectory:
    """Random weights throughout; only the cells follow the trajectory. Every third cell is held out."""
    time = np.random.default_rng([seed, 0]).uniform(size=n_cells)
    vocabulary = tiny_vocabulary()
    obs = obs_rows("pseudotime", time) + obs_rows("constant", np.ones(n_cells))
    obs += obs_rows("holes", np.where(time < 0.1, np.nan, time)) + names(
        "donor", ["d1", "d2", "d3", "d4"] * (n_cells // 4)
    )
    found = trajectory_cells(vocabulary, time, 16, seed)
    obs += names("batch", [f"b{1 + cell // 2 % 4}" for cell in range(n_cells)])  # each has cells of both labels
    cells = write_cells(root / "cells-1", found, vocabulary, heldout_every=3, obs=obs)
    model = root / "model-1"
    with StepFolder.create(model) as out:
        directory = tiny_geneformer(root / "tiny", n_layers=N_LAYERS, d_model=D_MODEL, seed=seed)
        out.finish(model_id="tiny", model_dir=str(directory), family="geneformer")
    activations = do_step("activations", ActivationsSettings(), root / "activations-1", model=model, cells=cells)
    saes = {layer: root / f"sae-{layer}" for layer in layers}
    codes = {}
    for layer, folder in saes.items():
        do_step("sae", sae, folder, layer=layer, activations=activations, model=model, cells=cells)
        codes[layer] = do_step(
            "codes", CodesSettings(), root / f"codes-{layer}", layer=layer, sae=folder, activations=activations
        )
    return Trajectory(root, model, cells, activations, saes, codes, time)


def always_on(directions: torch.Tensor, layer: int) -> Sae:
    """An autoencoder whose features [F, d] are active everywhere, at 1: turning one up adds its direction."""
    n_features, d_model = directions.shape
    tensors = {
        "W_enc": torch.zeros(d_model, n_features),
        "b_enc": torch.ones(n_features),
        "W_dec": directions,
        "b_dec": torch.zeros(d_model),
        "threshold": torch.zeros(n_features),
    }
    return Sae.of(tensors, None, sae_id=f"L{layer:02d}-on", model_id="tiny", layer=layer, variant="standard")
