"""Migrations: ``migrations/<version>_<name>.sql``, applied once each, in order, each in a transaction.

1. The SHA-256 of every applied file is kept in ``schema_migration``; a file that changed since is refused.
2. Missing migrations are applied.
3. Views are made anew, so they need no migration.
"""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import duckdb

from warehouse.ddl import views_sql
from warehouse.errors import MigrationEdited
from warehouse.sql import statement

FOLDER = Path(__file__).parent / "migrations"


class Migration(NamedTuple):
    """One file: its number, its name and its text."""

    version: int
    name: str
    text: str

    @property
    def sha256(self) -> str:
        """SHA-256 of the text, 64 hex digits."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def migrations(folder: Path = FOLDER) -> list[Migration]:
    """All migrations, by version."""
    paths = sorted(folder.glob("*.sql"))
    return [Migration(int(path.stem.partition("_")[0]), path.stem, path.read_text()) for path in paths]


def migrate(con: duckdb.DuckDBPyConnection, folder: Path = FOLDER) -> None:
    """Bring the open warehouse up to date. Raises MigrationEdited; a migration that fails leaves no trace."""
    con.execute(statement("create_schema_migration"))
    applied: dict[int, str] = dict(con.execute(statement("applied_migrations")).fetchall())
    known = migrations(folder)
    _refuse_unknown(applied, known)
    for migration in known:
        if migration.version not in applied:
            _apply(con, migration)
    con.execute(views_sql())


def _refuse_unknown(applied: dict[int, str], known: list[Migration]) -> None:
    hashes = {migration.version: migration.sha256 for migration in known}
    for version, sha256 in applied.items():
        if hashes.get(version) != sha256:
            state = (
                "has been edited since it was" if version in hashes else "is not in this version of the program but was"
            )
            raise MigrationEdited(
                f"migration {version:04d} {state} applied to the warehouse: restore its file, or move the warehouse "
                "away and run the studies again (finished steps are kept)"
            )


def _apply(con: duckdb.DuckDBPyConnection, migration: Migration) -> None:
    now = datetime.now(UTC).replace(tzinfo=None)
    values = {"version": migration.version, "name": migration.name, "sha256": migration.sha256, "applied": now}
    con.begin()
    try:
        con.execute(migration.text)
        con.execute(statement("record_migration"), values)
    except duckdb.Error:
        con.rollback()
        raise
    con.commit()
