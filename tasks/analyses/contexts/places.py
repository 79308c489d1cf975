"""A map of the cells by the model's own states, and the genes of cells in the model's order.

1. A cell's state is the mean over its kept gene positions of the layer's output, float16 as kept.
2. The mean over cells is taken off, and the layout is that of features (``describe.directions``): UMAP of the graph
   that joins each cell to its nearest by cosine, started from the first two principal components.
Distances between far groups say little in such a map.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.activations.reader import ActivationIndex, ActivationReader
from tasks.cells.reader import CellsReader
from tasks.codes.axes import Axes
from tasks.describe.directions import map_directions

Floats = NDArray[np.float64]
ROWS = 16_384  # positions whose states are held in float64 at once


def mean_states(reader: ActivationReader, layer: int, axes: Axes) -> Floats:
    """Step 1: [C, d]."""
    sums = np.zeros((axes.cell_id.size, reader.d_model))
    for unit, rows in reader.spans().items():
        states = reader.states(layer, unit).numpy()
        for first in range(0, len(states), ROWS):
            part = states[first : first + ROWS].astype(np.float64)
            cell = axes.cell[rows][first : first + ROWS]
            start = np.flatnonzero(np.diff(cell, prepend=-1))
            sums[cell[start]] += np.add.reduceat(part, start, axis=0)
    return sums / axes.cell_count[:, None]


def map_rows(reader: ActivationReader, axes: Axes, most: int, seed: int) -> pl.DataFrame:
    """Table ``cell_map``: ``most`` cells at most, evenly spaced, by the last layer of which states are kept."""
    layer = max(reader.layers)
    cells = np.unique(np.linspace(0, axes.cell_id.size - 1, min(most, axes.cell_id.size)).round().astype(np.int64))
    means = mean_states(reader, layer, axes)[cells]
    place = map_directions((means - means.mean(axis=0)).astype(np.float32), seed)
    return pl.DataFrame({"cell_id": axes.cell_id[cells], "layer": layer, "x": place[:, 0], "y": place[:, 1]})


def token_rows(cells: CellsReader, index: ActivationIndex, chosen: NDArray[np.uint32]) -> pl.DataFrame:
    """Table ``cell_token``: every token of the ``chosen`` cells; ``kept``: whether activations are kept of it."""
    tokens = cells.tokens()
    own = np.isin(tokens.cell_id, chosen)
    lengths = tokens.lengths
    taken = np.repeat(own, lengths)
    place = np.arange(taken.size) - np.repeat(tokens.offsets[:-1], lengths)
    frame = pl.DataFrame(
        {
            "cell_id": np.repeat(tokens.cell_id, lengths)[taken],
            "position": place[taken].astype(np.uint16),
            "token_id": tokens.tokens[taken].astype(np.int64),
        }
    )
    genes = cells.genes().select("gene_id", pl.col("token_id").cast(pl.Int64)).drop_nulls("token_id")
    genes = genes.unique("token_id", keep="first", maintain_order=True)
    there = np.isin(index.cell_id, chosen)
    kept = pl.DataFrame({"cell_id": index.cell_id[there], "position": index.position[there]}).with_columns(
        kept=pl.lit(True)
    )
    joined = frame.join(genes, on="token_id", how="left", maintain_order="left")
    joined = joined.join(kept, on=["cell_id", "position"], how="left", maintain_order="left")
    return joined.select("cell_id", "position", "gene_id", pl.col("kept").fill_null(False))
