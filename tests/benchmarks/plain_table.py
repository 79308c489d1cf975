"""The same rows as one would first store them: in no order, and under a primary key."""

import time
from pathlib import Path
from typing import Any

import duckdb

from tests.benchmarks.query_times import middle_edge, timed
from warehouse import open_snapshot

KEY = "effect, source_sae, source_feature, target_sae, target_feature"
CALLED = (
    "effect = 'total' AND q <= 0.05 AND abs(g) > 0.5 "
    "AND greatest(n_pos, n_neg) > 0.7 * (n_pos + n_neg) AND n_pos + n_neg >= 5"
)
QUERIES = {
    "edges of one source": f"source_sae = $source_sae AND source_feature = $source_feature AND {CALLED}",
    "edges of one target": f"target_sae = $target_sae AND target_feature = $target_feature AND {CALLED}",
    "strongest edges": CALLED,
}


def plain_table(home: Path, shards: list[Path], key_rows: int, times: int) -> dict[str, Any]:
    """Load all shards in no order, ``key_rows`` of their rows under a primary key, and ask for edges."""
    with open_snapshot(home) as con:
        edge = middle_edge(con)
    path = home / "plain.duckdb"
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path), config={"threads": 2, "memory_limit": "4GB"}) as con:
        rows, seconds = _load(con, "plain", shards)
        size = path.stat().st_size / rows
        queries = {
            name: timed(con, f"SELECT * FROM plain WHERE {where} ORDER BY abs(g) DESC LIMIT 500", edge, times)
            for name, where in QUERIES.items()
        }
        keyed, key_seconds = _load(con, "keyed", shards, f", PRIMARY KEY ({KEY})", key_rows)
    path.unlink()
    return {
        "load_rows_per_second": rows / seconds,
        "key_rows": keyed,
        "key_rows_per_second": keyed / key_seconds,
        "bytes_per_row": size,
        "queries": queries,
    }


def _load(
    con: duckdb.DuckDBPyConnection, table: str, shards: list[Path], constraint: str = "", limit: int | None = None
) -> tuple[int, float]:
    """Rows and seconds of loading. The rows of each shard are shuffled, and shards taken in turns from far apart."""
    paths = [str(path) for start in range(7) for path in shards[start::7]]
    described = con.execute("DESCRIBE SELECT * FROM read_parquet($paths)", {"paths": paths[:1]}).fetchall()
    columns = ", ".join(f'"{name}" {kind}' for name, kind, *_ in described)
    con.execute(f"CREATE TABLE {table} ({columns}{constraint})")
    start, rows = time.perf_counter(), 0
    for first in range(0, len(paths), 43):
        if limit is None or rows < limit:
            text = (
                f"INSERT INTO {table} SELECT * FROM read_parquet($paths) ORDER BY hash(target_feature, p) LIMIT $most"
            )
            most = 10**12 if limit is None else limit - rows
            rows += con.execute(text, {"paths": paths[first : first + 43], "most": most}).fetchall()[0][0]
    con.execute("CHECKPOINT")
    return rows, time.perf_counter() - start
