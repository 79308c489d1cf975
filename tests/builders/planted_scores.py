"""Cells of two labels in a linear model, and an autoencoder with a feature that leads from one label to the other.

Cells of the label have genes of the first half of the vocabulary three times as often as others do. These genes lie
farther along axis ALONG, and the head reads that axis for them: adding to it makes any cell more like the label in its
embedding, in its mean logits, and in the logits of these genes. Axis ASIDE means nothing. Features are axes.
"""

from dataclasses import dataclass

import numpy as np
import torch

from tasks.interventions.bank import Bank, Markers, Times, fit_bank
from tasks.interventions.states import States, read_states
from tasks.models.adapter import run_blocks
from tasks.models.batches import Batch
from tests.builders.linear_head import D, LinearHead

N_GENES, LENGTH, N_FIT, N_MORE, N_MARKERS, ALONG, ASIDE = 40, 16, 80, 20, 15, 2, 7
READOUTS = ("signature_centred", "marker", "probability")


@dataclass(frozen=True)
class World:
    """A model, cells of which half have the label, and states of those that scores learn from."""

    model: LinearHead
    cells: list[Batch]
    label: np.ndarray
    states: States
    present: np.ndarray

    @property
    def others(self) -> list[int]:
        """Cells without the label that nothing is learnt from."""
        return [cell for cell in range(N_FIT, len(self.cells)) if not self.label[cell]]


def build(seed: int) -> World:
    """The first N_FIT cells are to be learnt from; of N_MORE, those without the label (``others``) can be changed."""
    generator, rng = torch.Generator().manual_seed(seed), np.random.default_rng(seed)
    embedding, context, head = (0.5 * torch.randn(N_GENES + 4, D, generator=generator) for _ in range(3))
    first = torch.arange(4, 4 + N_GENES // 2)
    embedding[:, (ALONG, ASIDE)] += 2.0  # active at nearly all positions
    embedding[first, ALONG] += 1.5
    head[:, ALONG] = 0.0
    head[first, ALONG] = 1.0
    model = LinearHead(embedding, context, head)
    label = np.arange(N_FIT + N_MORE) % 2 == 0
    weights = np.where(np.arange(N_GENES) < N_GENES // 2, 3.0, 1.0)
    cells = []
    for own in label:
        p = (weights if own else weights[::-1]) / weights.sum()
        cells.append(Batch.of(torch.from_numpy(4 + rng.choice(N_GENES, LENGTH, replace=False, p=p))))
    states = States.stack([clean(model, one) for one in cells[:N_FIT]])
    present = np.zeros((N_FIT, N_GENES + 4), dtype=bool)
    for row, one in enumerate(cells[:N_FIT]):
        present[row, one.tokens[0].numpy()] = True
    return World(model, cells, label, states, present)


def clean(model: LinearHead, cell: Batch) -> States:
    """States of one cell."""
    return read_states(model, [run_blocks(model, model.embed(cell), 0, 1)[0]], cell)


def learn(world: World, label: np.ndarray, n_shuffles: int, seed: int) -> Bank:
    """The three read-outs of a label [N_FIT], and of as many exchanged ones."""
    donor = np.zeros(N_FIT, dtype=np.int64)
    times = Times.shuffled(label.astype(float), ~label, label, donor, n_shuffles, [seed, 11])
    genes = np.arange(4, 4 + N_GENES)
    markers = Markers.telling(world.present, times.late, times.early, genes, N_MARKERS)
    return fit_bank(world.states, times, READOUTS, markers, 50)
