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
