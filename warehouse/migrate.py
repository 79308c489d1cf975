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


class SchemaState(NamedTuple):
    """Migrations of a file by what is to be done about them: nothing but for ``pending`` ones in a good file."""

    applied: dict[int, str]  # SHA-256 by version
    pending: list[Migration]
    edited: list[int]
    unknown: list[int]


def migrations(folder: Path = FOLDER) -> list[Migration]:
    """All migrations, by version."""
    paths = sorted(folder.glob("*.sql"))
    return [Migration(int(path.stem.partition("_")[0]), path.stem, path.read_text()) for path in paths]


def migrate(con: duckdb.DuckDBPyConnection, folder: Path = FOLDER) -> None:
    """Bring the open warehouse up to date. Raises MigrationEdited; a migration that fails leaves no trace."""
    migrate_tables(con, folder)
    con.execute(views_sql())


def migrate_tables(con: duckdb.DuckDBPyConnection, folder: Path = FOLDER) -> None:
    """The same without the views."""
    con.execute(statement("create_schema_migration"))
    state = schema_state(con, folder)
    refuse_foreign(state)
    for migration in state.pending:
        _apply(con, migration)


def schema_state(con: duckdb.DuckDBPyConnection, folder: Path = FOLDER) -> SchemaState:
    """Hold the migrations that were applied to the open file against those of the program."""
    try:
        applied: dict[int, str] = dict(con.execute(statement("applied_migrations")).fetchall())
    except duckdb.CatalogException:  # no table of migrations: none was applied
        applied = {}
    known = {migration.version: migration for migration in migrations(folder)}
    return SchemaState(
        applied,
        pending=[migration for version, migration in known.items() if version not in applied],
        edited=[at for at, sha256 in applied.items() if at in known and known[at].sha256 != sha256],
        unknown=[version for version in applied if version not in known],
    )


def refuse_foreign(state: SchemaState) -> None:
    """Raise MigrationEdited if a migration was edited since it was applied, or is not this program's."""
    for versions, what in (
        (state.edited, "has been edited since it was"),
        (state.unknown, "is not in this version of the program but was"),
    ):
        for version in versions:
            raise MigrationEdited(
                f"migration {version:04d} {what} applied to the warehouse: install the program that published it, or "
                "rebuild the warehouse with `scfm restore`"
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
