"""One pass over the cells of a screen: what is summed up by perturbation, and by line and batch of control cells.

Of every gene in a group of cells: counts x, their squares, counts times the cell's total n, and log1p of counts per
10,000. Of every group: cells, n and n^2. Memory is that of the groups, 32 bytes a gene and group, and of one slice of
cells, however many cells there are.

A perturbed cell counts only if there are two control cells in its line and batch, and a control cell only if there is
a perturbed one in its.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, csr_matrix

from tasks.analyses.responses.labels import CONTROL, CellLabels
from tasks.store.memory import require_memory
from tasks.store.progress import track

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
AT_ONCE = 2048  # cells of a slice
BYTES_PER_GENE, FEWEST_CONTROLS = 32, 2
SCALE = 10_000.0


class Counted(Protocol):
    """Where raw counts come from."""

    def rows(self, wanted: Ints) -> csr_matrix:
        """Raw counts [len(wanted), G] of the rows ``wanted``, ascending."""


@dataclass
class GroupSums:
    """Of ``n_groups`` groups of cells and G genes; ``counts``, ``squares``, ``by_total`` and ``logs`` [groups, G]."""

    counts: Floats
    squares: Floats
    by_total: Floats
    logs: Floats
    n_cells: Floats  # [groups], as are the next two
    total: Floats
    total_squares: Floats

    @classmethod
    def empty(cls, n_groups: int, n_genes: int) -> "GroupSums":
        """Sums of no cells."""
        return cls(*(np.zeros((n_groups, n_genes)) for _ in range(4)), *(np.zeros(n_groups) for _ in range(3)))

    def add(self, group: Ints, counts: csr_matrix) -> None:
        """Add cells: ``group`` [n], ``counts`` [n, G]."""
        total = np.asarray(counts.sum(axis=1, dtype=np.float64)).ravel()
        kept = total > 0
        group, counts, total = group[kept], counts[kept], total[kept]
        if not len(group):
            return
        rows, own = np.unique(group, return_inverse=True)
        of_cell = np.repeat(total, np.diff(counts.indptr))
        belongs = csr_array((np.ones(len(own)), (own, np.arange(len(own)))), shape=(len(rows), len(own)))
        x = counts.data.astype(np.float64)
        values = (x, x * x, x * of_cell, np.log1p(x * (SCALE / of_cell)))
        for whole, data in zip((self.counts, self.squares, self.by_total, self.logs), values, strict=True):
            part = belongs @ csr_array((data, counts.indices, counts.indptr), shape=counts.shape)
            place = np.repeat(rows, np.diff(part.indptr)) * whole.shape[1] + part.indices
            whole.reshape(-1)[place] += part.data  # a place occurs once
        n = len(self.n_cells)
        self.n_cells += np.bincount(group, minlength=n)
        self.total += np.bincount(group, weights=total, minlength=n)
        self.total_squares += np.bincount(group, weights=total**2, minlength=n)


@dataclass(frozen=True)
class ScreenSums:
    """Perturbed cells by (line, perturbation), control cells by stratum, and what ties them.

    ``groups``: line and perturbation of each of P groups; ``strata``: line and batch of each of S; ``depth`` [P, S]:
    total counts of a group's cells in a stratum, ``cells`` [P, S] their number; ``unmatched`` [P]: cells without a
    control.
    """

    groups: list[tuple[int, int]]
    strata: list[tuple[int, int]]
    perturbed: GroupSums
    control: GroupSums
    depth: Floats
    cells: Floats
    unmatched: Ints


def sum_screen(source: Counted, labels: CellLabels, n_genes: int, at_once: int = AT_ONCE) -> ScreenSums:
    """Sum ``source``'s cells up, ``at_once`` of them in memory. Raises RequestError if memory is short."""
    stratum, perturbation = labels.stratum, labels.perturbation
    is_control, is_perturbed = perturbation == CONTROL, perturbation >= 0
    size = len(labels.lines) * len(labels.batches)
    controls = np.bincount(stratum[is_control], minlength=size)
    usable = (controls >= FEWEST_CONTROLS) & (np.bincount(stratum[is_perturbed], minlength=size) > 0)
    strata = np.flatnonzero(usable)
    key = labels.line * len(labels.names) + perturbation
    groups, group_of = np.unique(key[is_perturbed], return_inverse=True)
    require_memory(
        BYTES_PER_GENE * n_genes * (len(groups) + len(strata)) + 500_000_000,
        f"summing {len(groups):,} perturbations of {n_genes:,} genes",
        "narrow responses.where",
    )
    group = np.full(len(perturbation), -1, dtype=np.int64)
    group[is_perturbed] = group_of
    matched = np.zeros(len(perturbation), dtype=bool)
    matched[stratum >= 0] = usable[stratum[stratum >= 0]]
    found = ScreenSums(
        [(int(one) // len(labels.names), int(one) % len(labels.names)) for one in groups],
        [(int(one) // len(labels.batches), int(one) % len(labels.batches)) for one in strata],
        GroupSums.empty(len(groups), n_genes),
        GroupSums.empty(len(strata), n_genes),
        np.zeros((len(groups), len(strata))),
        np.zeros((len(groups), len(strata))),
        np.bincount(group[is_perturbed & ~matched], minlength=len(groups)),
    )
    place = np.full(size, -1, dtype=np.int64)
    place[strata] = np.arange(len(strata))
    for rows in _slices(np.flatnonzero((is_control | is_perturbed) & matched), at_once):
        _add(found, source.rows(rows), group[rows], place[stratum[rows]])
    return found


def _add(sums: ScreenSums, counts: csr_matrix, group: Ints, stratum: Ints) -> None:
    """Cells of a slice; ``group`` is -1 for control cells."""
    own = group < 0
    sums.control.add(stratum[own], counts[own])
    sums.perturbed.add(group[~own], counts[~own])
    total = np.asarray(counts[~own].sum(axis=1, dtype=np.float64)).ravel()
    np.add.at(sums.depth, (group[~own], stratum[~own]), total)
    np.add.at(sums.cells, (group[~own], stratum[~own]), total > 0)


def _slices(rows: Ints, at_once: int) -> Iterator[Ints]:
    parts = [rows[first : first + at_once] for first in range(0, len(rows), at_once)]
    return track(parts, "summing cells", len(parts), "slice")
