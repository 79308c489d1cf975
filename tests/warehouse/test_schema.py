"""The schema has one source: contracts and migrations build the same, comments and dictionary say the same."""

import shutil

import duckdb
import pytest
from warehouse.migrate import FOLDER, migrate, migrations

from warehouse.contracts.contract import contracts
from warehouse.ddl import schema_sql
from warehouse.dictionary import data_dictionary
from warehouse.errors import MigrationEdited

COLUMNS = """
    SELECT table_name, column_index, column_name, data_type, is_nullable, comment
    FROM duckdb_columns() WHERE NOT internal AND table_name <> 'schema_migration' ORDER BY ALL
"""
COMMENTS = """
    SELECT table_name, comment FROM duckdb_tables() WHERE table_name <> 'schema_migration'
    UNION ALL SELECT view_name, comment FROM duckdb_views() WHERE NOT internal ORDER BY ALL
"""


@pytest.fixture
def con():
    with duckdb.connect() as con:
        yield con


def test_contracts_and_migrations_build_the_same_schema(con):
    migrate(con)
    with duckdb.connect() as fresh:
        fresh.execute(schema_sql())
        assert con.execute(COLUMNS).fetchall() == fresh.execute(COLUMNS).fetchall()
        assert con.execute(COMMENTS).fetchall() == fresh.execute(COMMENTS).fetchall()


def test_every_table_view_and_column_has_a_comment(con):
    migrate(con)
    commented = dict(con.execute(COMMENTS).fetchall())
    assert set(commented) == {*contracts(), "hub", "layer_summary", "imported_value", "parity"}
    assert all(commented.values())
    assert commented["run"] == contracts()["run"].meaning


def test_migrating_twice_changes_nothing(con):
    migrate(con)
    before = con.execute("SELECT * FROM schema_migration").fetchall()
    migrate(con)
    assert con.execute("SELECT * FROM schema_migration").fetchall() == before
    assert len(before) == len(migrations())


def test_later_migration_is_applied_to_an_older_warehouse(con, tmp_path):
    migrate(con)
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    (tmp_path / "9999_more.sql").write_text("ALTER TABLE gene ADD COLUMN extra INTEGER;")
    migrate(con, tmp_path)
    assert con.execute("SELECT extra FROM gene").fetchall() == []


def test_edited_migration_is_refused(con, tmp_path):
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    migrate(con, tmp_path)
    first = min(tmp_path.glob("*.sql"))
    first.write_text(first.read_text() + "-- one more line\n")
    with pytest.raises(MigrationEdited, match="migration 0001 has been edited"):
        migrate(con, tmp_path)


def test_migration_from_a_newer_program_is_refused(con, tmp_path):
    migrate(con)
    with pytest.raises(MigrationEdited, match="is not in this version of the program"):
        migrate(con, tmp_path)


def test_failed_migration_leaves_no_trace(con, tmp_path):
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    (tmp_path / "9999_bad.sql").write_text("CREATE TABLE half (a INTEGER); SELECT nonsense;")
    with pytest.raises(duckdb.Error):
        migrate(con, tmp_path)
    assert not con.execute("SELECT * FROM duckdb_tables() WHERE table_name = 'half'").fetchall()
    migrate(con)


def test_dictionary_names_every_column():
    text = data_dictionary()
    for contract in contracts().values():
        assert f"### {contract.table}" in text
        assert all(f"| `{column.name}` |" in text for column in contract.columns)
    assert (
        "| `frequency` | DOUBLE | fire_count over all gene positions; imported: rounded to 6 decimals; 0 to 1 |" in text
    )
    assert "| `decoder_norm` | DOUBLE, NULL in imported runs only |" in text
    assert "| `svd_aligned` | BOOLEAN, given in imported runs only |" in text
    assert "one of `train`, `heldout`" in text
