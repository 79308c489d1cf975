"""Choose cells by what their obs columns say, and draw among them by seed."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from tasks.cells.obs import ObsColumn
from tasks.cells.settings import Wanted
from tasks.cells.slices import Rows
from tasks.store import RequestError

DEFAULT_LABEL = "cell_type"
SHOWN = 10  # names in an error line
PUBLISHED_POOL = 2000  # cells of the published atlas's draw, of which a study then takes the first


class Annotated(Protocol):
    """Cells with obs columns; ``name`` says in messages where they are."""

    @property
    def name(self) -> str:
        """The file, or what stands for it."""

    @property
    def n_cells(self) -> int:
        """How many cells there are."""

    def column(self, name: str, setting: str) -> ObsColumn:
        """A column over all cells. Raises RequestError, which names ``setting``, if there is none."""


class Labelled(Annotated, Protocol):
    """Cells whose labels some may lack."""

    def column_if_any(self, name: str) -> ObsColumn | None:
        """A column over all cells; None if there is none."""


@dataclass(frozen=True)
class Draw:
    """Rows that the filter leaves: ``shuffled``, all in a seeded random order; ``queues``, those to try.

    There is one queue per group of which equal numbers are wanted, each in the order in which its cells are tried.
    """

    shuffled: Rows
    queues: tuple[Rows, ...]

    @property
    def order(self) -> Rows:
        """All rows to try: the first of every queue, then the second of every queue, and so on."""
        queues = np.repeat(np.arange(len(self.queues)), [len(queue) for queue in self.queues])
        return np.concatenate(self.queues)[in_turns(queues)]


def in_turns(group: NDArray[np.int64]) -> NDArray[np.int64]:
    """The order of rows in which groups take turns, [n]: the first row of each, then the second of each, and so on."""
    by_group = np.argsort(group, kind="stable")
    starts = np.concatenate([[0], np.flatnonzero(np.diff(group[by_group])) + 1])
    place = np.empty(len(group), dtype=np.int64)
    place[by_group] = np.arange(len(group)) - np.repeat(starts, np.diff([*starts, len(group)]))
    return np.argsort(place, kind="stable")


def filter_cells(cells: Annotated, where: Wanted, setting: str) -> NDArray[np.bool_]:
    """Which cells have the wanted values in all named columns, [n_cells].

    Raises RequestError for a column, or a value, that no cell has.
    """
    kept = np.ones(cells.n_cells, dtype=bool)
    for name, wanted in where.items():
        column = cells.column(name, setting)
        texts = {column.spelling(value) for value in (wanted if isinstance(wanted, list) else [wanted])}
        present = column.present()
        for text in sorted(texts.difference(present)):
            raise RequestError(f"{setting}: no cell of {cells.name} has {name} = {text}: there are {listed(present)}")
        kept &= np.array([value in texts for value in column.text], dtype=bool)
    return kept


def draw(
    kept: NDArray[np.bool_], seed: int, kind: Literal["seeded", "published"], groups: NDArray[np.int64] | None = None
) -> Draw:
    """Draw among the cells marked in ``kept`` [n_cells]: all at random, or ``published_pool``.

    ``groups`` [n_cells]: numbers of the groups of which equal numbers are wanted; without them all cells are one.
    """
    shuffled = np.random.default_rng(seed).permutation(np.flatnonzero(kept))
    if kind == "published":
        return Draw(shuffled, (published_pool(kept, seed),))
    return Draw(shuffled, (shuffled,) if groups is None else _queues(shuffled, groups[shuffled]))


def _queues(shuffled: Rows, group: NDArray[np.int64]) -> tuple[Rows, ...]:
    """The rows of each group in their order; the groups stand as their first rows do."""
    by_group = np.argsort(group, kind="stable")
    borders = np.flatnonzero(np.diff(group[by_group])) + 1
    places = sorted(np.split(by_group, borders), key=lambda queue: int(queue[0]) if len(queue) else 0)
    return tuple(shuffled[queue] for queue in places)


def published_pool(kept: NDArray[np.bool_], seed: int) -> Rows:
    """Rows of a random 2,000 of the kept cells, ascending; of all if there are no more.

    The numbers are those of ``np.random.seed(seed)`` and ``np.random.choice`` without replacement.
    """
    eligible = np.flatnonzero(kept)
    if len(eligible) <= PUBLISHED_POOL:
        return eligible
    return np.sort(np.random.RandomState(seed).choice(eligible, PUBLISHED_POOL, replace=False))


def cell_labels(cells: Labelled, column: str | None) -> list[str | None]:
    """The label of every cell; None without one. Without a ``column``, ``cell_type`` serves where it is there.

    Raises RequestError if the named column is not there.
    """
    found = cells.column_if_any(DEFAULT_LABEL) if column is None else cells.column(column, "cells.label")
    return [None] * cells.n_cells if found is None else found.text.tolist()


def refuse_unknown(name: str, known: Sequence[str], setting: str, where: str) -> None:
    """Raise RequestError if ``name`` is not among the known columns; the line gives the nearest names."""
    if name not in known:
        near = get_close_matches(name, known, n=3)
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        raise RequestError(f"{setting}: {where} has no obs column {name}: {hint}it has {listed(known)}")


def listed(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more if names else "none"


def group_numbers(text: Sequence[str] | NDArray[np.object_]) -> NDArray[np.int64]:
    """The same number for the same text, [n]."""
    return np.unique(np.asarray(text, dtype=str), return_inverse=True)[1].astype(np.int64)
