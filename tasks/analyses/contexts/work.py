"""The work of step ``contexts``: one unit per layer, then one for what all layers share, the cells themselves.

1. Per layer: which cells of each feature are kept (``choose.py``), its firings in some of them gene by gene
   (``strips.py``), and quantiles of its activation by cell type (``quantiles.py``).
2. Once: the genes of the cells that occur in most of these, in the model's order, and a map of all (``places.py``).
Nothing is run through the model again.
"""

from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.activations.reader import ActivationIndex, ActivationReader
from tasks.analyses.contexts.choose import choose_cells, sum_by_cell
from tasks.analyses.contexts.places import map_rows, token_rows
from tasks.analyses.contexts.quantiles import quantile_rows
from tasks.analyses.contexts.step import ContextsSettings
from tasks.analyses.contexts.strips import read_strips
from tasks.cells.reader import CellsReader
from tasks.codes.axes import Axes, make_axes
from tasks.codes.reader import CodesReader
from tasks.step import Info, Inputs
from tasks.store import StepFolder

CELLS = "cells"


def keep_contexts(settings: ContextsSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Fill the five tables. Raises RequestError if activations and cells do not fit each other."""
    activations, cells = ActivationReader(inputs.folder("activations")), CellsReader(inputs.folder("cells"))
    index = activations.index()
    axes = make_axes(index.cell_id, index.token, cells.genes())
    for layer, folder in sorted(inputs.layers("codes").items()):
        if not out.has(unit := f"layer_{layer:02d}"):
            tables = _of_layer(settings, folder, axes, index, cells)
            with out.unit(unit) as shard:
                for table, frame in tables.items():
                    shard.table(table, frame)
    if not out.has(CELLS):
        chosen = _most_used(out.read_table("feature_cell"), settings.token_cells)
        with out.unit(CELLS) as shard:
            shard.table("cell_token", token_rows(cells, index, chosen))
            shard.table("cell_map", map_rows(activations, axes, settings.map_cells, settings.seed))
    notes = _notes(settings, out, axes)
    return {"n_cells": int(axes.cell_id.size), **({"notes": notes} if notes else {})}


def _of_layer(
    settings: ContextsSettings, folder: Path, axes: Axes, index: ActivationIndex, cells: CellsReader
) -> dict[str, pl.DataFrame]:
    """The three tables of one layer."""
    codes = CodesReader(folder)
    sums = sum_by_cell(codes, axes, codes.n_features)
    chosen = choose_cells(sums, axes, settings)
    strips = chosen.filter(pl.col("part").is_not_null())
    label = dict(cells.cells().select("cell_id", "label").iter_rows())
    labels = [label[cell] for cell in axes.cell_id.tolist()]
    number = pl.Series(axes.cell_id).gather(chosen["cell"])
    frames = {
        "feature_cell": chosen.with_columns(cell_id=number).drop("cell"),
        "feature_context": read_strips(codes, axes, index.position, strips, settings.firings),
        "feature_label_quantile": quantile_rows(sums, axes, codes.n_features, labels),
    }
    return {name: frame.select(pl.lit(codes.sae_id).alias("sae_id"), pl.all()) for name, frame in frames.items()}


def _most_used(kept: pl.DataFrame, most: int) -> NDArray[np.uint32]:
    """The ``most`` cells that stand in most strips, ties by number."""
    strips = kept.filter(pl.col("part").is_not_null()).group_by("cell_id").len()
    best = strips.sort("len", "cell_id", descending=[True, False]).head(most)
    found: NDArray[np.uint32] = best["cell_id"].to_numpy()
    return found


def _notes(settings: ContextsSettings, out: StepFolder, axes: Axes) -> list[str]:
    """What was cut, one line for each limit that was reached."""
    strips = out.read_table("feature_cell").filter(pl.col("part").is_not_null())
    longer = strips.filter(pl.col("n_firings") > settings.firings).height
    used, known = strips["cell_id"].n_unique(), out.read_table("cell_token")["cell_id"].n_unique()
    mapped = out.read_table("cell_map").height
    notes = []
    if longer:
        notes.append(
            f"{longer:,} of {strips.height:,} kept cells have more than {settings.firings} firings of their feature, "
            "and the strongest are kept (contexts.firings)"
        )
    if known < used:
        notes.append(f"all genes are kept of {known:,} of {used:,} cells with firings (contexts.token_cells)")
    if mapped < axes.cell_id.size:
        notes.append(f"the map has {mapped:,} of {axes.cell_id.size:,} cells (contexts.map_cells)")
    return notes
