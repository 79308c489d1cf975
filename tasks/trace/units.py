"""Units of inference: the donors, or whatever else an obs column names, that traced cells were taken from.

1. The effect on a target in a unit is the mean over the unit's cells where the source is active, zeros included; each
   unit counts once, however many cells it has.
2. All that is said of cells where the unit is the cell (mean, spread, effect size, agreement of signs, sign flips,
   chance expectations) is then said of these means. An effect size of 0.5 and an agreement of 0.7 keep their meaning,
   what one further case would show: there a cell, here a donor, whose mean has the expected sign in about seven of ten.
3. Excess over companions (``significance.specific``) stays a matter of cells: companions are drawn anew in every cell,
   and decoys, which pass through the same rule by units, say what excess is out of reach.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import polars as pl
import torch
from torch import Tensor

from tasks.causal.inputs import draw_cells, eligible_cells
from tasks.cells.chosen import ChosenCells
from tasks.cells.reader import CellsReader
from tasks.models.batches import Batch
from tasks.store import RequestError
from tasks.trace.settings import CELL, TraceSettings


@dataclass(frozen=True)
class Units:
    """``of_cell``: the unit of every traced cell, by cell_id. Features active in fewer than ``least`` are not tested.

    ``without``: how many cells that would have been traced otherwise were left out because they have none.
    """

    name: str
    of_cell: dict[int, str]
    least: int
    without: int = 0

    @property
    def n(self) -> int:
        """How many units the traced cells come from."""
        return len(set(self.of_cell.values()))

    @property
    def sizes(self) -> Counter[str]:
        """How many traced cells each unit has."""
        return Counter(self.of_cell.values())

    def means(self, effects: Tensor, cells: Tensor) -> Tensor:
        """Step 1 for effects [n, T] in n ``cells``, their cell_ids: float64 [G, T], units by name."""
        names = np.array([self.of_cell[cell] for cell in cells.tolist()])
        rows = [torch.from_numpy(np.flatnonzero(names == name)) for name in np.unique(names)]
        return torch.stack([effects[own].double().sum(0) / len(own) for own in rows])

    def testable(self, pairs: pl.DataFrame) -> list[int]:
        """Features, ascending, that are active in enough units; ``pairs`` are rows of trace_pair."""
        unit = pl.col("cell_id").replace_strict(self.of_cell, return_dtype=pl.String)
        counted = pairs.group_by("source_feature").agg(unit.n_unique().alias("n"))
        found: list[int] = counted.filter(pl.col("n") >= self.least)["source_feature"].sort().to_list()
        return found


def cases(effects: Tensor, cells: Tensor, units: Units | None) -> Tensor:
    """What is tested of effects [n, T] in n ``cells``: the effects themselves, or the means of their units."""
    return effects if units is None else units.means(effects, cells)


def unit_by_cell(settings: TraceSettings, reader: CellsReader) -> dict[int, str | None]:
    """The unit of every chosen cell by cell_id, None where it has none; empty if the unit is the cell.

    Raises RequestError for a column that is not kept, is empty, or says the same of every cell.
    """
    if settings.unit == CELL:
        return {}
    column = ChosenCells(reader).column(settings.unit, "trace.unit")
    present = column.present()
    if len(present) < 2:
        found = f"{present[0]} in every chosen cell that has a value" if present else "missing in every chosen cell"
        raise RequestError(
            f"trace.unit: {settings.unit} is {found}: name a column that tells cells apart, or leave trace.unit out"
        )
    return dict(zip(reader.cells()["cell_id"].to_list(), column.text.tolist(), strict=True))


def draw_with_units(settings: TraceSettings, reader: CellsReader) -> tuple[dict[int, Batch], Units | None]:
    """The cells to trace, as ``draw_cells`` draws them among those that have a unit, and their units.

    Raises RequestError if they cannot be drawn, come from fewer units than ``min_units``, or if a unit has fewer than
    ``min_cells`` of them.
    """
    unit = unit_by_cell(settings, reader)
    lacking = [cell for cell, name in unit.items() if name is None]
    named = {cell: name for cell, name in unit.items() if name is not None}
    drawn = draw_cells(settings, reader, lacking, named if settings.cells_draw == "balanced" else None)
    if not unit:
        return drawn, None
    eligible = eligible_cells(settings, reader).tolist()
    without = len(set(lacking).intersection(eligible))
    units = Units(settings.unit, {cell: str(unit[cell]) for cell in drawn}, settings.min_units, without)
    if units.n < units.least:
        also = f" ({without:,} more have none and are left out)" if without else ""
        raise RequestError(
            f"trace.unit: the {len(drawn):,} cells to trace{also} come from {units.n} units by {units.name}, "
            f"trace.min_units asks for {units.least}: trace more cells or units, or lower trace.min_units; the least p "
            f"of {units.n} is {2.0 ** (1 - units.n):.2g}"
        )
    if settings.min_cells > 1:
        _require_cells(units, {named[cell] for cell in eligible if cell in named}, settings)
    return drawn, units


def _require_cells(units: Units, present: set[str], settings: TraceSettings) -> None:
    """``present``: the units that cells could be drawn from."""
    sizes = {name: units.sizes[name] for name in sorted(present)}
    name, fewest = min(sizes.items(), key=lambda item: item[1])
    short = sum(n < settings.min_cells for n in sizes.values())
    if short:
        others = f", as do {short - 1} more" if short > 1 else ""
        balance = "" if settings.cells_draw == "balanced" else ", set trace.cells_draw = balanced"
        raise RequestError(
            f"trace.min_cells: {units.name} {name} has {fewest} of the cells to trace, {settings.min_cells} are asked "
            f"for{others}: trace more cells (trace.n_cells, trace.cells_split, cells.n){balance}, leave it out "
            "(trace.cells_where), or lower trace.min_cells"
        )
