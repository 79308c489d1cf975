"""Hold a step's frame against the contract of the table it feeds: columns, order, types, nulls, key."""

import tomllib
from pathlib import Path

import polars as pl

CONTRACTS = Path(__file__).parents[2] / "warehouse" / "contracts"
STAMPED = "run_id"  # the warehouse writes this column at loading
POLARS_TYPE: dict[str, pl.DataType] = {
    "BOOLEAN": pl.Boolean(),
    "UTINYINT": pl.UInt8(),
    "USMALLINT": pl.UInt16(),
    "UINTEGER": pl.UInt32(),
    "UBIGINT": pl.UInt64(),
    "INTEGER": pl.Int32(),
    "BIGINT": pl.Int64(),
    "FLOAT": pl.Float32(),
    "DOUBLE": pl.Float64(),
    "VARCHAR": pl.String(),
    "TIMESTAMP": pl.Datetime("us"),
}


def polars_type(sql_type: str) -> pl.DataType:
    """The polars type of a contract's SQL type; ``X[]`` is a list of X."""
    if sql_type.endswith("[]"):
        return pl.List(polars_type(sql_type.removesuffix("[]")))
    return POLARS_TYPE[sql_type]


def contract_schema(table: str) -> dict[str, pl.DataType]:
    """Columns and polars types that a step must write for ``table``."""
    return {column["name"]: polars_type(column["type"]) for column in _contract(table)["columns"][1:]}


def assert_contract(frame: pl.DataFrame, table: str) -> None:
    """Fail unless ``frame`` has the contract's columns in order, its types, no forbidden null and a unique key."""
    contract = _contract(table)
    assert contract["columns"][0]["name"] == STAMPED, f"{table}: the first column must be {STAMPED}"
    found, wanted = list(frame.schema.items()), list(contract_schema(table).items())
    assert found == wanted, f"{table}: columns are {found}, the contract says {wanted}"
    required = [c["name"] for c in contract["columns"][1:] if not c.get("nullable", False)]
    nulls = {name: frame[name].null_count() for name in required if frame[name].null_count()}
    assert not nulls, f"{table}: nulls in columns that forbid them: {nulls}"
    key = [name for name in contract["key"] if name != STAMPED]
    if key:
        repeated = frame.filter(frame.select(key).is_duplicated()).select(key).head(3)
        assert repeated.is_empty(), f"{table}: repeated keys, for example {repeated.rows()}"


def _contract(table: str) -> dict:
    return tomllib.loads((CONTRACTS / f"{table}.toml").read_text())
