"""Step folders with a planted truth for the describe step.

Every feature has its own dimension: W_enc and W_dec are the identity, so an activation is the code itself. Gene
``g`` is ``G<g>`` with token ``g + 4``; set ``i`` of the gene-set file holds genes 12 i … 12 i + 11.
"""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import torch
from safetensors.numpy import save_file

from tasks.codes.axes import Axes, make_axes
from tasks.codes.reader import Firings
from tasks.sae import Sae, save_sae
from tasks.store import StepFolder
from tests.builders.codes import write_codes
from tests.builders.references import read_references

SET_SIZE = 12
N_GENES, N_CELLS, PER_CELL = 240, 120, 80
N_FEATURES, N_PLANTED, K = 24, 8, 6
DEAD = N_FEATURES - 1
LAYER = 2
TYPES = ("T", "B", "unlabelled")


@dataclass(frozen=True)
class World:
    """Positions of all cells, their cell and gene, and the codes [N, N_FEATURES] that the activations carry.

    ``label``: a type for each cell, T, B and none by turns if there are none.
    """

    cell: np.ndarray
    gene: np.ndarray
    codes: np.ndarray
    label: tuple[str, ...] | None = None

    @property
    def axes(self) -> Axes:
        return make_axes(self.cell.astype(np.uint32), (self.gene + 4).astype(np.int32), gene_table())

    def firings(self, n_chunks: int = 3) -> list[Firings]:
        position, feature = np.nonzero(self.codes)
        value = self.codes[position, feature]
        edges = np.linspace(0, len(self.cell), n_chunks + 1).astype(int)
        parts = [(position >= low) & (position < high) for low, high in pairwise(edges)]
        return [Firings(position[m].astype(np.int32), feature[m].astype(np.int32), value[m]) for m in parts]


def make_world(planted: bool = True, seed: int = 0) -> World:
    """Feature i < N_PLANTED fires on the genes of set i, the even ones in T cells only; others fire anywhere."""
    rng = np.random.default_rng(seed)
    cell = np.repeat(np.arange(N_CELLS), PER_CELL)
    gene = np.concatenate([rng.choice(N_GENES, PER_CELL, replace=False) for _ in range(N_CELLS)])
    chance = np.full((cell.size, N_FEATURES), 0.08)
    if planted:
        own = gene[:, None] // SET_SIZE == np.arange(N_PLANTED)
        fits = (np.arange(N_PLANTED) % 2 == 1) | (cell[:, None] % 3 == 0)
        chance[:, :N_PLANTED] = np.where(own & fits, 0.9, 0.005)
    chance[:, DEAD] = 0
    fires = rng.random(chance.shape) < chance
    fires &= np.cumsum(fires, axis=1) <= K
    codes = np.where(fires, rng.integers(1, 40, chance.shape) / 8, 0).astype(np.float32)
    return World(cell, gene, codes)


def gene_table() -> pl.DataFrame:
    token = np.arange(N_GENES, dtype=np.int32) + 4
    names = [f"G{g}" for g in range(N_GENES)]
    measured = {"n_cells": [N_CELLS] * N_GENES, "mean_count": [1.0] * N_GENES, "matched_by": ["ensembl_id"] * N_GENES}
    return pl.DataFrame({"gene_id": [f"ENS{n}" for n in names], "symbol": names, "token_id": token, **measured})


def write_gene_sets(path: Path) -> Path:
    sets = [range(first, first + SET_SIZE) for first in range(0, N_GENES, SET_SIZE)]
    path.write_text("".join(f"set {i}\tplanted\t" + "\t".join(f"G{g}" for g in s) + "\n" for i, s in enumerate(sets)))
    return path


def identity_sae() -> Sae:
    matrices = {name: torch.eye(N_FEATURES) for name in ("W_enc", "W_dec")}
    biases = {name: torch.zeros(N_FEATURES) for name in ("b_enc", "b_dec")}
    return Sae(sae_id="L02-topk24-k6-abcdef", model_id="m", layer=LAYER, k=K, **matrices, **biases)


def write_inputs(root: Path, world: World, labels: bool = True) -> dict[str, Path]:
    """Finished step folders ``sae``, ``activations``, ``codes``, ``cells`` and ``references`` below ``root``."""
    folders = {name: root / f"{name}-0123456789abcdef" for name in ("sae", "activations", "codes", "cells")}
    with StepFolder.create(folders["sae"]) as out:
        with out.unit("sae") as unit:
            save_sae(identity_sae(), unit)
            l0 = float((world.codes > 0).sum(axis=1).mean())
            named = {"sae_id": identity_sae().sae_id, "model_id": "planted", "layer": LAYER, "variant": "topk"}
            judged = {"fvu": 0.0, "l0": l0, "n_dead": 1, "dead_fraction": 1 / N_FEATURES, "described": True}
            unit.table("sae", pl.DataFrame([{**named, "n_features": N_FEATURES, **judged}]))
        out.finish()
    _write_activations(folders["activations"], world)
    write_codes(folders["codes"], world.codes, layer=LAYER, sae_id=identity_sae().sae_id)
    lengths = np.bincount(world.cell)
    numbers = range(lengths.size)
    types = world.label or [TYPES[c % 3] for c in numbers]
    label = [types[c] if labels else None for c in numbers]
    cells = {"cell_id": numbers, "barcode": [f"CELL{c}" for c in numbers], "chosen": [True] * lengths.size}
    counted = dict.fromkeys(("n_counts", "n_genes", "n_tokens"), lengths)
    with StepFolder.create(folders["cells"]) as out:
        with out.unit("cells") as unit:
            unit.table("cell", pl.DataFrame({**cells, **counted, "label": label}))
            unit.table("gene", gene_table())
        out.finish()
    planted = write_gene_sets(root / "planted.gmt")
    return folders | {"references": read_references(root, folders["cells"], [planted])}


def _write_activations(folder: Path, world: World) -> None:
    edges = [0, int(np.searchsorted(world.cell, 50)), len(world.cell)]
    with StepFolder.create(folder) as out:
        for chunk, (low, high) in enumerate(pairwise(edges)):
            index = {
                "cell_id": world.cell[low:high].astype(np.uint32),
                "position": np.arange(low, high).astype(np.uint16),
                "token": (world.gene[low:high] + 4).astype(np.int32),
            }
            with out.unit(f"cells-{chunk:05d}") as unit:
                with unit.file(f"layer_{LAYER:02d}/cells-{chunk:05d}.safetensors") as path:
                    save_file({"hidden": world.codes[low:high].astype(np.float16)}, path)
                with unit.file(f"index/cells-{chunk:05d}.safetensors") as path:
                    save_file(index, path)
        out.finish(layers=[LAYER], d_model=N_FEATURES, n_positions=len(world.cell))
