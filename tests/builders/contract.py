"""Hold a step's frame against the contract of the table it feeds: columns, order, types, nulls, key."""

import tomllib

import polars as pl

from tests.builders.contract_frames import CONTRACTS, contract_schema

STAMPED = "run_id"  # the warehouse writes this column at loading


def assert_contract(frame: pl.DataFrame, table: str, *, imported: bool = False) -> None:
    """Fail unless ``frame`` has the contract's columns in order, its types, no forbidden null and a unique key."""
    contract = tomllib.loads((CONTRACTS / f"{table}.toml").read_text())
    found, wanted = list(frame.schema.items()), list(contract_schema(table, imported=imported).items())
    assert found == wanted, f"{table}: columns are {found}, the contract says {wanted}"
    may_lack = ("nullable", "imported_null", "imported_only") if imported else ("nullable", "imported_only")
    required = [
        c["name"] for c in contract["columns"] if not any(c.get(why) for why in may_lack) and c["name"] != STAMPED
    ]
    nulls = {name: frame[name].null_count() for name in required if frame[name].null_count()}
    assert not nulls, f"{table}: nulls in columns that forbid them: {nulls}"
    key = [name for name in contract["key"] if name != STAMPED]
    if key:
        repeated = frame.filter(frame.select(key).is_duplicated()).select(key).head(3)
        assert repeated.is_empty(), f"{table}: repeated keys, for example {repeated.rows()}"
