"""A whole model's edges in the warehouse: load, audit, size, and every query of the dashboard, beside a plain table.

The shards are invented, in the types, sparsity and order of a trace: 18 layers of 4,608 features, three source layers,
one of them with both kinds of effects. The suite of effect_cell is left out: its archived lists are shortened here. The
plain table holds the same rows in no order, and a part of them under a primary key of five columns.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tasks.store import Progress
from tests.benchmarks.machine import machine, machine_line, peak_gib
from tests.benchmarks.plain_table import plain_table
from tests.benchmarks.query_times import query_times
from tests.builders.large_study import make_large_study
from warehouse import open_snapshot, publish_run, snapshot_path
from warehouse.audit import audit
from warehouse.contracts.contract import contracts

LEFT_OUT = "effect_cell"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rows", type=int, default=20_000_000, help="rows of edge_stat, about")
    parser.add_argument("--layers", type=int, default=18)
    parser.add_argument("--features", type=int, default=4608, help="features of a layer")
    parser.add_argument("--times", type=int, default=20, help="how often each query is asked")
    parser.add_argument("--key-rows", type=int, default=2_000_000, help="rows of the table with a primary key")
    parser.add_argument("--home", type=Path, help="keep the warehouse and its shards here")


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    with ExitStack() as stack:
        home = arguments.home or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        with Progress("write shards", arguments.rows, "row") as bar:
            size = {"n_layers": arguments.layers, "n_features": arguments.features}
            run, folders = make_large_study(home / "runs", arguments.rows, **size, notify=bar.advance)
        os.sync()  # the system still writes the shards otherwise, and the load would pay for that
        published = _publish(home, run, folders)
        with open_snapshot(home) as con:
            con.execute("SET threads = 2")
            queries = query_times(con, arguments.times)
        shards = [shard for folder in folders for shard in sorted(folder.glob("tables/edge_stat/*.parquet"))]
        plain = plain_table(home, shards, arguments.key_rows, arguments.times)
    return {"machine": machine(), **published, "peak_gib": peak_gib(), "queries": queries, "plain": plain}


def _publish(home: Path, run: dict[str, Any], folders: list[Path]) -> dict[str, Any]:
    """Load, audit and publish, with the seconds of each part."""
    seconds: dict[str, float] = {}
    clock = [time.perf_counter()]

    def told(what: str, done: int, total: int) -> None:
        part = "verify" if done == 0 else "audit" if done > total - len(contracts()) else "load"
        now = time.perf_counter()
        seconds[f"{part} {what}"], clock[0] = now - clock[0], now

    with patch("warehouse.publish.audit", _audit):
        report = publish_run(home, run, folders, told)
    rows = report.rows["edge_stat"]
    parts = {
        part: sum(value for name, value in seconds.items() if name.startswith(part))
        for part in ("verify", "load", "audit")
    }
    return {
        "rows": rows,
        "edges": report.rows["edge"],
        "features": report.rows["feature"],
        "verify_s": parts["verify"],
        "load_edge_stat_s": seconds["load edge_stat"],
        "load_rows_per_second": rows / seconds["load edge_stat"],
        "load_all_s": parts["load"],
        "suite_edge_stat_s": seconds["audit edge_stat"],
        "suite_all_s": parts["audit"],
        "checks": len(report.results),
        "total_s": report.seconds,
        "bytes_per_row": snapshot_path(home).stat().st_size / rows,
    }


def _audit(path: Path, tables: Any, run_id: str, notify: Callable[[str, int, int], None]) -> Any:
    kept = [table for table in tables if table != LEFT_OUT]
    n_tables = len(contracts())
    return audit(path, kept, run_id, partial(_shifted, notify, n_tables - len(kept), n_tables))


def _shifted(notify: Callable[[str, int, int], None], shift: int, total: int, what: str, done: int, _: int) -> None:
    notify(what, done + shift, total)


def table(figures: dict[str, Any]) -> str:
    queries, plain = figures["queries"], figures["plain"]
    slowest = sorted(queries.items(), key=lambda item: -item[1]["p50_ms"])
    return "\n".join(
        [
            machine_line(figures),
            f"{figures['rows']:,} measured pairs, {figures['edges']:,} called edges, {figures['features']:,} features",
            f"hashes of all shards: {figures['verify_s']:.1f} s",
            f"load: {figures['load_edge_stat_s']:.1f} s, {figures['load_rows_per_second']:,.0f} rows a second "
            f"({figures['load_all_s']:.1f} s with all other tables and what follows from them)",
            f"{figures['checks']:,} checks: {figures['suite_edge_stat_s']:.1f} s those of edge_stat, "
            f"{figures['suite_all_s']:.1f} s those of all tables",
            f"all of it: {figures['total_s']:.1f} s, {figures['bytes_per_row']:.1f} bytes a row, "
            f"at most {figures['peak_gib']:.1f} GiB in the process",
            f"plain table: {plain['load_rows_per_second']:,.0f} rows a second in no order, "
            f"{plain['key_rows_per_second']:,.0f} under a primary key ({plain['key_rows']:,} rows), "
            f"{plain['bytes_per_row']:.1f} bytes a row",
            f"{'query':46}{'p50 ms':>9}{'p95 ms':>9}{'rows':>8}",
            *(f"{n:46}{q['p50_ms']:9.1f}{q['p95_ms']:9.1f}{q['rows']:8}" for n, q in slowest),
            *(f"plain: {n:39}{q['p50_ms']:9.1f}{q['p95_ms']:9.1f}{q['rows']:8}" for n, q in plain["queries"].items()),
        ]
    )
