"""Hold rows against the contract of their table before they are written.

A wrong column is refused here, in the first second, and not when the finished run is loaded. What the contract says of
values (bounds, keys, references, NULL) is left to the audit.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from tasks.store.errors import ContractMismatch
from warehouse.contracts.contract import Contract, contracts

NOTHING = "no such column"
TYPES: dict[str, pl.DataType] = {
    "TINYINT": pl.Int8(),
    "UTINYINT": pl.UInt8(),
    "USMALLINT": pl.UInt16(),
    "UINTEGER": pl.UInt32(),
    "UBIGINT": pl.UInt64(),
    "INTEGER": pl.Int32(),
    "FLOAT": pl.Float32(),
    "DOUBLE": pl.Float64(),
    "VARCHAR": pl.String(),
    "BOOLEAN": pl.Boolean(),
    "TIMESTAMP": pl.Datetime("us"),
    "UINTEGER[]": pl.List(pl.UInt32),
    "FLOAT[]": pl.List(pl.Float32),
}  # contract type -> polars type


def conform(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of ``frame`` in the columns, order and types of the contract of ``table``.

    A nullable column that is absent becomes NULL; one that only imports fill may stay absent. Types are changed only
    where every value survives; FLOAT alone rounds.

    Raises ContractMismatch, which names the table and the column, on an unknown table, a missing or unknown column,
    another kind of values (text for numbers), and a value that the contract's type cannot hold.
    """
    contract = _contract(table)
    _check_names(contract, frame)
    columns = []
    for column in contract.shard_columns:
        kind = TYPES[column.type]
        if column.name in frame.columns:
            columns.append(_fit(frame[column.name], kind, f"table {table}, column {column.name}", column.type))
        elif not column.imported_only:
            columns.append(pl.repeat(None, frame.height, dtype=kind, eager=True).alias(column.name))
    return pl.DataFrame(columns)


def column_types(table: str) -> dict[str, pl.DataType]:
    """Types of a shard's columns by name, in the contract's order. Raises ContractMismatch on an unknown table."""
    return {column.name: TYPES[column.type] for column in _contract(table).shard_columns}


def table_frame(table: str, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """``rows`` as a frame that keeps the contract of ``table``; no rows give an empty frame with its columns.

    Raises ContractMismatch as ``conform`` does.
    """
    contract = _contract(table)
    types = {column.name: column.type for column in contract.shard_columns}
    found = list(dict.fromkeys(name for row in rows for name in row))
    if not rows:
        found = [column.name for column in contract.shard_columns if not column.imported_only]
    columns = []
    for name in found:
        try:
            kind = TYPES[types[name]] if name in types else None
            columns.append(pl.Series(name, [row[name] for row in rows], dtype=kind))
        except KeyError:
            raise ContractMismatch(f"table {table}, column {name}: some rows have no such value") from None
        except TypeError as error:
            reason = str(error).splitlines()[0]
            raise ContractMismatch(
                f"table {table}, column {name}: the contract says {types.get(name, NOTHING)}, but {reason}"
            ) from error
    return conform(table, pl.DataFrame(columns))


def _contract(table: str) -> Contract:
    try:
        return contracts()[table]
    except KeyError:
        raise ContractMismatch(f"table {table}: there is no contract warehouse/contracts/{table}.toml") from None


def _check_names(contract: Contract, frame: pl.DataFrame) -> None:
    """Raise ContractMismatch if a column is missing or unknown, and say each."""
    types = {column.name: column.type for column in contract.shard_columns}
    missing = [c.name for c in contract.shard_columns if c.name not in frame.columns and not c.may_be_null]
    unknown = [name for name in frame.columns if name not in types]
    wrong = [f"column {name}: the step gives {NOTHING}, the contract says {types[name]}" for name in missing]
    wrong += [f"column {name}: the step gives {frame.schema[name]}, the contract says {NOTHING}" for name in unknown]
    if wrong:
        raise ContractMismatch(f"table {contract.table}: {'; '.join(wrong)}")


def _fit(values: pl.Series, kind: pl.DataType, where: str, said: str) -> pl.Series:
    """``values`` as ``kind``. Raises ContractMismatch if that is another kind of thing, or loses a value."""
    if values.dtype == kind:
        return values
    if not _alike(values.dtype, kind):
        raise ContractMismatch(f"{where}: the step gives {values.dtype}, the contract says {said}")
    cast = values.cast(kind, strict=False)
    lost = _lost(values.explode(), cast.explode()) if isinstance(kind, pl.List) else _lost(values, cast)
    if lost is not None:
        raise ContractMismatch(f"{where}: the step gives {lost!r}, which does not fit into {said}")
    return cast


def _alike(found: pl.DataType, kind: pl.DataType) -> bool:
    """Whether values of the two types are the same kind of thing: numbers, texts, lists of such."""
    if isinstance(found, pl.List) and isinstance(kind, pl.List):
        return _alike(pl.Series(dtype=found.inner).dtype, pl.Series(dtype=kind.inner).dtype)
    return isinstance(found, pl.Null) or (found.is_numeric() and kind.is_numeric())


def _lost(values: pl.Series, cast: pl.Series) -> object:
    """The first of ``values`` that ``cast`` no longer says, None if there is none."""
    if values.dtype.is_float() and cast.dtype.is_float():
        same = values.is_finite() == cast.is_finite()  # rounding is allowed, overflow is not
    elif values.dtype.is_numeric():
        same = cast.cast(values.dtype, strict=False) == values
    else:
        same = cast.is_not_null()
    wrong = values.filter(values.is_not_null() & ~same.fill_null(False))
    return wrong[0] if wrong.len() else None
