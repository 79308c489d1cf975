"""JSON into typed frames. What is not as an atlas writes it ends in one line that names the file."""

import gc
import json
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from tasks.store import ContractMismatch, RequestError, column_types

Tables = dict[str, pl.DataFrame]
LARGEST_ODDS = 1e6  # above it a cell of the table was empty, and a small number stood in for zero
WRONG = (
    KeyError, TypeError, ValueError, AttributeError, IndexError, pl.exceptions.PolarsError, ContractMismatch,
)  # fmt: skip


def read_json(path: Path) -> Any:  # noqa: ANN401 - whatever the file holds
    """The file's value; bare ``Infinity`` and ``NaN`` are read as such. Raises RequestError."""
    text = path.read_bytes()
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:  # strict JSON knows no Infinity
        pass
    try:
        return json.loads(text)
    except ValueError as error:
        raise RequestError(f"{path} is no JSON, or cut short ({error}): fetch the file again") from None


@contextmanager
def read_file(path: Path, writer: str = "a published atlas") -> Iterator[Any]:
    """Yield the file's value; what its reader then finds wrong with it is a RequestError that names the ``writer``."""
    value = read_json(path)
    try:
        yield value
    except WRONG as error:
        words = f"no key {error}" if isinstance(error, KeyError) else str(error).splitlines()[0]
        raise RequestError(f"{path} is not as {writer} writes it: {words}") from None


@contextmanager
def collector_paused() -> Iterator[None]:
    """Leave Python's search for cycles: JSON has none, and its millions of small values made it half of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def frame_of(table: str, names: str, rows: Sequence[tuple[Any, ...]]) -> pl.DataFrame:
    """Rows of some columns of a table, ``names`` with spaces between them, in the types of its contract.

    Tuples, since tables of annotations and genes have millions of rows. Raises TypeError for a value of another type,
    ValueError for a row of another width.
    """
    wanted, types = names.split(), column_types(table)
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(wanted)
    named = zip(wanted, columns, strict=True)
    return pl.DataFrame([pl.Series(name, values, dtype=types[name], strict=True) for name, values in named])


def odds(value: float) -> tuple[float | None, bool]:
    """An odds ratio, None where it is infinite, and whether it is."""
    infinite = not value <= LARGEST_ODDS
    if math.isnan(value):
        raise ValueError("an odds ratio is no number")
    return (None, True) if infinite else (float(value), False)
