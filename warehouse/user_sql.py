"""SQL that somebody typed: run in a process of its own, which is stopped when its time is up."""

import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa

from warehouse.errors import QueryRefused
from warehouse.home import snapshot_path
from warehouse.labels.tables import tables_named
from warehouse.parent import release, start_child
from warehouse.reading import connect_snapshot

SANDBOX = Path(__file__).with_name("sandbox.py")
MOST_BYTES = 512 << 20  # of a result, which the reader holds several times over


def run_user_sql(
    home: Path | None, sql: str, limit: int | None = None, timeout_s: float = 60.0, most_bytes: int = MOST_BYTES
) -> pa.Table:
    """The rows of one reading statement on the published snapshot, at most ``limit`` of them.

    The statement can read nothing but the snapshot and people's labels (tables human_label and feature_list), write
    nothing, and has bounded memory, time and result.
    Raises QueryRefused, in one line, if it is not allowed, wrong, or too greedy; NoWarehouse if there is
    nothing; WarehouseLocked if another program has the snapshot open for writing.
    """
    if limit is not None and limit < 0:
        raise QueryRefused(f"limit {limit}: ask for 0 rows or more")
    connect_snapshot(home).close()
    snapshot = str(snapshot_path(home).resolve())
    people = tables_named(sql, home)
    request = {"snapshot": snapshot, "sql": sql, "limit": limit, "most_bytes": most_bytes, "people": people}
    pipe = subprocess.PIPE
    child = start_child([sys.executable, "-I", str(SANDBOX)], stdin=pipe, stdout=pipe, stderr=pipe)
    try:
        rows, complaint = child.communicate(json.dumps(request).encode(), timeout=timeout_s)
    except subprocess.TimeoutExpired:
        raise QueryRefused(f"the query was stopped after {timeout_s:g} s: narrow it, or allow it more time") from None
    finally:
        release(child)
    if child.returncode != 0:
        raise QueryRefused(_reason(child.returncode, complaint))
    return pa.ipc.open_stream(pa.py_buffer(rows)).read_all()


def _reason(status: int, complaint: bytes) -> str:
    lines = complaint.decode(errors="replace").strip().splitlines()
    if status < 0 or not lines:
        return f"the query needed too much memory and was stopped (signal {-status}): narrow it"
    return f"query refused: {lines[-1]}"
