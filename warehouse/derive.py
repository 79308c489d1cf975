"""Tables that follow from other tables of a run: called edges, and sums over pairs that pages would else scan for.

Each is a query in ``derived/``, run once, when the run is loaded. The audit holds them against what they follow from.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import duckdb

from warehouse.contracts.contract import contracts
from warehouse.sql import identifier, identifiers, statement

DERIVED = Path(__file__).parent / "derived"
TABLES = ("edge", "layer_pair", "effect_comparison")  # in this order: the last one reads the others


def derive(con: duckdb.DuckDBPyConnection, run_id: str, notify: Callable[[str], None]) -> None:
    """Fill the derived tables for one loaded run; ``notify(table)`` after each."""
    for table in TABLES[:2]:
        con.execute(_fill(table), {"run_id": run_id})
        notify(table)
    compared = con.execute(statement("compared_pairs"), {"run_id": run_id}).fetchall()
    names = ("source_sae", "source_layer", "target_sae", "target_layer")
    for ends in compared:  # one pair of layers at a time bounds the memory
        con.execute(_fill("effect_comparison"), {"run_id": run_id, **dict(zip(names, ends, strict=True))})
    notify("effect_comparison")


@cache
def _fill(table: str) -> str:
    key = identifiers(name for name in contracts()[table].key if name != "run_id")
    query = (DERIVED / f"{table}.sql").read_text()
    return statement("fill_derived", table=identifier(table), query=query, key=key)
