"""A result as text or bytes: an aligned table, CSV, JSON or Parquet."""

import io
from collections.abc import Callable
from typing import IO

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.errors import UnknownName
from warehouse.printable import printable

MAX_WIDTH = 60  # characters of a cell in the aligned table


def format_table(table: pa.Table, fmt: str) -> bytes:
    """The rows in one of FORMATS. Raises UnknownName for any other."""
    if fmt not in FORMATS:
        raise UnknownName(f"format {fmt}: choose one of {', '.join(FORMATS)}")
    return FORMATS[fmt](table)


def write_table(table: pa.Table, fmt: str, stream: IO[bytes]) -> None:
    """Write ``format_table`` to a binary stream; to a terminal, text without control characters."""
    data = format_table(table, fmt)
    stream.write(printable(data.decode()).encode() if fmt in TEXTS and stream.isatty() else data)
    stream.flush()


def _as_text(table: pa.Table) -> bytes:
    named = zip(table.column_names, table.columns, strict=True)
    columns = [[_cell(name), *map(_cell, column.to_pylist())] for name, column in named]
    numeric = [pa.types.is_integer(field.type) or pa.types.is_floating(field.type) for field in table.schema]
    widths = [max(map(len, column)) for column in columns]
    rows = [_line(row, widths, numeric) for row in zip(*columns, strict=True)]
    rule = "  ".join("-" * width for width in widths)
    count = f"({table.num_rows:,} {'row' if table.num_rows == 1 else 'rows'})"
    return "\n".join([*rows[:1], rule, *rows[1:], count, ""]).encode()


def _line(cells: tuple[str, ...], widths: list[int], numeric: list[bool]) -> str:
    padded = (c.rjust(w) if n else c.ljust(w) for c, w, n in zip(cells, widths, numeric, strict=True))
    return "  ".join(padded).rstrip()


def _cell(value: object) -> str:
    if value is None:
        return "NULL"
    text = f"{value:.6g}" if isinstance(value, float) else printable(str(value).replace("\n", " "))
    return text if len(text) <= MAX_WIDTH else f"{text[: MAX_WIDTH - 1]}…"


def _as_csv(table: pa.Table) -> bytes:
    frame = _frame(table)
    nested = [name for name, kind in frame.schema.items() if kind.is_nested()]
    texts = {name: [None if v is None else str(v) for v in table.column(name).to_pylist()] for name in nested}
    return (
        frame.with_columns(**{name: pl.Series(name, text, pl.String) for name, text in texts.items()})
        .write_csv()
        .encode()
    )


def _as_json(table: pa.Table) -> bytes:
    return _frame(table).write_json().encode()


def _as_parquet(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def _frame(table: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)  # a table never becomes a Series
    return frame


TEXTS = {"table", "csv", "json"}
FORMATS: dict[str, Callable[[pa.Table], bytes]] = {
    "table": _as_text,
    "csv": _as_csv,
    "json": _as_json,
    "parquet": _as_parquet,
}
