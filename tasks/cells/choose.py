"""Which cells are used: those that the filter leaves, drawn by seed, with enough known genes.

1. Cells that the filter leaves stand in a seeded random order; the draw says which are tried, and in what order.
2. They are read from the front of the draw until ``n`` of them pass (all of them without ``n``).
3. Where equal numbers per group are wanted (per file, or per value of an obs column), each group is a queue of the
   draw: ``n`` is dealt out one by one among the groups that still have a cell that passes.
4. The last share of those that passed, in the random order, is held out: the split is random, whatever the draw.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tasks.cells.select import Draw
from tasks.cells.slices import Rows, Values, stack
from tasks.store import RequestError


class Source(Protocol):
    """Where raw counts come from."""

    @property
    def n_cells(self) -> int:
        """How many cells there are."""

    @property
    def n_genes(self) -> int:
        """How many genes each cell has."""

    def rows(self, wanted: Rows) -> csr_matrix:
        """Raw counts [len(wanted), n_genes] of the rows ``wanted``, ascending."""


class Fate(IntEnum):
    """What became of a cell: its name, in lower case with spaces, is the reason that the cell table gives."""

    CHOSEN = 0
    FILTERED_OUT = 1
    NOT_SAMPLED = 2
    NO_COUNTS = 3
    NO_KNOWN_GENES = 4
    TOO_FEW_GENES = 5

    @property
    def reason(self) -> str | None:
        """Why the cell is not used; None if it is."""
        return self.name.lower().replace("_", " ") if self else None


@dataclass(frozen=True)
class Passing:
    """A cell passes if it expresses ``min_genes`` of the genes marked in ``known`` [n_genes]."""

    known: NDArray[np.bool_]
    min_genes: int

    def fates(self, counts: csr_matrix) -> NDArray[np.int8]:
        """The fate of every row of ``counts`` [n_cells, n_genes]."""
        n_known = np.diff(counts[:, np.flatnonzero(self.known)].indptr)
        fates = np.where(n_known < self.min_genes, Fate.TOO_FEW_GENES, Fate.CHOSEN)
        fates[n_known == 0] = Fate.NO_KNOWN_GENES
        fates[np.diff(counts.indptr) == 0] = Fate.NO_COUNTS
        return fates.astype(np.int8)


@dataclass
class Cells:
    """Every cell of a file, and the counts of those in use.

    ``fate`` int8 [n_cells]; ``draw_rank``, ``n_counts``, ``n_genes`` [n_cells], NaN for cells not drawn or not read;
    ``chosen``: rows in use, ascending; ``counts``: float32 [n_chosen, n_genes].
    """

    fate: NDArray[np.int8]
    draw_rank: Values
    n_counts: Values
    n_genes: Values
    chosen: Rows
    counts: csr_matrix

    @classmethod
    def drawn(cls, draw: Draw, n_cells: int, n_genes: int) -> "Cells":
        """Cells of which none has been read."""
        fate = np.full(n_cells, Fate.FILTERED_OUT, dtype=np.int8)
        fate[draw.shuffled] = Fate.NOT_SAMPLED
        rank, unread = np.full(n_cells, np.nan), np.full(n_cells, np.nan)
        rank[draw.order] = np.arange(len(draw.order))
        return cls(fate, rank, unread, unread.copy(), draw.order[:0], csr_matrix((0, n_genes), dtype=np.float32))

    def add(self, rows: Rows, counts: csr_matrix, passing: Passing) -> None:
        """Take those of the cells ``rows``, ascending, that pass; ``counts`` [len(rows), n_genes]."""
        self.n_counts[rows] = np.asarray(counts.sum(axis=1, dtype=np.float64)).ravel()
        self.n_genes[rows] = np.diff(counts.indptr)
        self.fate[rows] = passing.fates(counts)
        self._keep(np.concatenate([self.chosen, rows]), csr_matrix(stack([self.counts, counts], counts.shape[1])))

    def leave_out(self, rows: Rows) -> None:
        """Leave out cells that pass, for enough others do."""
        if not len(rows):
            return
        self.fate[rows] = Fate.NOT_SAMPLED
        self._keep(self.chosen, self.counts)

    def drop(self, passing: Passing) -> None:
        """Drop chosen cells that do not pass. Raises RequestError if fewer than two are left."""
        self.fate[self.chosen] = passing.fates(self.counts)
        self._keep(self.chosen, self.counts)
        if len(self.chosen) < 2:
            raise RequestError(self._too_few(passing.min_genes))

    def draw_heldout(self, fraction: float, shuffled: Rows) -> Rows:
        """Rows of the cells that are held out: the last of those chosen in a random order, at least one, never all."""
        count = min(len(self.chosen) - 1, max(1, round(fraction * len(self.chosen))))
        return shuffled[np.isin(shuffled, self.chosen)][-count:]

    def _keep(self, rows: Rows, counts: csr_matrix) -> None:
        """Keep those of ``rows`` whose fate is to be chosen, in ascending order."""
        order = np.argsort(rows)
        order = order[self.fate[rows[order]] == Fate.CHOSEN]
        self.chosen, self.counts = rows[order], counts[order]

    def _too_few(self, min_genes: int) -> str:
        fates, numbers = np.unique(self.fate[self.fate != Fate.CHOSEN], return_counts=True)
        why = ", ".join(f"{number:,} {Fate(fate).reason}" for fate, number in zip(fates, numbers, strict=True))
        return (
            f"{len(self.chosen)} of {len(self.fate):,} cells are left and at least 2 are needed ({why}): "
            f"loosen cells.where or cells.min_genes (now {min_genes}), or give other cells"
        )


@dataclass
class Queue:
    """Cells of one group, in the order in which they are tried; ``passed``: those of the first ``tried`` that pass."""

    rows: Rows
    passed: Rows
    tried: int = 0
    batch: int = 0

    @property
    def most(self) -> int:
        """How many cells can pass at most."""
        return len(self.passed) + len(self.rows) - self.tried

    def take(self, share: int) -> Rows:
        """The cells to try next so that ``share`` pass; twice as many as the last time, of which too few did."""
        first, self.batch = self.tried, max(2 * self.batch, share - len(self.passed))
        self.tried = min(first + self.batch, len(self.rows))
        return self.rows[first : self.tried]


def read_cells(draw: Draw, source: Source, passing: Passing, n: int | None) -> Cells:
    """Read cells in the order of the draw until ``n`` of them pass. Raises RequestError if fewer than two do."""
    cells = Cells.drawn(draw, source.n_cells, source.n_genes)
    queues = [Queue(rows, rows[:0]) for rows in draw.queues]
    while True:
        shares = fair_shares(len(draw.order) if n is None else n, [queue.most for queue in queues])
        tried = [queue.take(share) for queue, share in zip(queues, shares, strict=True) if len(queue.passed) < share]
        if not tried:
            break
        rows = np.sort(np.concatenate(tried))
        cells.add(rows, source.rows(rows), passing)
        for queue in queues:
            read = queue.rows[: queue.tried]
            queue.passed = read[cells.fate[read] == Fate.CHOSEN]
    cells.leave_out(np.concatenate([queue.passed[share:] for queue, share in zip(queues, shares, strict=True)]))
    cells.drop(passing)
    return cells


def fair_shares(n: int, most: Sequence[int]) -> list[int]:
    """``n``, or as many as there are, dealt out one by one among groups that can take ``most`` each."""
    caps = np.array(most, dtype=np.int64)
    total = min(n, int(caps.sum()))
    level = bisect_right(range(caps.max() + 1), total, key=lambda each: int(np.minimum(caps, each).sum())) - 1
    shares = np.minimum(caps, level)
    shares[np.flatnonzero(caps > level)[: total - shares.sum()]] += 1
    return [int(share) for share in shares]
