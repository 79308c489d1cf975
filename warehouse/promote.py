"""Move a run's audited rows from staging into the warehouse, in one transaction, and publish a snapshot."""

from collections.abc import Iterable
from pathlib import Path

from warehouse.files import replace_by_copy, writer
from warehouse.home import snapshot_path, writer_path
from warehouse.migrate import migrate
from warehouse.refusal import TABLES as REFUSAL_TABLES
from warehouse.sql import identifier, literal, statement


def promote(home: Path, staging: Path, tables: Iterable[str]) -> None:
    """Append staged tables to the warehouse, all of them or none; an earlier refusal of the run is forgotten."""
    with writer(writer_path(home)) as con:
        migrate(con)
        con.execute(statement("attach_staging", path=literal(str(staging))))
        con.begin()
        for table in REFUSAL_TABLES:
            con.execute(statement("forget_refusal", table=identifier(table)))
        for table in tables:
            con.execute(statement("promote", table=identifier(table)))
        con.commit()


def publish_snapshot(home: Path) -> Path:
    """Fold the write-ahead log into the warehouse file and put a copy in the place that readers open."""
    with writer(writer_path(home)) as con:
        migrate(con)
        con.execute("CHECKPOINT")
    replace_by_copy(writer_path(home), snapshot_path(home))
    return snapshot_path(home)


def ledger_of_run(home: Path, run_id: str) -> dict[str, str]:
    """Shard hashes by path of a run in the warehouse; empty if the run is not there."""
    if not writer_path(home).exists():
        return {}
    with writer(writer_path(home)) as con:
        migrate(con)
        return dict(con.execute(statement("ledger_of_run"), {"run_id": run_id}).fetchall())
