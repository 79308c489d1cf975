"""Processes that read the snapshot as the dashboard does, over and over, until they are told to stop."""

import hashlib
import json
import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import asdict, dataclass, field
from itertools import cycle, islice
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path

import duckdb

from tests.builders.dashboard_queries import OF_RUNS, WIDE, ask
from tests.builders.forked import SERVER
from warehouse import WarehouseError, open_snapshot
from warehouse.contracts.contract import contracts

PER_VISIT = 6
COUNTS = " UNION ALL ".join(f"SELECT '{t}' AS t, run_id, count(*) FROM \"{t}\" GROUP BY run_id" for t in contracts())


@dataclass
class Notes:
    """What one reader saw: queries as (when, seconds), the state of the tables at every opening, errors."""

    queries: list[tuple[float, float]] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    torn: int = 0  # openings during which the tables changed
    errors: list[str] = field(default_factory=list)


def state(con: duckdb.DuckDBPyConnection) -> str:
    """A hash of the number of rows by table and run."""
    return hashlib.sha256(repr(sorted(con.execute(COUNTS).fetchall())).encode()).hexdigest()[:12]


def state_of(home: Path) -> str:
    """The state of the published snapshot."""
    with closing(open_snapshot(home)) as con:
        return state(con)


@dataclass(frozen=True)
class Crowd:
    """Readers of a home. They begin together, when ``begin`` is passed by all of them and by whoever started them."""

    home: Path
    params: dict[str, object]
    begin: Barrier
    stop: Event

    def start(self, notes: Path) -> BaseProcess:
        """Start one; it writes its notes as JSON when it stops."""
        process = SERVER.Process(target=_read, args=(self, notes))
        process.start()
        return process


def read_notes(path: Path) -> Notes:
    """What a stopped reader wrote."""
    return Notes(**json.loads(path.read_text()))


def _read(crowd: Crowd, path: Path) -> None:
    notes, names = Notes(), cycle(OF_RUNS)
    try:
        with closing(open_snapshot(crowd.home)) as con:  # the first queries of a process load what they need
            _visit(con, crowd.params, OF_RUNS, Notes())
        crowd.begin.wait()
    except BaseException:
        crowd.begin.abort()  # the others wait for this one
        raise
    while not crowd.stop.is_set():
        try:
            with closing(open_snapshot(crowd.home)) as con:
                _visit(con, crowd.params, islice(names, PER_VISIT), notes)
        except (duckdb.Error, WarehouseError, OSError) as error:
            notes.errors.append(f"{type(error).__name__}: {error}")
    path.write_text(json.dumps(asdict(notes)))


def _visit(con: duckdb.DuckDBPyConnection, params: dict[str, object], names: Iterable[str], notes: Notes) -> None:
    """A few queries, as a page would ask them, and the state of the tables before and after."""
    first = state(con)
    for name in names:
        begun = time.time()
        ask(con, name, {**WIDE, **params}).fetchall()
        notes.queries.append((begun, time.time() - begun))
    notes.states.append(first)
    notes.torn += state(con) != first
