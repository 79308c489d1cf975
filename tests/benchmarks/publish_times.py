"""How long a run takes to publish, part by part, and what the snapshot grows by."""

import os
import resource
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from warehouse import publish_run, snapshot_path
from warehouse.audit import audit
from warehouse.check_result import CheckResult
from warehouse.contracts.contract import contracts
from warehouse.manifest import read_manifest
from warehouse.reading import ledger_of_steps

LEFT_OUT = "effect_cell"  # a large study's archived lists are shortened


def publish(home: Path, run: dict[str, Any], folders: list[Path]) -> dict[str, Any]:
    """Publish a run, but for the suite of LEFT_OUT, and say what it took.

    Seconds: ``begin_s`` until rows are loaded (copy of the snapshot, hashes of new shards), ``load_s``, ``audit_s``,
    ``end_s`` (report, move, counts), ``total_s``; and ``cpu_s`` of processor. ``new_rows``: those of steps that the
    snapshot did not have; ``grown_bytes``: by how much its file is larger.
    """
    new_rows, size = _rows_of_new_steps(home, folders), _size(home)
    os.sync()  # the system still writes the shards otherwise, and the load would pay for that
    begun, cpu = time.perf_counter(), _cpu_seconds()
    notices: list[tuple[float, str]] = []

    def told(what: str, done: int, total: int) -> None:
        part = "begin" if done == 0 else "audit" if done > total - len(contracts()) else "load"
        notices.append((time.perf_counter(), f"{part} {what}"))

    with patch("warehouse.audit.audit", _audit):
        report = publish_run(home, run, folders, told)
    ended = time.perf_counter()
    starts = [begun, *(at for at, _ in notices)]
    seconds = {name: at - start for (at, name), start in zip(notices, starts, strict=False)}
    parts = {
        f"{part}_s": sum(spent for name, spent in seconds.items() if name.startswith(part))
        for part in ("begin", "load", "audit")
    }
    return {
        "run_id": run["run_id"],
        "new_rows": new_rows,
        "grown_bytes": _size(home) - size,
        "checks": len(report.results),
        "load_edge_stat_s": seconds.get("load edge_stat", 0.0),
        "audit_edge_stat_s": seconds["audit edge_stat"],
        **parts,
        "end_s": ended - starts[-1],
        "total_s": ended - begun,
        "cpu_s": _cpu_seconds() - cpu,
        "slowest": dict(sorted(seconds.items(), key=lambda item: -item[1])[:8]),
    }


def _rows_of_new_steps(home: Path, folders: list[Path]) -> int:
    manifests = [read_manifest(folder) for folder in folders]
    known = ledger_of_steps(home, [manifest.key for manifest in manifests])
    return sum(shard.rows for one in manifests if one.key not in known for shard in one.table_shards())


def _size(home: Path) -> int:
    path = snapshot_path(home)
    return path.stat().st_size if path.exists() else 0


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _audit(path: Path, tables: Iterable[str], *more: Any) -> list[CheckResult]:
    return audit(path, [name for name in tables if name != LEFT_OUT], *more)
