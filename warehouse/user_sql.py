"""SQL that somebody typed: run in a process of its own, which is stopped when its time is up."""

import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa

from warehouse.errors import QueryRefused
from warehouse.home import existing_snapshot

SANDBOX = Path(__file__).with_name("sandbox.py")


def run_user_sql(home: Path | None, sql: str, limit: int | None = None, timeout_s: float = 60.0) -> pa.Table:
    """The rows of one reading statement on the published snapshot, at most ``limit`` of them.

    The statement can read nothing but the snapshot, write nothing, and has bounded memory and time.
    Raises QueryRefused, in one line, if it is not allowed, wrong, or too greedy; NoWarehouse if there is nothing.
    """
    if limit is not None and limit < 0:
        raise QueryRefused(f"limit {limit}: ask for 0 rows or more")
    request = {"snapshot": str(existing_snapshot(home).resolve()), "sql": sql, "limit": limit}
    command = [sys.executable, "-I", str(SANDBOX)]
    text = json.dumps(request).encode()
    try:
        done = subprocess.run(command, input=text, capture_output=True, timeout=timeout_s, check=False)
    except subprocess.TimeoutExpired:
        raise QueryRefused(f"the query was stopped after {timeout_s:g} s: narrow it, or allow it more time") from None
    if done.returncode != 0:
        raise QueryRefused(_reason(done))
    return pa.ipc.open_stream(pa.py_buffer(done.stdout)).read_all()


def _reason(done: subprocess.CompletedProcess[bytes]) -> str:
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    if done.returncode < 0 or not lines:
        return f"the query needed too much memory and was stopped (signal {-done.returncode}): narrow it"
    return f"query refused: {lines[-1]}"
