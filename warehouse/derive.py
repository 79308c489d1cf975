"""Tables that follow from others of the same step: called edges, and sums over pairs that pages would else scan for.

Each is a query in ``derived/``, run once for each step that is loaded and measured pairs. The audit holds them against
what they follow from.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import duckdb

from warehouse.contracts.contract import contracts
from warehouse.sql import identifier, identifiers, statement

DERIVED = Path(__file__).parent / "derived"
FOLLOWED = "edge_stat"  # a step that feeds it has rows in the derived tables
TABLES = ("edge", "layer_pair", "effect_comparison")  # in this order: the last one reads the others


def derive(con: duckdb.DuckDBPyConnection, step_keys: list[str], notify: Callable[[str], None]) -> None:
    """Fill the derived tables for loaded steps; ``notify(table)`` after each."""
    for table in TABLES[:2]:
        for step_key in sorted(step_keys):
            con.execute(_fill(table), {"step_key": step_key})
        notify(table)
    names = ("source_sae", "source_layer", "target_sae", "target_layer")
    for step_key in sorted(step_keys):
        compared = con.execute(statement("compared_pairs"), {"step_key": step_key}).fetchall()
        for ends in compared:  # one pair of layers at a time bounds the memory
            values = {"step_key": step_key, **dict(zip(names, ends, strict=True))}
            con.execute(_fill("effect_comparison"), values)
    notify("effect_comparison")


@cache
def _fill(table: str) -> str:
    key = identifiers(contracts()[table].stored_key)
    query = (DERIVED / f"{table}.sql").read_text()
    return statement("fill_derived", table=identifier(table), query=query, key=key)
