"""The process in which a user's SQL runs, started by warehouse.user_sql. It imports nothing of ours, to start fast.

1. The operating system limits the address space and forbids writing any file.
2. The snapshot is opened read-only, with no access to files, network or extensions, and its settings are locked.
3. Exactly one statement that reads is accepted.
4. Rows go to standard output as an Arrow stream; a refusal goes to standard error as one line.

The request is one JSON object on standard input: snapshot, sql, limit.
"""

import json
import os
import re
import resource
import sys
from typing import IO

import duckdb
import pyarrow as pa

MEMORY = "1GB"  # of DuckDB's own buffers
ADDRESS_SPACE = 4 << 30  # bytes, for what DuckDB does not count: strings, lists, its code
THREADS = 2
BATCH = 10_000  # rows sent at a time
REFUSED = 2
READING = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}
SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
    "memory_limit": MEMORY,
    "threads": str(THREADS),
    "temp_directory": "",
    "lock_configuration": "true",
}
HINTS = {
    "disabled": "queries may not touch files, the network, extensions or other databases",
    "read-only": "queries may only read",
    "Out of Memory": f"the query needs more than {MEMORY}: narrow it, or add a LIMIT",
}


def main() -> int:
    """Serve one request. Returns the exit status."""
    request = json.load(sys.stdin)
    answer = _keep_stdout_for_rows()
    _limit_process()
    try:
        _serve(request["snapshot"], request["sql"], request["limit"], answer)
    except (duckdb.Error, MemoryError, pa.ArrowException) as error:
        print(_one_line(error), file=sys.stderr)
        return REFUSED
    return 0


def _keep_stdout_for_rows() -> IO[bytes]:
    answer = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)  # some table functions make DuckDB print
    os.dup2(nowhere, 1)
    return answer


def _limit_process() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _serve(snapshot: str, sql: str, limit: int | None, answer: IO[bytes]) -> None:
    with duckdb.connect(snapshot, read_only=True, config=SETTINGS) as con:
        statement = _only_reading(con, sql)
        rows = con.execute(statement).to_arrow_reader(BATCH)
        with pa.ipc.new_stream(answer, rows.schema) as stream:
            for batch in rows:
                stream.write_batch(batch if limit is None else batch.slice(0, limit))
                limit = limit if limit is None else limit - batch.num_rows
                if limit is not None and limit <= 0:
                    break
    answer.flush()


def _only_reading(con: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    statements = con.extract_statements(sql)
    if len(statements) != 1:
        raise duckdb.InvalidInputException(f"one statement at a time: this is {len(statements)}")
    bare = re.sub(r"/\*.*?\*/|--[^\n]*", " ", sql, flags=re.DOTALL).lstrip(" \t\r\n(;")
    if statements[0].type not in READING or bare.lower().startswith("pragma"):
        allowed = "SELECT, WITH, FROM, VALUES, DESCRIBE, SHOW, SUMMARIZE and EXPLAIN"
        raise duckdb.InvalidInputException(f"only {allowed} run here")
    return statements[0]


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split("\n\nLINE")[0].split("Possible solutions")[0].split()) or type(error).__name__
    hints = [hint for word, hint in HINTS.items() if word in text]
    return f"{text} ({hints[0]})" if hints else text


if __name__ == "__main__":
    sys.exit(main())
