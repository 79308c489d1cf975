"""Load a run's shards into the staging file.

1. Every shard's columns and types are held against its table's contract; a difference is refused by name.
2. Rows are read straight from Parquet, stamped with the run's id, and stored in the order of the table's key. So many
   are sorted at a time that they fit in memory; only where shards overlap is the whole table sorted at once.
3. The run's own row and its ledger (one row a shard) join them, and the tables that follow from others are filled.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from warehouse.contracts.contract import Contract, contracts
from warehouse.derive import TABLES, derive
from warehouse.errors import ContractMismatch, WarehouseError
from warehouse.files import MEMORY
from warehouse.manifest import Manifest, TableShard
from warehouse.sql import identifier, identifiers, literal, statement

MOST_ROWS = 1_500_000  # sorted at a time: a tenth faster than 4 million, which leave the cache, and less memory
LITTLE_MEMORY = "1GB"  # meanwhile: buffers that are soon used again stay in the cache, a fifth faster than 4 GB


def load(
    con: duckdb.DuckDBPyConnection, run: dict[str, Any], manifests: list[Manifest], notify: Callable[[str], None]
) -> None:
    """Add a run to an up-to-date warehouse file; ``notify(table)`` after each table.

    Raises ContractMismatch if a shard or ``run`` departs from its contract.
    """
    for table, shards in _shards_by_table(manifests).items():
        _load_table(con, contracts()[table], shards, run["run_id"])
        notify(table)
    insert_rows(con, "run", [run])
    insert_rows(con, "work_unit", [row for manifest in manifests for row in manifest.ledger(run["run_id"])])
    derive(con, run["run_id"], notify)


def insert_rows(con: duckdb.DuckDBPyConnection, table: str, rows: Iterable[dict[str, Any]]) -> None:
    """Insert a few rows made here, not by a step. Raises ContractMismatch if one has other columns."""
    names = [column.name for column in contracts()[table].columns]
    values = ", ".join(f"${name}" for name in names)
    text = statement("stage_row", table=identifier(table), columns=identifiers(names), values=values)
    for row in rows:
        if wrong := set(row) ^ set(names):
            raise ContractMismatch(f"row of table {table}: missing or unknown columns {', '.join(sorted(wrong))}")
        con.execute(text, row)


def loaded_tables(manifests: list[Manifest]) -> list[str]:
    """Tables of which ``load`` gives notice, in its order."""
    return [*_shards_by_table(manifests), *TABLES]


def _shards_by_table(manifests: list[Manifest]) -> dict[str, list[TableShard]]:
    shards: dict[str, list[TableShard]] = {}
    for manifest in manifests:
        for shard in manifest.table_shards():
            if shard.table not in contracts():
                raise ContractMismatch(f"shard {shard.path} feeds table {shard.table}, for which there is no contract")
            shards.setdefault(shard.table, []).append(shard)
    return shards


def _load_table(con: duckdb.DuckDBPyConnection, contract: Contract, shards: list[TableShard], run_id: str) -> None:
    for shard in shards:
        _check_columns(con, contract, shard.path)
    key = [name for name in contract.key if name != "run_id"]
    if sum(shard.rows for shard in shards) <= MOST_ROWS:
        _insert(con, contract, shards, key, run_id)
    else:
        con.execute(statement("plain_compression"))  # the others are tried on every column, and win on texts only
        con.execute(statement("memory_limit", size=literal(LITTLE_MEMORY)))
        overlap = _load_in_parts(con, contract, shards, key, run_id)
        con.execute(statement("memory_limit", size=literal(MEMORY)))
        if overlap:
            con.execute(statement("delete_run", table=identifier(contract.table)), {"run_id": run_id})
            _insert(con, contract, shards, key, run_id)
        con.execute(statement("any_compression"))


def _load_in_parts(
    con: duckdb.DuckDBPyConnection, contract: Contract, shards: list[TableShard], key: list[str], run_id: str
) -> bool:
    """Sort so many rows at a time that they fit in memory; whether shards overlap, so that this is not enough."""
    bounds = _bounds(con, shards, key)
    last: int = con.execute(statement("last_row", table=identifier(contract.table))).fetchall()[0][0]
    ends = []
    for part in _parts(sorted(shards, key=lambda shard: [bounds[shard.path, name].lowest for name in key])):
        varying = [name for name in key if len({text for s in part for text in bounds[s.path, name].texts}) > 1]
        last += _insert(con, contract, part, varying or key, run_id)
        ends.append(last)
    return _overlap(con, contract, ends[:-1])


class Bounds(NamedTuple):
    """The lowest value of a column in a shard, and its lowest and highest as texts."""

    lowest: Any
    texts: tuple[str, str]


def _bounds(con: duckdb.DuckDBPyConnection, shards: list[TableShard], key: list[str]) -> dict[tuple[Path, str], Bounds]:
    """Bounds of each key column in each shard, as their Parquet footers tell."""
    asked = {"paths": [str(shard.path) for shard in shards], "columns": key}
    found = con.execute(statement("shard_bounds"), asked).fetchall()
    return {
        (Path(path), column): Bounds(low if number is None else number, (low, high))
        for path, column, low, high, number in found
    }


def _parts(shards: list[TableShard]) -> Iterator[list[TableShard]]:
    """Shards in their order, so many at a time that their rows can be sorted in memory."""
    part: list[TableShard] = []
    for shard in shards:
        if part and sum(other.rows for other in part) + shard.rows > MOST_ROWS:
            yield part
            part = []
        part.append(shard)
    yield part


def _insert(
    con: duckdb.DuckDBPyConnection, contract: Contract, shards: list[TableShard], key: list[str], run_id: str
) -> int:
    """Append the rows of some shards, sorted by ``key``; returns their number."""
    text = statement("stage_shards", table=identifier(contract.table), key=identifiers(key))
    found = con.execute(text, {"run_id": run_id, "paths": [str(shard.path) for shard in shards]}).fetchall()
    return int(found[0][0])


def _overlap(con: duckdb.DuckDBPyConnection, contract: Contract, ends: list[int]) -> bool:
    """Whether a row at one of ``ends`` (row ids) is behind the row that follows it."""
    before, after = (identifiers(contract.key, side) for side in ("before", "after"))
    text = statement("misplaced_rows", table=identifier(contract.table), before=before, after=after)
    return bool(ends) and bool(con.execute(text, {"ends": ends}).fetchall()[0][0])


def _check_columns(con: duckdb.DuckDBPyConnection, contract: Contract, path: Path) -> None:
    try:
        found = dict(con.execute(statement("shard_columns"), {"paths": [str(path)]}).fetchall())
    except duckdb.Error as error:
        raise WarehouseError(f"shard {path} is no Parquet file: delete its folder and run the study again") from error
    expected = {c.name: c.type for c in contract.shard_columns if c.name in found or not c.imported_only}
    for name in sorted(found.keys() | expected.keys()):
        if found.get(name) != expected.get(name):
            raise ContractMismatch(
                f"table {contract.table}, column {name}: shard {path} has {found.get(name, 'no such column')}, "
                f"the contract says {expected.get(name, 'no such column')}"
            )
