"""The process in which a user's SQL runs, started by warehouse.user_sql. To start fast, it imports hardly anything.

1. It ends with the process that started it. The operating system limits its memory and forbids writing any file.
2. The snapshot is opened read-only, with no access to files, network or extensions, and its settings are locked.
   People's labels lie in other files: their rows come with the request, as tables of this connection alone.
3. Exactly one statement that reads is accepted.
4. Rows go to standard output as an Arrow stream, so many bytes at most, with columns of types that other programs do
   not know (UNION, INTERVAL, BLOB) as text; a refusal goes to standard error as one line.

The request is one JSON object on standard input: snapshot, sql, limit, most_bytes, people.
"""

import itertools
import json
import os
import re
import resource
import sys
from pathlib import Path
from typing import IO, Any

import duckdb
import pyarrow as pa
import pyarrow.compute  # as pa.compute

sys.path.append(str(Path(__file__).parents[1]))
from warehouse.interval import interval_text
from warehouse.parent import die_with_parent

MEMORY = "1GB"  # of DuckDB's own buffers
ADDRESS_SPACE = 3 << 30  # bytes, for what DuckDB does not count: strings, lists, its code (0.7 GB), threads' stacks
THREADS = 2
BATCH = 10_000  # rows sent at a time
REFUSED = 2
READING = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}
SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
    "memory_limit": MEMORY,
    "threads": str(THREADS),
    "temp_directory": "",
}
LOCK = Path(__file__).with_name("statements") / "lock.sql"
HINTS = {
    "disabled": "queries may not touch files, the network, extensions or other databases",
    "read-only": "queries may only read",
    "Out of Memory": f"the query needs more than {MEMORY}: narrow it, or add a LIMIT",
}


def main() -> int:
    """Serve one request. Returns the exit status."""
    die_with_parent(*map(int, sys.argv[-2:]))
    request = json.load(sys.stdin)
    answer = _keep_stdout_for_rows()
    _limit_process()
    try:
        _serve(answer, **request)
    except (duckdb.Error, MemoryError, OSError, pa.ArrowException) as error:
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


def _serve(
    answer: IO[bytes], snapshot: str, sql: str, limit: int | None, most_bytes: int, people: dict[str, Any]
) -> None:
    left = most_bytes
    with duckdb.connect(snapshot, read_only=True, config=SETTINGS) as con:
        for name, columns in people.items():
            con.register(name, pa.table({one: pa.array(rows, kind) for one, (kind, rows) in columns.items()}))
        con.execute(LOCK.read_text())  # not before: DuckDB looks for the log of a file with a "?" elsewhere
        rows = con.execute(_only_reading(con, sql)).to_arrow_reader(BATCH)
        with pa.ipc.new_stream(answer, known_schema(rows.schema)) as stream:
            for batch in rows:
                part = known_types(batch if limit is None else batch.slice(0, limit))
                if (left := left - part.nbytes) < 0:
                    most = f"{most_bytes >> 20:,} MiB"
                    raise duckdb.OutOfRangeException(f"the result is larger than {most}: select less, or add a LIMIT")
                stream.write_batch(part)
                limit = limit if limit is None else limit - batch.num_rows
                if limit is not None and limit <= 0:
                    break
    answer.flush()


def _only_reading(con: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    statements = con.extract_statements(sql)
    if not statements:
        raise duckdb.InvalidInputException("nothing to run: write one SELECT statement")
    if len(statements) != 1:
        raise duckdb.InvalidInputException(f"one statement at a time: this is {len(statements)}")
    kind = statements[0].type
    if kind not in READING or (kind == duckdb.StatementType.SELECT and not _is_select(con, sql)):
        allowed = "SELECT, WITH, FROM, VALUES, DESCRIBE, SHOW, SUMMARIZE and EXPLAIN"
        raise duckdb.InvalidInputException(f"only {allowed} run here")
    return statements[0]


def _is_select(con: duckdb.DuckDBPyConnection, sql: str) -> bool:
    """Whether the parser finds a SELECT: DuckDB extracts a PRAGMA as the SELECT that it stands for."""
    parsed = duckdb.FunctionExpression("json_serialize_sql", duckdb.ConstantExpression(sql).cast("VARCHAR"))
    found = con.values(parsed).fetchall()
    return not json.loads(found[0][0])["error"]


def known_schema(schema: pa.Schema) -> pa.Schema:
    """The columns as ``known_types`` gives them; of columns of one name the later ones are numbered, as in ``a_1``."""
    names: list[str] = []
    for name in schema.names:
        numbered = (f"{name}_{n}" for n in itertools.count(1))
        names.append(name if name not in names else next(one for one in numbered if one not in names + schema.names))
    kinds = [kind if _is_known(kind) else pa.string() for kind in schema.types]
    return pa.schema(list(zip(names, kinds, strict=True)))


def known_types(batch: pa.RecordBatch) -> pa.RecordBatch:
    """A batch whose columns of types that other programs do not read (UNION, INTERVAL, BLOB) are text."""
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if pa.types.is_date(column.type) or pa.types.is_timestamp(column.type):
            _refuse_far(name, column)
    columns = [one if _is_known(one.type) else pa.array(map(_as_text, one), pa.string()) for one in batch.columns]
    return pa.record_batch(columns, known_schema(batch.schema))


def _refuse_far(name: str, times: pa.Array) -> None:
    """Infinity, and years that Arrow holds and other programs do not."""
    bounds = pa.compute.min_max(times)
    try:
        bounds.as_py()
    except (OverflowError, ValueError) as error:
        hint = f'column "{name}" holds times before year 1 or after year 9999: cast it to VARCHAR'
        raise duckdb.OutOfRangeException(hint) from error


def _is_known(kind: pa.DataType) -> bool:
    if pa.types.is_union(kind) or pa.types.is_interval(kind) or pa.types.is_binary(kind):
        return False
    if isinstance(kind, pa.BaseExtensionType):
        return _is_known(kind.storage_type)
    return all(_is_known(kind.field(place).type) for place in range(kind.num_fields))


def _as_text(value: pa.Scalar) -> str | None:
    found = value.as_py()
    return None if found is None else _text(found)


def _text(value: Any) -> str:  # noqa: ANN401 - whatever Arrow gives
    if isinstance(value, pa.MonthDayNano):
        return interval_text(value.months, value.days, value.nanoseconds)
    if isinstance(value, bytes):  # as DuckDB writes a BLOB
        return "".join(chr(byte) if 32 <= byte < 127 and byte != 92 else f"\\x{byte:02X}" for byte in value)
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name}: {_text(one)}' for name, one in value.items())}}}"
    return "NULL" if value is None else str(value)


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split("\n\nLINE")[0].split("Possible solutions")[0].split()) or type(error).__name__
    hints = [hint for word, hint in HINTS.items() if word in text]
    place = _place(str(error))
    return f"{text}{place} ({hints[0]})" if hints else f"{text}{place}"


def _place(text: str) -> str:
    """Where a statement is wrong, from the lines in which DuckDB points at it; empty if it does not."""
    found = re.search(r"^(LINE (\d+): )(.*)\n( *)\^", text, re.MULTILINE)
    if not found:
        return ""
    cut = found[3].startswith("...")  # of a long line only a part is shown
    return f" (line {found[2]})" if cut else f" (line {found[2]}, column {len(found[4]) - len(found[1]) + 1})"


if __name__ == "__main__":
    sys.exit(main())
