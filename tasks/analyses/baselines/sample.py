"""The cells on which features and baselines are described alike."""

from dataclasses import dataclass

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray
from torch import Tensor

from tasks.activations.reader import ActivationReader
from tasks.analyses.subspace.rows import parts
from tasks.cells.reader import CellsReader, TokenizedCells
from tasks.codes.axes import Axes, make_axes
from tasks.models.batches import take_cells
from tasks.sae.positions import Positions
from tasks.store import RequestError


@dataclass(frozen=True)
class Sample:
    """Some cells of a study: ``rows`` int64 [n] of the activations are theirs, ascending; ``axes`` number them anew.

    ``train`` and ``heldout`` int64 index ``rows``; ``labels`` and ``lengths`` (in tokens) [C] belong to
    ``axes.cell_id``. ``tokens`` are the cells as the model reads them, ``kept`` marks the n tokens that are rows.
    """

    rows: NDArray[np.int64]
    axes: Axes
    train: Tensor
    heldout: Tensor
    labels: list[str | None]
    lengths: NDArray[np.int64]
    tokens: TokenizedCells
    kept: NDArray[np.bool_]

    def positions(self, hidden: Tensor) -> Positions:
        """States [n, d] of the sample with its split."""
        return Positions(hidden, self.train.to(hidden.device), self.heldout.to(hidden.device))

    def states(self, activations: ActivationReader, layer: int) -> Tensor:
        """The model's own states float16 [n, d]."""
        return torch.cat([*parts(activations, layer, self.rows)])


def draw_sample(activations: ActivationReader, reader: CellsReader, n_cells: int | None, seed: int) -> Sample:
    """So many cells with kept positions, of training and held-out ones as many as their shares, at least one of each.

    Raises RequestError if there is no cell of one of the two.
    """
    index, cells = activations.index(), reader.cells()
    cells = cells.filter(pl.col("cell_id").is_in(np.unique(index.cell_id).tolist()))
    chosen = _draw(cells, n_cells, seed)
    rows = np.flatnonzero(np.isin(index.cell_id, chosen))
    cell_id = index.cell_id[rows]
    axes = make_axes(cell_id, index.token[rows], reader.genes())
    own = cells.filter(pl.col("cell_id").is_in(chosen.tolist())).sort("cell_id")
    in_train = np.isin(cell_id, own.filter(pl.col("split") == "train")["cell_id"].to_numpy())
    every = reader.tokens()
    tokens = take_cells(every, np.flatnonzero(np.isin(every.cell_id, chosen)))
    kept = np.zeros(len(tokens.tokens), dtype=bool)
    kept[tokens.offsets[np.searchsorted(tokens.cell_id, cell_id)] + index.position[rows]] = True
    train, heldout = (torch.from_numpy(np.flatnonzero(part)) for part in (in_train, ~in_train))
    labels, lengths = own["label"].to_list(), own["n_tokens"].to_numpy().astype(np.int64)
    return Sample(rows, axes, train, heldout, labels, lengths, tokens, kept)


def _draw(cells: pl.DataFrame, n_cells: int | None, seed: int) -> NDArray[np.uint32]:
    rng, drawn = np.random.default_rng(seed), []
    for split in ("train", "heldout"):
        own = cells.filter(pl.col("split") == split)["cell_id"].to_numpy()
        if not own.size:
            raise RequestError(f"no {split} cell has a kept position: choose more cells")
        n = own.size if n_cells is None else max(round(n_cells * own.size / cells.height), 1)
        drawn.append(rng.permutation(own)[:n])
    return np.sort(np.concatenate(drawn))
