"""A whole model's edges in the warehouse: load, audit, a second run, size and every query, beside a plain table.

The shards are invented, in the types, sparsity and order of a trace: 18 layers of 4,608 features, three source layers,
one of them with both kinds of effects. The suite of effect_cell is left out: its archived lists are shortened here. The
plain table holds the same rows in no order, and a part of them under a primary key of five columns. Two further runs
that share the traces are published as well: one looks for modules, one annotates its features with other gene sets.
"""

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tasks.store import Progress
from tests.benchmarks.machine import machine, machine_line, peak_gib
from tests.benchmarks.plain_table import plain_table
from tests.benchmarks.publish_times import publish
from tests.benchmarks.query_times import query_times
from tests.builders.large_study import make_large_study
from warehouse import open_snapshot, snapshot_path
from warehouse.reading import row_counts

FURTHER: dict[str, dict[str, Any]] = {"modules": {"modules": True}, "other gene sets": {"gene_sets": 1}}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rows", type=int, default=20_000_000, help="rows of edge_stat, about")
    parser.add_argument("--layers", type=int, default=18)
    parser.add_argument("--features", type=int, default=4608, help="features of a layer")
    parser.add_argument("--times", type=int, default=20, help="how often each query is asked")
    parser.add_argument(
        "--key-rows", type=int, default=2_000_000, help="rows of the table with a primary key; 0: leave it out"
    )
    parser.add_argument("--home", type=Path, help="keep the warehouse and its shards here")


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    with ExitStack() as stack:
        home = arguments.home or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        size = {"n_layers": arguments.layers, "n_features": arguments.features}
        with Progress("write shards", arguments.rows, "row") as bar:
            run, folders = make_large_study(home / "runs", arguments.rows, **size, notify=bar.advance)
        first = publish(home, run, folders)
        figures = {"machine": machine(), **_sizes(home, first), "peak_gib": peak_gib()}
        figures["queries"] = _queries(home, arguments.times)
        figures["further"] = {
            name: publish(home, *make_large_study(home / "runs", arguments.rows, **size, **asked))
            for name, asked in FURTHER.items()
        }
        figures["further_peak_gib"] = peak_gib()
        figures["shared_queries"] = _queries(home, arguments.times)
        if arguments.key_rows:
            shards = [shard for folder in folders for shard in sorted(folder.glob("tables/edge_stat/*.parquet"))]
            figures["plain"] = plain_table(home, shards, arguments.key_rows, arguments.times)
    return figures


def _sizes(home: Path, first: dict[str, Any]) -> dict[str, Any]:
    with open_snapshot(home) as con:
        rows = {table: row_counts(con, first["run_id"])[table] for table in ("edge_stat", "edge", "feature")}
    return {
        "rows": rows["edge_stat"],
        "edges": rows["edge"],
        "features": rows["feature"],
        "load_rows_per_second": rows["edge_stat"] / first["load_edge_stat_s"],
        "bytes_per_row": snapshot_path(home).stat().st_size / rows["edge_stat"],
        **first,
    }


def _queries(home: Path, times: int) -> dict[str, dict[str, float]]:
    with open_snapshot(home) as con:
        con.execute("SET threads = 2")
        return query_times(con, times)


def table(figures: dict[str, Any]) -> str:
    queries, shared = figures["queries"], figures["shared_queries"]
    slowest = sorted(queries, key=lambda name: -queries[name]["p50_ms"])
    return "\n".join(
        [
            machine_line(figures),
            f"{figures['rows']:,} measured pairs, {figures['edges']:,} called edges, {figures['features']:,} features",
            f"copy and hashes of all shards: {figures['begin_s']:.1f} s",
            f"load: {figures['load_edge_stat_s']:.1f} s, {figures['load_rows_per_second']:,.0f} rows a second "
            f"({figures['load_s']:.1f} s with all other tables and what follows from them)",
            f"{figures['checks']:,} checks: {figures['audit_edge_stat_s']:.1f} s those of edge_stat, "
            f"{figures['audit_s']:.1f} s those of all tables",
            f"all of it: {figures['total_s']:.1f} s, {figures['bytes_per_row']:.1f} bytes a row, "
            f"at most {figures['peak_gib']:.1f} GiB in the process",
            *(_further(name, one) for name, one in figures["further"].items()),
            *_plain(figures.get("plain")),
            f"{'one run, then beside others':46}{'p50 ms':>9}{'p95 ms':>9}{'p50 ms':>13}{'p95 ms':>9}{'rows':>9}",
            *(_asked(name, queries[name], shared.get(name)) for name in slowest),
        ]
    )


def _further(name: str, one: dict[str, Any]) -> str:
    parts = f"{one['begin_s']:.1f} s copy, {one['load_s']:.1f} s load, {one['audit_s']:.1f} s checks"
    return (
        f"further run, {name}: {one['total_s']:.1f} s, {one['cpu_s']:.1f} s of processor ({parts}); "
        f"{one['new_rows']:,} rows of its own, {one['grown_bytes'] / 1e6:.1f} MB more"
    )


def _plain(plain: dict[str, Any] | None) -> list[str]:
    if plain is None:
        return []
    return [
        f"plain table: {plain['load_rows_per_second']:,.0f} rows a second in no order, "
        f"{plain['key_rows_per_second']:,.0f} under a primary key ({plain['key_rows']:,} rows), "
        f"{plain['bytes_per_row']:.1f} bytes a row",
        *(_asked(f"plain: {name}", query, None) for name, query in plain["queries"].items()),
    ]


def _asked(name: str, query: dict[str, float], shared: dict[str, float] | None) -> str:
    later = f"{shared['p50_ms']:9.1f}{shared['p95_ms']:9.1f}" if shared else f"{'':18}"
    return f"{name:46}{query['p50_ms']:9.1f}{query['p95_ms']:9.1f}{'':4}{later}{query['rows']:9}"
