"""Data frames with exactly the columns and types that a table's contract promises a step's shard."""

import tomllib
from pathlib import Path
from typing import Any

import polars as pl

CONTRACTS = Path(__file__).parents[2] / "warehouse" / "contracts"
POLARS_TYPES = {
    "UTINYINT": pl.UInt8,
    "USMALLINT": pl.UInt16,
    "UINTEGER": pl.UInt32,
    "UBIGINT": pl.UInt64,
    "INTEGER": pl.Int32,
    "FLOAT": pl.Float32,
    "DOUBLE": pl.Float64,
    "VARCHAR": pl.String,
    "BOOLEAN": pl.Boolean,
    "TIMESTAMP": pl.Datetime("us"),
    "UINTEGER[]": pl.List(pl.UInt32),
    "FLOAT[]": pl.List(pl.Float32),
}


def shard_tables() -> set[str]:
    """Tables that are loaded from shards: all but those that the warehouse fills by itself."""
    texts = {path.stem: path.read_text() for path in CONTRACTS.glob("*.toml")}
    return {name for name, text in texts.items() if tomllib.loads(text).get("filled_by", "shards") == "shards"}


def contract_schema(table: str, *, imported: bool = False) -> dict[str, Any]:
    """Polars types of a shard's columns, by name, in the contract's order; ``run_id`` is stamped at loading."""
    columns = tomllib.loads((CONTRACTS / f"{table}.toml").read_text())["columns"]
    wanted = [c for c in columns if c["name"] != "run_id" and (imported or not c.get("imported_only"))]
    return {c["name"]: POLARS_TYPES[c["type"]] for c in wanted}


def contract_frame(table: str, rows: dict[str, Any] | list[dict[str, Any]] | pl.DataFrame) -> pl.DataFrame:
    """Columns, rows or a frame as a shard of ``table``; a missing column is an error, a further one is left out."""
    schema = contract_schema(table)
    empty = isinstance(rows, list) and not rows
    frame = pl.DataFrame(schema=schema) if empty else pl.DataFrame(rows, infer_schema_length=None)
    return frame.select(pl.col(name).cast(kind) for name, kind in schema.items())


def example_row(table: str, written: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """One row that the columns of a contract allow, for tables whose rows no builder invents.

    What refers to a table is taken from its rows in ``written``, each reference from a row of its own.
    """
    contract = tomllib.loads((CONTRACTS / f"{table}.toml").read_text())
    row: dict[str, Any] = {}
    for number, reference in enumerate(contract.get("references", [])):
        pairs = list(zip(reference["columns"], reference["to"], strict=True))
        rows = written[reference["table"]].filter(
            pl.lit(True), *(pl.col(to) == row[own] for own, to in pairs if own in row)
        )
        row |= {own: rows[to][number % rows.height] for own, to in pairs}
    return contract_frame(table, [{**{c["name"]: _example(c) for c in contract["columns"]}, **row}])


def _example(column: dict[str, Any]) -> Any:
    """A value within the column's bounds: 1 for counts, a half for other numbers, the first allowed word."""
    if column["type"] == "VARCHAR":
        return column.get("allowed", ["something"])[0]
    if column["type"] == "BOOLEAN":
        return False
    value = 0.5 if column["type"] in ("FLOAT", "DOUBLE") else 1
    return min(max(value, column.get("min", value)), column.get("max", value))
