"""Load steps into the staging file.

1. Every shard's columns and types are held against its table's contract; a difference is refused by name. A shard
   that was written before its table had some nullable column lacks it: the column is NULL.
2. Rows are read straight from Parquet, stamped with the step's key, and stored in the order of the table's key. So many
   are sorted at a time that they fit in memory; only where a step's shards overlap are all its rows sorted at once.
3. The ledger (one row a shard) joins them, and the tables that follow from others are filled.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from warehouse.contracts.contract import Contract, contracts
from warehouse.derive import FOLLOWED, TABLES, derive
from warehouse.errors import ContractMismatch, WarehouseError
from warehouse.files import MEMORY
from warehouse.manifest import Manifest, TableShard
from warehouse.sql import exact, identifier, identifiers, literal, statement

MOST_ROWS = 1_500_000  # sorted at a time: a tenth faster than 4 million, which leave the cache, and less memory
LITTLE_MEMORY = "1GB"  # meanwhile: buffers that are soon used again stay in the cache, a fifth faster than 4 GB


def load(con: duckdb.DuckDBPyConnection, manifests: list[Manifest], notify: Callable[[str], None]) -> None:
    """Add the rows of steps to an up-to-date warehouse file; ``notify(table)`` after each table.

    Raises ContractMismatch if a shard departs from its contract.
    """
    for table, shards in _shards_by_table(manifests).items():
        _load_table(con, contracts()[table], shards)
        notify(table)
    insert_rows(con, "work_unit", [row for manifest in manifests for row in manifest.ledger()])
    derive(con, [manifest.key for manifest in manifests if FOLLOWED in manifest.tables], notify)


def insert_rows(con: duckdb.DuckDBPyConnection, table: str, rows: Iterable[dict[str, Any]]) -> None:
    """Insert a few rows made here, not by a step, all or none. Raises ContractMismatch if one has other columns."""
    names, made = [column.name for column in contracts()[table].stored_columns], list(rows)
    for row in made:
        if wrong := set(row) ^ set(names):
            raise ContractMismatch(f"row of table {table}: missing or unknown columns {', '.join(sorted(wrong))}")
    values = ", ".join(f"unnest(${name})" for name in names)  # at once: a statement a row takes fifty times as long
    text = statement("stage_rows", table=identifier(table), columns=identifiers(names), values=values)
    if made:
        con.execute(text, {name: [row[name] for row in made] for name in names})


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


def _load_table(con: duckdb.DuckDBPyConnection, contract: Contract, shards: list[TableShard]) -> None:
    for shard in shards:
        _check_columns(con, contract, shard.path)
    if sum(shard.rows for shard in shards) <= MOST_ROWS:
        _insert(con, contract, shards, contract.stored_key)
    else:
        con.execute(statement("plain_compression"))  # the others are tried on every column, and win on texts only
        con.execute(statement("memory_limit", size=literal(LITTLE_MEMORY)))
        for step_key in sorted({shard.step_key for shard in shards}):
            _load_step(con, contract, [shard for shard in shards if shard.step_key == step_key])
        con.execute(statement("memory_limit", size=literal(MEMORY)))
        con.execute(statement("any_compression"))


def _load_step(con: duckdb.DuckDBPyConnection, contract: Contract, shards: list[TableShard]) -> None:
    """Append a step's rows in the order of the key, however many they are."""
    if _load_in_parts(con, contract, shards):
        con.execute(statement("memory_limit", size=literal(MEMORY)))
        con.execute(statement("delete_step", table=identifier(contract.table)), {"step_key": shards[0].step_key})
        _insert(con, contract, shards, contract.stored_key)
        con.execute(statement("memory_limit", size=literal(LITTLE_MEMORY)))


def _load_in_parts(con: duckdb.DuckDBPyConnection, contract: Contract, shards: list[TableShard]) -> bool:
    """Sort so many rows at a time that they fit in memory; whether shards overlap, so that this is not enough."""
    key = contract.stored_key[1:]
    bounds = _bounds(con, shards, key)
    last: int = con.execute(statement("last_row", table=identifier(contract.table))).fetchall()[0][0]
    ends = []
    for part in _parts(sorted(shards, key=lambda shard: [bounds[shard.path, name].lowest for name in key])):
        varying = [name for name in key if len({text for s in part for text in bounds[s.path, name].texts}) > 1]
        last += _insert(con, contract, part, varying or key)
        ends.append(last)
    return _overlap(con, contract, ends[:-1])


class Bounds(NamedTuple):
    """The lowest value of a column in a shard, and its lowest and highest as texts."""

    lowest: Any
    texts: tuple[str, str]


def _bounds(
    con: duckdb.DuckDBPyConnection, shards: list[TableShard], key: Sequence[str]
) -> dict[tuple[Path, str], Bounds]:
    """Bounds of each key column in each shard, as their Parquet footers tell."""
    asked = {"paths": [exact(shard.path) for shard in shards], "columns": list(key)}
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


def _insert(con: duckdb.DuckDBPyConnection, contract: Contract, shards: list[TableShard], key: Sequence[str]) -> int:
    """Append the rows of some shards, sorted by ``key``; returns their number."""
    one = len({shard.step_key for shard in shards}) == 1
    text = statement("stage_step" if one else "stage_steps", table=identifier(contract.table), key=identifiers(key))
    files, step_keys = [str(shard.path) for shard in shards], [shard.step_key for shard in shards]
    made = {"step_key": step_keys[0]} if one else {"files": files, "step_keys": step_keys}
    return int(con.execute(text, {"paths": [exact(shard.path) for shard in shards], **made}).fetchall()[0][0])


def _overlap(con: duckdb.DuckDBPyConnection, contract: Contract, ends: list[int]) -> bool:
    """Whether a row at one of ``ends`` (row ids) is behind the row that follows it."""
    before, after = (identifiers(contract.stored_key, side) for side in ("before", "after"))
    text = statement("misplaced_rows", table=identifier(contract.table), before=before, after=after)
    return bool(ends) and bool(con.execute(text, {"ends": ends}).fetchall()[0][0])


def _check_columns(con: duckdb.DuckDBPyConnection, contract: Contract, path: Path) -> None:
    try:
        found = dict(con.execute(statement("shard_columns"), {"paths": [exact(path)]}).fetchall())
    except duckdb.Error as error:
        raise WarehouseError(f"shard {path} is no Parquet file: delete its folder and run the study again") from error
    may_lack = {c.name for c in contract.shard_columns if c.nullable or c.imported_only}
    expected = {c.name: c.type for c in contract.shard_columns if c.name in found or c.name not in may_lack}
    for name in sorted(found.keys() | expected.keys()):
        if found.get(name) != expected.get(name):
            raise ContractMismatch(
                f"table {contract.table}, column {name}: shard {path} has {found.get(name, 'no such column')}, "
                f"the contract says {expected.get(name, 'no such column')}"
            )
