"""Batches whose truth is known: as points, and as cells of a linear model whose features of batches can be taken out.

``BatchWorld``: the state at a position is the gene's row of a table, and the embedding of a cell is the mean of these
states. Axes 0 to 2 are those of three types, axes 3 and 4 those of two batches, all others vary without meaning. A
feature reads one axis, so taking features 3 and 4 out of every gene leaves an embedding without batches, exactly.
"""

from dataclasses import dataclass

import numpy as np
import torch

from tasks.analyses.integration.evidence import Sample
from tasks.analyses.shift.roles import Roles
from tasks.models.batches import Batch
from tasks.sae import Sae
from tests.builders.linear_head import D, LinearHead, orthonormal_sae

TYPES, BATCHES = ("A", "B", "C"), ("a", "b")
TYPE_AXES, BATCH_AXES = (0, 1, 2), (3, 4)
OF_EACH, FIRST = 12, 4  # genes of every axis, and the first gene's token
TYPE_GENES, BATCH_GENES, OTHER_GENES = 5, 5, 16  # of a cell


@dataclass(frozen=True)
class BatchWorld:
    """A model, an autoencoder of its layer, and cells of ``label`` [n] and ``batch`` [n], as batches of one."""

    model: LinearHead
    sae: Sae
    cells: list[Batch]
    label: np.ndarray
    batch: np.ndarray

    @property
    def activity(self) -> np.ndarray:
        """Mean activation of every feature in every cell: [n, D]."""
        return np.stack([self.model.embed(cell)[0].clamp_min(0).mean(0).double().numpy() for cell in self.cells])

    @property
    def sample(self) -> Sample:
        """The cells, and as what they were before any model: their undisturbed embedding."""
        label, batch = (np.unique(names, return_inverse=True)[1].astype(np.int64) for names in (self.label, self.batch))
        return Sample(label, batch, np.stack([self.embedding(cell) for cell in self.cells]))

    def embedding(self, cell: Batch) -> np.ndarray:
        """Of the undisturbed cell: [D]."""
        return self.model.embed(cell)[0].mean(0).double().numpy()

    def roles(self, chooses: np.ndarray, reference: np.ndarray | None = None) -> Roles:
        """Roles of the cells, of which a mask chooses features."""
        everyone = np.ones(len(self.cells), dtype=bool) if reference is None else reference
        ids = np.arange(len(self.cells), dtype=np.uint32)
        return Roles(ids, self.label, self.batch, everyone, ~chooses, chooses & everyone)


def batch_world(n_cells: int = 240, strength: float = 3.0, seed: int = 0) -> BatchWorld:
    """``strength`` of batches beside types, which have 3."""
    rng = np.random.default_rng([seed, 70])
    generator = torch.Generator().manual_seed(seed)
    table = torch.zeros(FIRST + OF_EACH * D, D)
    for axis in range(D):
        genes = slice(FIRST + axis * OF_EACH, FIRST + (axis + 1) * OF_EACH)
        size = 3.0 if axis in TYPE_AXES else strength if axis in BATCH_AXES else 2.0
        table[genes, axis] = size * (0.75 + 0.5 * torch.rand(OF_EACH, generator=generator))
    nothing = torch.zeros_like(table)
    label, batch = np.arange(n_cells) % 3, np.arange(n_cells) // 3 % 2
    cells = []
    for kind, group in zip(label, batch, strict=True):
        own = (_genes(rng, TYPE_AXES[kind], TYPE_GENES), _genes(rng, BATCH_AXES[group], BATCH_GENES))
        others = FIRST + OF_EACH * 5 + rng.choice(OF_EACH * (D - 5), OTHER_GENES, replace=False)
        cells.append(Batch.of(torch.from_numpy(np.concatenate([*own, others]))))
    names = np.array(TYPES, dtype=object)[label], np.array(BATCHES, dtype=object)[batch]
    return BatchWorld(LinearHead(table, nothing, table), orthonormal_sae(), cells, *names)


def _genes(rng: np.random.Generator, axis: int, n: int) -> np.ndarray:
    return FIRST + axis * OF_EACH + rng.choice(OF_EACH, n, replace=False)


def batch_points(
    n_cells: int = 240,
    n_batches: int = 2,
    strength: float = 1.0,
    types: float = 4.0,
    n_axes: int = 6,
    seed: int = 0,
) -> tuple[np.ndarray, Sample]:
    """Points [n, n_axes] of three types and some batches: centres ``types`` and ``strength`` apart, noise of sd 1.

    Centres are the same for every seed; ``before`` has batches at strength 3.
    """
    fixed = np.random.default_rng(123)
    of_type, of_batch = fixed.normal(size=(3, n_axes)), fixed.normal(size=(n_batches, n_axes))
    of_type, of_batch = (own / np.linalg.norm(own, axis=1, keepdims=True) for own in (of_type, of_batch))
    rng = np.random.default_rng([seed, 71])
    label, batch = rng.integers(3, size=n_cells), rng.integers(n_batches, size=n_cells)
    label[:3], batch[:n_batches] = np.arange(3), np.arange(n_batches)
    noise = rng.normal(size=(n_cells, n_axes))
    points = types * of_type[label] + strength * of_batch[batch] + noise
    before = types * of_type[label] + 3.0 * of_batch[batch] + noise
    return points, Sample(label.astype(np.int64), batch.astype(np.int64), before)
