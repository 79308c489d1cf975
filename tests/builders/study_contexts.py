"""Rows of step ``contexts`` in a synthetic study, counted from its invented activations."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from tests.builders.contract_frames import contract_frame
from tests.builders.slow_contexts import Rows, firings, kept_cells, quantiles
from tests.builders.study_cells import CELL_TYPES, World
from tests.builders.study_features import Layer


def context_tables(world: World, layers: Sequence[Layer], *, labelled: bool) -> dict[str, pl.DataFrame]:
    """All tables of the step, by name."""
    place = np.arange(len(world.cell_id)) - np.searchsorted(world.cell_id, world.cell_id) + 1
    genes = [f"ENSG{gene:011d}" for gene in world.gene]
    cells, first = np.unique(world.cell_id, return_index=True)
    labels = [CELL_TYPES[world.cell_type[one]] if labelled else None for one in first]
    rows: dict[str, Rows] = {"feature_cell": [], "feature_context": [], "feature_label_quantile": []}
    for layer in layers:
        own = {"sae_id": layer.sae_id}
        kept = kept_cells(layer.codes, world.cell_id, strongest=3, others=1, known=6)
        rows["feature_cell"] += [own | row for row in kept]
        fired = firings(layer.codes, world.cell_id, place, genes, kept, 20)
        rows["feature_context"] += [own | row for row in fired]
        boxes = quantiles(layer.codes, world.cell_id, labels)
        rows["feature_label_quantile"] += [own | row for row in boxes]
    used = {row["cell_id"] for row in rows["feature_cell"] if row["part"] is not None}
    rows["cell_token"] = [row for cell in sorted(used) for row in _tokens(cell, world, place, genes)]
    rows["cell_map"] = [
        {"cell_id": int(cell), "layer": layers[-1].layer, "x": float(np.cos(cell)), "y": float(np.sin(cell))}
        for cell in cells
    ]
    return {table: contract_frame(table, made) for table, made in rows.items()}


def _tokens(cell: int, world: World, place: np.ndarray, genes: list[str]) -> Rows:
    """The tokens of a cell, a special one at each end."""
    own = np.flatnonzero(world.cell_id == cell)
    ends = [{"cell_id": cell, "position": end, "gene_id": None, "kept": False} for end in (0, len(own) + 1)]
    read = [{"cell_id": cell, "position": int(place[i]), "gene_id": genes[i], "kept": True} for i in own]
    return [ends[0], *read, ends[1]]
