"""Eight readers ask the dashboard's queries while a large run is loaded and published: who waits, who meets a lock.

A run of one table of ``--rows`` rows, and small ones of all others, joins a published run. The readers open the
snapshot again and again and run every query of the dashboard, for a while before, during and after. The audit of the
large table is left out: its rows are copies. Where cores are fewer than readers, times tell of that as well.
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import polars as pl

from tests.benchmarks.machine import machine, machine_line
from tests.builders.dashboard_queries import edge_params
from tests.builders.forked import SERVER
from tests.builders.readers import Crowd, Notes, read_notes, state_of
from tests.builders.study_shards import make_study
from tests.warehouse.shards import rewrite_table
from warehouse import WarehouseError, open_snapshot, publish_run
from warehouse.audit import audit
from warehouse.errors import WarehouseLocked

TABLE = "edge_stat"
AUDITED = ["cell", "gene"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rows", type=int, default=2_000_000, help="rows of the run that is loaded")
    parser.add_argument("--readers", type=int, default=8)
    parser.add_argument("--idle", type=float, default=10.0, help="seconds of reading before and after")


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder, patch("warehouse.audit.audit", _small_audit):
        home = Path(folder)
        first, second = (make_study(home / "runs", seed, n_features=24, layers=(0, 1)) for seed in (0, 1))
        rewrite_table(second[1], TABLE, lambda frame: enlarged(frame, arguments.rows))
        publish_run(home, *first)
        return {"machine": machine(), "readers": arguments.readers, **_watched(home, second, arguments)}


def enlarged(frame: pl.DataFrame, n_rows: int) -> pl.DataFrame:
    """The frame over and over, each time for other source features, cut to ``n_rows``."""
    copies = -(-n_rows // frame.height)
    kind = frame.schema["source_feature"]
    shifts = [(pl.col("source_feature") + 1000 * number).cast(kind) for number in range(copies)]
    return pl.concat([frame.with_columns(shift) for shift in shifts]).head(n_rows)


def _small_audit(path: Path, _: object, run_id: str, notify: Any, audited: Any) -> Any:
    return audit(path, AUDITED, run_id, notify, audited)


def _watched(home: Path, run: tuple[Any, list[Path]], arguments: argparse.Namespace) -> dict[str, Any]:
    """Publish a run before the eyes of the readers; what both sides met."""
    with open_snapshot(home) as con:
        params = edge_params(con)
    crowd = Crowd(home, params, SERVER.Barrier(arguments.readers + 1), SERVER.Event())
    papers, old, locks = [home / f"notes-{number}.json" for number in range(arguments.readers)], state_of(home), 0
    readers = [crowd.start(paper) for paper in papers]
    crowd.begin.wait()
    time.sleep(arguments.idle)
    begun = time.time()
    try:
        publish_run(home, *run)
    except WarehouseLocked:
        locks += 1
    ended = time.time()
    time.sleep(arguments.idle)
    crowd.stop.set()
    for reader in readers:
        reader.join()
    notes = [read_notes(paper) for paper in papers]
    return {"rows": arguments.rows, "seconds": ended - begun, "writer_lock_errors": locks} | {
        **_errors(notes),
        **_states(notes, old, state_of(home)),
        "idle": _waits(notes, 0, begun),
        "loading": _waits(notes, begun, ended),
    }


def _errors(notes: list[Notes]) -> dict[str, Any]:
    errors = [error for one in notes for error in one.errors]
    locks = [error for error in errors if "lock" in error.lower() or WarehouseLocked.__name__ in error]
    return {"reader_lock_errors": len(locks), "reader_errors": len(errors), "first_error": min(errors, default=None)}


def _states(notes: list[Notes], old: str, new: str) -> dict[str, int]:
    """Openings by what they saw. A reader that saw the new tables never sees the old ones again."""
    seen = [state for one in notes for state in one.states]
    went_back = sum(a == new and b == old for one in notes for a, b in zip(one.states, one.states[1:], strict=False))
    counts = {"saw_old": seen.count(old), "saw_new": seen.count(new)}
    odd = {"saw_neither": len(seen) - sum(counts.values()), "went_back": went_back}
    return counts | odd | {"changed_while_open": sum(one.torn for one in notes)}


def _waits(notes: list[Notes], begun: float, ended: float) -> dict[str, float]:
    """Number of queries begun in the time, median and 95th percentile of their milliseconds."""
    seconds = [took for one in notes for at, took in one.queries if begun <= at < ended]
    if not seconds:
        raise WarehouseError("no query was begun in the time: allow more with --idle, or more --rows")
    p50, p95 = np.percentile(seconds, [50, 95]) * 1000
    return {"queries": len(seconds), "p50_ms": float(p50), "p95_ms": float(p95)}


def table(figures: dict[str, Any]) -> str:
    names = ("saw_old", "saw_new", "saw_neither", "went_back", "changed_while_open")
    return "\n".join(
        [
            machine_line(figures),
            f"{figures['readers']} readers, {figures['rows']:,} rows published in {figures['seconds']:.1f} s",
            f"lock errors: readers {figures['reader_lock_errors']}, writer {figures['writer_lock_errors']}; "
            f"other errors {figures['reader_errors'] - figures['reader_lock_errors']}",
            "openings: " + ", ".join(f"{name.replace('_', ' ')} {figures[name]}" for name in names),
            *(
                f"{phase:<8} {figures[phase]['queries']:,} queries, p50 {figures[phase]['p50_ms']:.1f} ms, "
                f"p95 {figures[phase]['p95_ms']:.1f} ms"
                for phase in ("idle", "loading")
            ),
        ]
    )
