"""All figures of a run as SVG files, and one page that shows them without a network.

The folder appears whole or not at all: it is written under another name, and renamed in the end.
"""

import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dashboards.behind import written_in
from dashboards.figures.figure import Drawn, Figure, NothingToDraw, drawn
from dashboards.figures.html import Entry, page
from dashboards.figures.papers import FIGURES
from dashboards.figures.reader import RunReader
from dashboards.pictures.draw import picture
from dashboards.style import literal, readable
from warehouse import open_snapshot
from warehouse.export.contents import chosen_run
from warehouse.files import explained
from warehouse.sql import query_text

PAGE = "figures.html"
Watch = Callable[[Iterable[Figure], int], Iterable[Figure]]


@dataclass(frozen=True)
class Report:
    """What was written: the run, and how many figures it has and lacks."""

    run_id: str
    n_drawn: int
    n_lacking: int


def write_figures(folder: Path, home: Path, run_id: str | None, watch: Watch) -> Report:
    """Write ``folder``, which is not there or empty; ``watch`` passes figures on and shows how far they are.

    Raises UnknownName for a run that is not published, NoWarehouse, OutOfSpace.
    """
    with open_snapshot(home) as con:
        chosen = str(chosen_run(con, run_id)["run_id"])
        temporary = folder.with_name(f".{folder.name}.tmp")
        shutil.rmtree(temporary, ignore_errors=True)
        try:
            with explained(folder):
                temporary.mkdir(parents=True)
                entries = _write_all(temporary, con, chosen, watch)
                if folder.exists():
                    folder.rmdir()
                os.replace(temporary, folder)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    n_drawn = sum(entry.svg is not None for entry in entries)
    return Report(chosen, n_drawn, len(entries) - n_drawn)


def _write_all(folder: Path, con: duckdb.DuckDBPyConnection, run_id: str, watch: Watch) -> list[Entry]:
    ask = RunReader(con, run_id)
    entries = [_entry(folder, figure, ask) for figure in watch(FIGURES, len(FIGURES))]
    stand_ins = ask.rows("models").filter("stand_in")["name"].to_list()
    (folder / PAGE).write_text(page(run_id, entries, stand_ins), encoding="utf-8")
    return entries


def _entry(folder: Path, figure: Figure, ask: RunReader) -> Entry:
    try:
        found = drawn(figure, ask)
    except NothingToDraw as reason:
        return Entry(figure, None, (), str(reason))
    svg = picture(readable(literal(found.picture)), "svg", figure.name)
    (folder / f"{figure.name}.svg").write_bytes(svg)
    return Entry(figure, svg.decode(), _texts(found, ask.run_id), "")


def _texts(found: Drawn, run_id: str) -> tuple[str, ...]:
    """The SQL behind a figure, with its values written in."""
    return tuple(written_in(query_text(query), {"run_id": run_id, **values}) for query, values, _ in found.asked)
