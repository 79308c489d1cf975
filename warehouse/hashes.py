"""Hashes of table contents, to tell whether two warehouses hold the same rows."""

from pathlib import Path

from warehouse.contracts.contract import contracts
from warehouse.reading import open_snapshot
from warehouse.sql import identifier, identifiers, statement


def table_hashes(home: Path | None = None, run_id: str | None = None) -> dict[str, str]:
    """A hash by table of the published rows, of one run or of all; row order and volatile columns do not matter.

    Formula: the number of rows, and the sum over rows of the lower 64 bits of MD5 of the row's text.
    """
    with open_snapshot(home) as con:
        hashes = {}
        for table, contract in contracts().items():
            columns = identifiers(column.name for column in contract.columns if not column.volatile)
            text = statement("hash_table", table=identifier(table), columns=columns)
            n_rows, digest = con.execute(text, {"run_id": run_id}).fetchall()[0]
            hashes[table] = f"{n_rows}-{int(digest):x}"
    return hashes
