"""Cells of two sources whose states are sparse sums of known directions, and what autoencoders of them become.

Every cell has directions of its own that it uses most (Dirichlet weights), so its positions are alike. Sources either
use the same directions by the same law, or each has half of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import torch
from torch import Tensor

from tasks.analyses.cohort.judging import HeldOut, Judge
from tasks.analyses.cohort.sources import Cohort, Source, deal
from tasks.codes.axes import Axes
from tasks.describe.settings import DescribeSettings
from tasks.sae.positions import Positions
from tasks.sae.sae import Sae
from tasks.sae.settings import SaeSettings
from tests.builders.sae_training import seeded_start, train

D, N_ATOMS, ACTIVE, N_POSITIONS, NOISE = 16, 24, 2, 12, 0.05
NAMES = ("blood", "lung")


@dataclass(frozen=True)
class World:
    """``hidden`` float16 [N, d] of positions of cells ``cell_id`` [N]; ``atoms`` [A, d], the first half of blood."""

    hidden: Tensor
    cell_id: np.ndarray
    sources: list[Source]
    atoms: Tensor


def plant_cohorts(
    seed: int, *, equal: bool, n_train: Sequence[int] = (60, 60), n_heldout: Sequence[int] = (20, 20)
) -> World:
    rng = np.random.default_rng([seed, 73])
    atoms = rng.standard_normal((N_ATOMS, D))
    atoms /= np.linalg.norm(atoms, axis=1, keepdims=True)
    hidden, sources, first = [], [], 0
    for place, name in enumerate(NAMES):
        n_cells = n_train[place] + n_heldout[place]
        used = np.arange(N_ATOMS) if equal else np.split(np.arange(N_ATOMS), 2)[place]
        for _ in range(n_cells):
            liked = np.zeros(N_ATOMS)
            liked[used] = rng.dirichlet(np.full(len(used), 0.5))
            with np.errstate(divide="ignore"):
                drawn = np.log(liked) + rng.gumbel(size=(N_POSITIONS, N_ATOMS))  # the largest: drawn by weight
            chosen = np.argsort(drawn, axis=1)[:, -ACTIVE:]
            weights = np.zeros((N_POSITIONS, N_ATOMS))
            np.put_along_axis(weights, chosen, 0.5 + rng.random((N_POSITIONS, ACTIVE)), axis=1)
            hidden.append(weights @ atoms + NOISE * rng.standard_normal((N_POSITIONS, D)))
        cells = first + rng.permutation(n_cells)
        sources.append(Source(name, np.sort(cells[: n_train[place]]), np.sort(cells[n_train[place] :])))
        first += n_cells
    cell_id = np.repeat(np.arange(first), N_POSITIONS).astype(np.uint32)
    states = torch.from_numpy(np.concatenate(hidden)).half()
    return World(states, cell_id, sources, torch.from_numpy(atoms).float())


def judge_of(world: World) -> Judge:
    """A judge without gene sets: all tokens are one gene."""
    heldout = []
    for source in world.sources:
        rows = np.flatnonzero(np.isin(world.cell_id, source.heldout))
        cells, cell = np.unique(world.cell_id[rows], return_inverse=True)
        axes = Axes(cell, cells, np.zeros(len(rows), dtype=np.int64), ["g"], ["G"])
        heldout.append(HeldOut(source.name, rows, axes, []))
    return Judge(world.hidden, heldout, DescribeSettings(), 2, 0)


def trained_cohorts(
    world: World, common: SaeSettings, seeds: Sequence[int] = (0, 1, 2)
) -> tuple[list[tuple[Cohort, Sae]], pl.DataFrame]:
    """Every cohort with its autoencoder, and rows of table ``cohort`` without layer and sizes."""
    judge, made, rows = judge_of(world), [], []
    heldout = torch.from_numpy(np.concatenate([one.rows for one in judge.heldout]))
    for cohort in deal(world.sources, world.cell_id, seeds, 0):
        settings = common.model_copy(update={"seed": cohort.seed})
        positions = Positions(world.hidden, torch.from_numpy(cohort.rows), heldout)
        sae = train(seeded_start(settings, positions)[0], positions, settings).sae
        made.append((cohort, sae))
        rows += [{"cohort": cohort.name, "seed": cohort.seed, **row} for row in judge.judge(sae)]
    return made, pl.DataFrame(rows, infer_schema_length=None)
