"""The labels that features are held against: columns of the cells that can be compared, and why others cannot."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.analyses.labels.step import LabelsSettings
from tasks.cells.chosen import ChosenCells
from tasks.cells.doubtful import UNLABELLED
from tasks.cells.obs import ObsColumn
from tasks.cells.reader import CellsReader
from tasks.store import RequestError

Ints = NDArray[np.int64]
MISSING = -1
MOST_NUMBERS = 50  # different whole numbers that may still be names: of clusters, batches, plates


@dataclass(frozen=True)
class Labels:
    """One column: ``names`` [T] in order, ``code`` [C] indexes them, MISSING where a cell has no label."""

    column: str
    names: list[str]
    code: Ints

    @property
    def sizes(self) -> Ints:
        """Cells with each label: [T]."""
        return np.bincount(self.code[self.code != MISSING], minlength=len(self.names))

    def tested(self, min_cells: int) -> Ints:
        """Labels that enough cells carry and enough do not, as indices of ``names``."""
        sizes = self.sizes
        return np.flatnonzero((sizes >= min_cells) & (sizes.sum() - sizes >= min_cells))


@dataclass(frozen=True)
class LabelColumns:
    """Columns to compare, those ``left_out`` with the reason, and the codes of donors and of ``given`` if named."""

    columns: list[Labels]
    left_out: dict[str, str]
    donor: Labels | None
    given: Labels | None


def read_columns(settings: LabelsSettings, reader: CellsReader) -> LabelColumns:
    """All columns over the chosen cells, in ascending cell_id.

    Raises RequestError for a column that is named and cannot be compared, for ``given`` that is the donor, and if there
    is nothing to compare at all.
    """
    if settings.given is not None and settings.given == settings.donor:
        raise RequestError(f"labels.given: cells are compared within {settings.donor} anyway: leave labels.given out")
    cells = ChosenCells(reader)
    donor = _stratum(cells, settings.donor, "labels.donor")
    given = _stratum(cells, settings.given, "labels.given")
    if settings.columns:
        found = {name: _labels(cells, name, settings.min_cells, named=True) for name in settings.columns}
        if wrong := [reason for reason in found.values() if isinstance(reason, str)]:
            raise RequestError(f"labels.columns: {wrong[0]}: leave it out of labels.columns")
    else:
        names = [name for name in cells.columns() if name not in ("source", settings.donor)]
        found = {name: _labels(cells, name, settings.min_cells, named=False) for name in names}
    columns = [labels for labels in found.values() if isinstance(labels, Labels)]
    left_out = {name: reason for name, reason in found.items() if isinstance(reason, str)}
    if not columns:
        why = f" ({'; '.join(left_out.values())})" if left_out else ""
        raise RequestError(
            f"labels: the cells have no labels to compare{why}: name obs columns of categories in cells.obs, "
            "lower labels.min_cells, or leave labels out"
        )
    return LabelColumns(columns, left_out, donor, given)


def encode(column: str, text: Sequence[str | None] | NDArray[np.object_]) -> Labels:
    """Labels of a column's text, None where it says nothing; text that means no type is nothing."""
    present = np.array([value is not None and value != UNLABELLED for value in text], dtype=bool)
    names, code = np.unique(np.array(text, dtype=object)[present].astype(str), return_inverse=True)
    every = np.full(len(present), MISSING, dtype=np.int64)
    every[present] = code
    return Labels(column, names.tolist(), every)


def _labels(cells: ChosenCells, name: str, min_cells: int, *, named: bool) -> Labels | str:
    """The labels of a column, or why it cannot be compared; numbers are labels only if the column is ``named``."""
    column = cells.column(name, "labels.columns")
    if reason := _not_names(name, column, named=named):
        return reason
    labels = encode(name, column.text)
    if not labels.names:
        return f"{name} says nothing of any cell"
    if len(labels.names) == 1:
        return f"{name} is {labels.names[0]} in every cell that has it"
    if not labels.tested(min_cells).size:
        return (
            f"{name} has {len(labels.names)} values, none of which {min_cells} cells have and {min_cells} others lack "
            "(labels.min_cells)"
        )
    return labels


def _not_names(name: str, column: ObsColumn, *, named: bool) -> str | None:
    if column.kind != "number":
        return None
    values = np.unique(column.number[~column.missing])
    if not values.size:
        return None
    if named and values.size <= MOST_NUMBERS and (values == np.rint(values)).all():
        return None
    kind = "" if (values == np.rint(values)).all() else ", not all of them whole"
    return f"{name} holds numbers ({values.size:,} different ones{kind}) and no names"


def _stratum(cells: ChosenCells, name: str | None, setting: str) -> Labels | None:
    """A column within whose values cells are compared. Raises RequestError if it divides nothing, or everything."""
    if name is None:
        return None
    labels = encode(name, cells.column(name, setting).text)
    if len(labels.names) < 2:
        says = f"is {labels.names[0]} in every cell that has it" if labels.names else "says nothing of any cell"
        raise RequestError(f"{setting}: {name} {says}, so there is nothing to compare within: leave {setting} out")
    if labels.sizes.max() < 2:
        raise RequestError(f"{setting}: {name} differs in all cells, so none can be compared: leave {setting} out")
    return labels
