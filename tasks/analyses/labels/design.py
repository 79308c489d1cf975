"""Which cells are compared with which: labels, donors, depth and split of the cells behind the positions."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod

import numpy as np
from numpy.typing import NDArray

from tasks.analyses.labels.columns import MISSING, LabelColumns, Labels, read_columns
from tasks.analyses.labels.step import LabelsSettings
from tasks.cells.reader import CellsReader
from tasks.codes.axes import Axes
from tasks.statistics.matching import quantile_bins

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
FEWEST_TOGETHER, FEWEST_BINS = 15, 4


@dataclass(frozen=True)
class Strata:
    """The cells that are compared: ``cells`` [C] of all, and of those n the ``stratum`` and the ``donor`` [n].

    ``across`` [n] are the strata without the donor, which is None where none is named. ``words`` say what the strata
    are of, ``words_across`` those without the donor.
    """

    cells: Mask
    stratum: Ints
    across: Ints
    donor: Ints | None
    words: str
    words_across: str


@dataclass(frozen=True)
class Design:
    """C cells: ``columns`` of labels [C] with their donors, ``depth`` bins [C], and which are ``heldout`` [C]."""

    columns: LabelColumns
    depth: Ints
    heldout: Mask

    @cached_property
    def conditions(self) -> list[bool]:
        """Whether labels are compared within the values of ``given`` as well: no, and yes if a column is named."""
        return [False] if self.columns.given is None else [False, True]

    def compared(self, conditional: bool) -> list[Labels]:
        """The columns to compare; given a column, all but that one."""
        given = self.columns.given
        apart = given.column if conditional and given is not None else None
        return [one for one in self.columns.columns if one.column != apart]

    def strata(self, labels: Labels, conditional: bool) -> Strata:
        """Cells with a label, within donors (unless these are the labels), depth and, if ``conditional``, ``given``."""
        donor = self.columns.donor
        if donor is not None and donor.column == labels.column:
            donor = None
        within = [one for one in (donor, self.columns.given if conditional else None) if one is not None]
        cells = labels.code != MISSING
        for one in within:
            cells = cells & (one.code != MISSING)
        parts = [self.depth[cells], *(one.code[cells] for one in within if one is not donor)]
        across = _crossed(parts)
        of_donor = None if donor is None else donor.code[cells]
        stratum = across if of_donor is None else _crossed([across, of_donor])
        depth = ["depth"] if self.depth.max(initial=0) else []
        words, words_across = (
            ", ".join([*(one.column for one in columns), *depth]) or "none"
            for columns in (within, [one for one in within if one is not donor])
        )
        return Strata(cells, stratum, across, of_donor, words, words_across)


def read_design(settings: LabelsSettings, cells: CellsReader, axes: Axes) -> Design:
    """Labels, donors and depth of the cells of ``axes``. Raises RequestError as ``read_columns`` does."""
    columns = read_columns(settings, cells)
    table = cells.cells()
    rows = np.searchsorted(table["cell_id"].to_numpy(), axes.cell_id)
    chosen = LabelColumns(
        [_at(one, rows) for one in columns.columns],
        columns.left_out,
        None if columns.donor is None else _at(columns.donor, rows),
        None if columns.given is None else _at(columns.given, rows),
    )
    depth = table["n_tokens" if settings.depth == "tokens" else "n_counts"].to_numpy()[rows].astype(np.float64)
    heldout = (table["split"].to_numpy() == "heldout")[rows]
    groups = [len(one.names) for one in (chosen.donor, chosen.given) if one is not None]
    return Design(chosen, quantile_bins(depth, depth_bins(settings.depth_bins, depth.size, groups)), heldout)


def depth_bins(most: int, n_cells: int, groups: Sequence[int]) -> int:
    """How many bins of depth leave ``FEWEST_TOGETHER`` cells in one, of one donor and so on, on average.

    ``groups``: the numbers of donors and of values of ``given``. Four bins at least, if so many are asked for.
    """
    return min(most, max(n_cells // (FEWEST_TOGETHER * prod(groups)), FEWEST_BINS))


def _at(labels: Labels, rows: Ints) -> Labels:
    return Labels(labels.column, labels.names, labels.code[rows])


def _crossed(parts: list[Ints]) -> Ints:
    """One number for each combination of the parts, each [n]."""
    return np.unique(np.stack(parts, axis=1), axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)
