"""Which cells are embedded and which choose features, with the batch and the type of each.

No cell does both: features are chosen on cells of the reference batches that are not embedded.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.analyses.shift.step import ShiftSettings
from tasks.causal.inputs import draw_cells
from tasks.cells.chosen import ChosenCells
from tasks.cells.reader import CellsReader
from tasks.models.batches import Batch
from tasks.store import RequestError, table_frame

Mask = NDArray[np.bool_]
Names = NDArray[np.object_]


@dataclass(frozen=True)
class Roles:
    """The chosen cells of a study in ascending ``cell_id`` [n], their ``label`` and ``batch``, None where not known."""

    cell_id: NDArray[np.uint32]
    label: Names
    batch: Names
    reference: Mask
    embedded: Mask
    chooses: Mask

    def frame(self, sae_id: str) -> pl.DataFrame:
        """Rows of table shift_cell: cells that do something."""
        rows = [
            {
                "sae_id": sae_id,
                "cell_id": int(self.cell_id[row]),
                "label": self.label[row],
                "batch": self.batch[row],
                "reference": bool(self.reference[row]),
                "chooses": bool(self.chooses[row]),
                "embedded": bool(self.embedded[row]),
            }
            for row in np.flatnonzero(self.chooses | self.embedded)
        ]
        return table_frame("shift_cell", rows)


def assign_roles(settings: ShiftSettings, reader: CellsReader) -> tuple[Roles, dict[int, Batch]]:
    """Roles, and the cells to embed as batches of one by cell_id.

    Raises RequestError for a study without cell types, batches that are not there, and too few cells to choose on.
    """
    cells = ChosenCells(reader)
    if reader.label not in cells.columns():
        raise RequestError(
            "shift needs cell types, batches are told apart within them: name the obs column in cells.label"
        )
    assert settings.batch is not None  # a wanted step names it
    batch, label = cells.column(settings.batch, "shift.batch").text, cells.column(reader.label, "cells.label").text
    known = sorted({one for one in batch if one is not None})
    unknown = [one for one in settings.reference if one not in known]
    if unknown:
        raise RequestError(f"shift.reference: no cell is of batch {unknown[0]}; batches are {', '.join(known[:10])}")
    reference = np.isin(batch.astype(str), list(settings.reference) or known) & np.array(
        [one is not None for one in batch]
    )
    drawn = draw_cells(settings, reader)
    ids = reader.cells()["cell_id"].to_numpy()
    embedded = np.isin(ids, list(drawn))
    labelled = np.array([one is not None for one in label])
    chooses = reference & labelled & ~embedded
    roles = Roles(ids, label, batch, reference, embedded, chooses)
    _require_choosers(settings, roles)
    return roles, drawn


def _require_choosers(settings: ShiftSettings, roles: Roles) -> None:
    """Raise RequestError unless two batches (or types) of cells that are not embedded are large enough."""
    for selector, groups in (("batch", roles.batch), ("type", roles.label)):
        if selector not in settings.selectors:
            continue
        names, counts = np.unique(groups[roles.chooses].astype(str), return_counts=True)
        large = names[counts >= settings.min_cells]
        if len(large) < 2:
            raise RequestError(
                f"shift.selectors: {selector} compares groups of {settings.min_cells} cells that are not embedded, and "
                f"there {'is' if len(large) == 1 else 'are'} {len(large)} ({', '.join(large) or 'none'}): use more "
                f"cells (cells.n), lower shift.min_cells, or leave {selector} out of shift.selectors"
            )
