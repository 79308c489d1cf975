"""What every measurement of causal effects reads: cells, devices, and autoencoders that fit the model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from tasks.cells.chosen import ChosenCells
from tasks.cells.reader import CellsReader
from tasks.cells.select import filter_cells, group_numbers, in_turns
from tasks.cells.settings import Wanted
from tasks.models import Adapter
from tasks.models.batches import Batch, one_cell
from tasks.sae import Sae
from tasks.store import RequestError

LOTS = 1  # stream of the seed: which group gives one cell more, drawn apart from the cells


@dataclass(frozen=True)
class Replica:
    """The model and the target layers' autoencoders on one device."""

    adapter: Adapter
    targets: dict[int, Sae]


class CellChoice(Protocol):
    """Which cells are measured: what the settings of a step say of it."""

    @property
    def n_cells(self) -> int:
        """Maximum number of cells to measure."""

    @property
    def cells_split(self) -> Literal["train", "heldout", "all"]:
        """Which split to draw from."""

    @property
    def cells_where(self) -> Wanted:
        """Which of them, by label or by obs column: the values that are wanted; empty: all."""

    @property
    def cells_draw(self) -> Literal["seeded", "first", "balanced"]:
        """Random (seeded), file order, or random with as many of each group."""

    @property
    def seed(self) -> int:
        """Seed of the random order."""


def draw_cells(
    settings: CellChoice,
    reader: CellsReader,
    left_out: Sequence[int] = (),
    groups: Mapping[int, str] | None = None,
) -> dict[int, Batch]:
    """``n_cells`` chosen cells of the split as batches of one, drawn by seed or the first; all if there are fewer.

    ``left_out``: cell_ids of cells that are not taken. ``groups``, by cell_id: as many cells are taken of each, as far
    as it has them. Raises RequestError if there are fewer than two, or for a column or value of ``cells_where`` that no
    cell has.
    """
    eligible = eligible_cells(settings, reader)
    eligible = eligible[~np.isin(eligible, np.array(left_out, dtype=np.uint32))]
    if len(eligible) < 2:
        of_split = "" if settings.cells_split == "all" else f" {settings.cells_split}"
        which = f" with {_in_words(settings.cells_where)}" if settings.cells_where else ""
        what_to_do = "choose more cells (cells.n)" + (", or loosen cells_where" if which else "")
        raise RequestError(f"{len(eligible)} chosen{of_split} cells{which}, tracing needs 2: {what_to_do}")
    if settings.cells_draw != "first":
        eligible = np.random.default_rng(settings.seed).permutation(eligible)
    if groups is not None:
        eligible = eligible[_by_lot([groups[cell] for cell in eligible.tolist()], settings.seed)]
    drawn = set(eligible[: settings.n_cells].tolist())
    tokens = reader.tokens()
    places = [place for place, cell in enumerate(tokens.cell_id.tolist()) if cell in drawn]
    return {int(tokens.cell_id[place]): one_cell(tokens, place) for place in places}


def eligible_cells(settings: CellChoice, reader: CellsReader) -> NDArray[np.uint32]:
    """The chosen cells of the split that have the wanted values, ascending."""
    table = reader.cells()
    kept = filter_cells(ChosenCells(reader), settings.cells_where, "cells_where")
    if settings.cells_split != "all":
        kept &= (table["split"] == settings.cells_split).to_numpy()
    return table["cell_id"].to_numpy()[kept]


def _by_lot(names: Sequence[str], seed: int) -> NDArray[np.int64]:
    """The order of cells in which their groups take turns, ``names`` [n]; lots decide which group is first in each."""
    group = group_numbers(names)
    lot = np.random.default_rng([seed, LOTS]).permutation(group.max() + 1)[group]
    by_lot = np.argsort(lot, kind="stable")
    return by_lot[in_turns(lot[by_lot])]


def _in_words(where: Wanted) -> str:
    return " and ".join(f"{name} = {value}" for name, value in where.items())


def check_fit(sae: Sae, layer: int, adapter: Adapter) -> None:
    """Raise RequestError if an autoencoder does not read ``layer`` of this model."""
    info = adapter.info
    if layer >= info.n_layers:
        raise RequestError(f"layer {layer} does not exist: {info.name} has layers 0 to {info.n_layers - 1}")
    if (sae.layer, sae.d_model) != (layer, info.d_model):
        raise RequestError(
            f"{sae.sae_id} reads layer {sae.layer} of width {sae.d_model}, wanted is layer {layer} of {info.name}, "
            f"width {info.d_model}: train an autoencoder on it"
        )
