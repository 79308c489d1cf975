"""What the model says of a cell: a profile of predictions over its vocabulary, and an embedding.

genes     the mean of the logits over the gene positions; every token is known
next      the same of logits of the token behind each gene
values    what is predicted for each gene of the cell; genes that it does not have are not known
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tasks.cells.reader import TokenizedCells
from tasks.interventions.readout import embedding
from tasks.models import Adapter
from tasks.models.batches import Asked, Batch, one_cell
from tasks.models.splice import run_spliced

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class States:
    """Of n cells: ``profiles`` [n, V], 0 where not ``known`` [n, V], and ``embeddings`` [n, e].

    V is 0 for a model that predicts nothing.
    """

    profiles: Floats
    known: Mask
    embeddings: Floats

    @classmethod
    def stack(cls, parts: list["States"]) -> "States":
        """States of several groups of cells, one after the other."""
        return cls(*(np.concatenate([getattr(one, name) for one in parts]) for name in cls.__annotations__))

    def rows(self, rows: NDArray[np.int64] | Mask) -> "States":
        """Those of some cells."""
        return States(self.profiles[rows], self.known[rows], self.embeddings[rows])


@torch.inference_mode()
def profile(adapter: Adapter, final: Tensor, cell: Batch) -> tuple[Floats, Mask]:
    """Predictions [V] from the last output [S, d] of a batch of one cell, and which are known [V]."""
    size = adapter.info.vocab_size
    if adapter.predicts == "nothing":
        return np.zeros(0), np.zeros(0, dtype=bool)
    genes = adapter.is_gene(cell.tokens[0]).nonzero().flatten()
    if adapter.predicts != "values":
        return adapter.mean_logits(final[genes]).double().cpu().numpy(), np.ones(size, dtype=bool)
    asked = Asked.of(cell, genes)
    tokens = asked.token.cpu().numpy()
    values, known = np.zeros(size), np.zeros(size, dtype=bool)
    values[tokens], known[tokens] = adapter.predict_asked(final[None], cell, asked).double().cpu().numpy(), True
    return values, known


def read_states(adapter: Adapter, finals: list[Tensor], cell: Batch) -> States:
    """States of copies of one cell, from their last outputs [S, d]."""
    found = [profile(adapter, final, cell) for final in finals]
    embeddings = [embedding(adapter, final, cell).double().cpu().numpy() for final in finals]
    return States(np.stack([one for one, _ in found]), np.stack([known for _, known in found]), np.stack(embeddings))


@torch.inference_mode()
def clean_states(adapter: Adapter, cells: TokenizedCells, rows: NDArray[np.int64]) -> States:
    """States of the cells in these rows, undisturbed."""
    parts = []
    for row in rows:
        cell = one_cell(cells, int(row)).to(adapter.device)
        final = run_spliced(adapter, cell, adapter.is_gene(cell.tokens), None)[0]
        parts.append(read_states(adapter, [final], cell))
    return States.stack(parts)
