"""Which cells are of which source, and which of them each autoencoder is trained on.

1. A source is a value of the named obs column, or several values under one name. Its training cells are dealt out in
   equal parts, one a seed: what one seed is trained on, no other is.
2. A single source's autoencoder has n cells of it, the pooled one n / S of each of the S sources, from those same n. n
   is the largest number that all sources have for every seed.
3. Each is trained on the same number of positions, drawn from its cells; the pooled one on as many of each source.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.analyses.cohort.step import POOLED, CohortSettings
from tasks.cells.chosen import ChosenCells
from tasks.cells.obs import ObsColumn
from tasks.cells.reader import CellsReader
from tasks.store import RequestError

Ints = NDArray[np.int64]
SHOWN = 10  # names in a message


@dataclass(frozen=True)
class Source:
    """A source and its cells with kept positions: ``train`` and ``heldout``, cell ids, ascending."""

    name: str
    train: Ints
    heldout: Ints


@dataclass(frozen=True)
class Cohort:
    """What one autoencoder is trained on: ``rows`` of the activations, ascending, of ``n_cells`` cells."""

    name: str
    seed: int
    n_cells: int
    rows: Ints


def read_sources(settings: CohortSettings, reader: CellsReader, cell_id: NDArray[np.uint32]) -> list[Source]:
    """The sources of a study, by name; ``cell_id`` [N] is the cell of every kept position.

    Raises RequestError for a value that no cell has, for fewer than two sources, and for one with too few cells.
    """
    assert settings.column is not None  # a wanted step names it
    told = ChosenCells(reader).column(settings.column, "cohort.column")
    named = _named(settings, told)
    cells = reader.cells().with_columns(source=pl.Series([named.get(value) for value in told.text], dtype=pl.String))
    kept = cells.filter(pl.col("cell_id").is_in(np.unique(cell_id).tolist()), pl.col("source").is_not_null())
    found = [
        Source(name, *(_cells(kept.filter(source=name), split) for split in ("train", "heldout")))
        for name in sorted(set(named.values()))
    ]
    _refuse(settings, found)
    return found


def _named(settings: CohortSettings, told: ObsColumn) -> dict[str, str]:
    """The source of every value of the column that is of one."""
    present = told.present()
    if not settings.groups:
        return {value: value for value in present}
    named = {told.spelling(value): name for name, values in settings.groups.items() for value in values}
    unknown = next((value for value in named if value not in present), None)
    if unknown is not None:
        shown = ", ".join(present[:SHOWN])
        raise RequestError(f"cohort.groups: no cell has {settings.column} = {unknown}; the values are {shown}")
    return named


def _cells(cells: pl.DataFrame, split: str) -> Ints:
    return np.sort(cells.filter(split=split)["cell_id"].to_numpy()).astype(np.int64)


def _refuse(settings: CohortSettings, sources: Sequence[Source]) -> None:
    if len(sources) < 2:
        only = f"{sources[0].name} alone" if sources else "no value"
        raise RequestError(f"cohort.column: {settings.column} has {only} in these cells, and two sources are needed")
    if POOLED in {one.name for one in sources}:
        raise RequestError(f"cohort.column: a source is called {POOLED}, as all are: rename it by cohort.groups")
    least, n_seeds = max(settings.min_cells, len(sources)), len(settings.seeds)
    for one in sources:
        if len(one.train) < n_seeds * least or len(one.heldout) < least:
            raise RequestError(
                f"cohort: {one.name} has {len(one.train):,} training and {len(one.heldout):,} held-out cells, and "
                f"{n_seeds} seeds of {least} cells (cohort.min_cells) need {n_seeds * least:,} and {least:,}: draw "
                "more cells, or name the sources to compare in cohort.groups"
            )


def deal(sources: Sequence[Source], cell_id: NDArray[np.uint32], seeds: Sequence[int], seed: int) -> list[Cohort]:
    """All cohorts of all seeds, those of one seed together and the pooled one first; drawn by ``seed``."""
    n = min(len(one.train) for one in sources) // len(seeds)
    n -= n % len(sources)
    dealt = [_parts(one.train, n, len(seeds), [seed, place]) for place, one in enumerate(sources)]
    rows = _rows_by_cell(cell_id)
    share = n // len(sources)
    groups = []  # name, seed, cells, rows of the parts that get equal numbers of positions
    for number, own in enumerate(seeds):
        parts = [_of(rows, one[number][:share]) for one in dealt]
        groups.append((POOLED, own, parts))
        groups += [(one.name, own, [_of(rows, cells[number])]) for one, cells in zip(sources, dealt, strict=True)]
    least = min(len(part) * len(parts) // len(sources) for _, _, parts in groups for part in parts)
    found = []
    for place, (name, own, parts) in enumerate(groups):
        rng = np.random.default_rng([seed, len(sources), place])
        each = least * len(sources) // len(parts)
        drawn = [rng.permutation(part)[:each] for part in parts]
        found.append(Cohort(name, own, n, np.sort(np.concatenate(drawn))))
    return found


def _parts(cells: Ints, n: int, n_parts: int, seed: list[int]) -> list[Ints]:
    """``n_parts`` times ``n`` different cells."""
    shuffled = np.random.default_rng(seed).permutation(cells)
    return [shuffled[part * n : (part + 1) * n] for part in range(n_parts)]


def _rows_by_cell(cell_id: NDArray[np.uint32]) -> Mapping[int, Ints]:
    order = np.argsort(cell_id, kind="stable")
    cells, first = np.unique(cell_id[order], return_index=True)
    return dict(zip(cells.tolist(), np.split(order, first[1:]), strict=True))


def _of(rows: Mapping[int, Ints], cells: Ints) -> Ints:
    return np.concatenate([rows[int(cell)] for cell in cells])
