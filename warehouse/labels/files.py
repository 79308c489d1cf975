"""Labels and lists as files: CSV or JSON, the same columns in both, one row a label or a member of a list.

A CSV file is made to be opened in a spreadsheet, which would run ``=1+1`` as a formula: a field that begins so gets an
apostrophe in front, which reading takes away again.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from warehouse.files import write_text
from warehouse.labels.entry import Entry, UnusableLabels, entry

COLUMNS = (
    "kind", "list_name", "sae_id", "layer", "feature", "label", "confidence", "note", "author", "time", "run_id",
    "sae_key",
)  # fmt: skip
NEEDED = ("kind", "feature")
MOST_BYTES = 5 << 20
MOST_ROWS = 10_000
FORMULA = re.compile(r"'*[=+\-@]")
Row = dict[str, Any]


def write_labels(path: Path, entries: Iterable[Entry]) -> None:
    """Write a file whose ending says what it is; it is there whole or not at all. Raises UnusableLabels, OutOfSpace."""
    write_text(path, as_text(ending(str(path)), entries))


def ending(name: str) -> str:
    """``.csv`` or ``.json``. Raises UnusableLabels for another one."""
    found = Path(name).suffix.lower()
    if found not in (".csv", ".json"):
        raise UnusableLabels(f"{name}: labels are kept in a file that ends in .csv or .json")
    return found


def as_text(kind: str, entries: Iterable[Entry]) -> str:
    """The rows as text of a file that ends in ``kind``."""
    rows = [{column: getattr(one, column) for column in COLUMNS} for one in entries]
    if kind == ".json":
        return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"
    target = io.StringIO()
    writer = csv.DictWriter(target, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({column: _shielded(value) for column, value in row.items()} for row in rows)
    return target.getvalue()


def _shielded(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and FORMULA.match(value) else value


def from_bytes(name: str, data: bytes) -> list[Entry]:
    """Rows of a file. Raises UnusableLabels, in one line that names file and row, if any of it cannot be taken."""
    kind = ending(name)
    if len(data) > MOST_BYTES:
        raise UnusableLabels(f"{name}: is larger than {MOST_BYTES >> 20} MiB, and no list of labels")
    try:
        text = data.decode("utf-8-sig")  # as spreadsheets write it
    except UnicodeDecodeError as error:
        raise UnusableLabels(f"{name}: is no text in UTF-8 (byte {error.start})") from None
    rows = list(_csv_rows(name, text) if kind == ".csv" else _json_rows(name, text))
    if len(rows) > MOST_ROWS:
        raise UnusableLabels(f"{name}: {len(rows):,} rows; at most {MOST_ROWS:,} are taken at once")
    return [_entry(name, number, row) for number, row in enumerate(rows, start=1)]


def _entry(name: str, number: int, row: Row) -> Entry:
    try:
        return entry(**row)
    except UnusableLabels as error:
        raise UnusableLabels(f"{name}, row {number}: {error}") from None


def _csv_rows(name: str, text: str) -> Iterator[Row]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        _refuse_columns(name, list(reader.fieldnames or ()))
        for number, row in enumerate(reader, start=1):
            if None in row or None in row.values():
                raise UnusableLabels(f"{name}, row {number}: has another number of fields than the first line")
            yield {column: _bare(value) for column, value in row.items() if value}
    except csv.Error as error:
        raise UnusableLabels(f"{name}, line {reader.line_num}: is no CSV ({error})") from None


def _bare(value: str) -> str:
    return value[1:] if value[0] == "'" and FORMULA.match(value) else value


def _json_rows(name: str, text: str) -> Iterator[Row]:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnusableLabels(f"{name}: is no JSON ({str(error).splitlines()[0]})") from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UnusableLabels(f"{name}: is no list of rows, each with its columns by name")
    for number, row in enumerate(rows, start=1):
        _refuse_columns(f"{name}, row {number}", list(row))
        yield row


def _refuse_columns(where: str, found: list[str]) -> None:
    if unknown := [column for column in found if column not in COLUMNS]:
        raise UnusableLabels(f"{where}: column {unknown[0][:40]!r} is unknown; known are {', '.join(COLUMNS)}")
    if lacking := [column for column in NEEDED if column not in found]:
        raise UnusableLabels(f"{where}: column {lacking[0]} is missing")
    if len(set(found)) < len(found):
        raise UnusableLabels(f"{where}: a column stands there twice")
