"""The obs columns of the chosen cells of a finished step: what ``cells_where`` of later steps can ask for."""

from functools import cached_property

import numpy as np
import polars as pl

from tasks.cells.obs import ObsColumn
from tasks.cells.reader import CellsReader
from tasks.cells.select import refuse_unknown
from tasks.cells.spelling import spell


class ChosenCells:
    """Columns, over the chosen cells in ascending cell_id: those that the study keeps, the label's, and ``source``.

    The label's column has the name that it has in the file; ``source`` is the file of a cell, unless an obs column of
    that name is kept.
    """

    name = "this study"

    def __init__(self, reader: CellsReader) -> None:
        self._reader = reader

    @cached_property
    def _cells(self) -> pl.DataFrame:
        return self._reader.cells()

    @cached_property
    def _kept(self) -> dict[str, pl.DataFrame]:
        """Rows of table ``cell_obs`` by column."""
        rows = self._reader.obs().sort("cell_id")
        return {
            str(name): part for (name,), part in rows.partition_by("key", as_dict=True, maintain_order=True).items()
        }

    @property
    def n_cells(self) -> int:
        """How many cells are chosen."""
        return self._cells.height

    def columns(self) -> list[str]:
        """What can be asked for."""
        label = [self._reader.label] if self._cells["label"].null_count() < self.n_cells else []
        return list(dict.fromkeys([*label, *self._kept, "source"]))

    def column(self, name: str, setting: str) -> ObsColumn:
        """A column by name. Raises RequestError if there is none."""
        refuse_unknown(name, self.columns(), setting, f"{self.name} (cells.obs says which are kept)")
        if name not in self._kept:
            return ObsColumn.category(np.array(self._cells["label" if name != "source" else name], dtype=object))
        rows = self._kept[name]
        kind = rows["kind"][0]
        if kind != "number":
            return ObsColumn(kind, np.array(rows["value"], dtype=object), np.full(rows.height, np.nan))
        text = [None if number is None else spell(number) for number in rows["number"]]
        return ObsColumn(kind, np.array(text, dtype=object), rows["number"].fill_null(np.nan).to_numpy())
