"""A contract's edit becomes the next migration, and an older warehouse follows."""

import shutil

import duckdb
import pytest
from warehouse.draft import draft, main
from warehouse.migrate import FOLDER, migrate

from tests.warehouse.test_schema import COLUMNS, COMMENTS
from warehouse.contracts.contract import Column, Contract, contracts
from warehouse.ddl import schema_sql
from warehouse.errors import UnknownName

MORE = Column(name="kappa", type="DOUBLE", meaning="A column that somebody adds", unit="nat", nullable=True)


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(FOLDER, tmp_path / "migrations")


@pytest.fixture
def edited(monkeypatch):
    """Contracts with a new table, a new column and another meaning."""
    gene, run = contracts()["gene"], contracts()["run"]
    monkeypatch.setitem(contracts(), "gene", gene.model_copy(update={"columns": (*gene.columns, MORE)}))
    monkeypatch.setitem(contracts(), "run", run.model_copy(update={"meaning": "One row a run, in other words."}))
    added = Contract(table="weather", meaning="A table that somebody adds.", key=("kappa",), columns=(MORE,))
    monkeypatch.setitem(contracts(), "weather", added)


def test_nothing_is_missing_today(folder):
    assert draft() == ""
    assert main("nothing", folder) is None


def test_an_edit_becomes_a_migration_that_an_older_warehouse_follows(folder, tmp_path, edited):
    with duckdb.connect() as older, duckdb.connect() as fresh:
        migrate(older, FOLDER)
        path = main("weather", folder)
        assert path.name == f"{len(list(FOLDER.glob('*.sql'))) + 1:04d}_weather.sql"
        migrate(older, folder)
        fresh.execute(schema_sql())
        for text in (COLUMNS, COMMENTS):
            assert older.execute(text).fetchall() == fresh.execute(text).fetchall()
    assert draft(folder) == ""


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"columns": lambda columns: columns[1:]}, "columns went or changed places"),
        ({"columns": lambda columns: (columns[1], columns[0], *columns[2:])}, "columns went or changed places"),
        ({"columns": lambda c: (c[0].model_copy(update={"type": "UBIGINT"}), *c[1:])}, "its type has changed"),
    ],
)
def test_what_takes_thought_is_left_to_its_author(monkeypatch, change, words):
    gene = contracts()["gene"]
    monkeypatch.setitem(contracts(), "gene", gene.model_copy(update={"columns": change["columns"](gene.columns)}))
    with pytest.raises(UnknownName, match=words):
        draft()


def test_a_table_without_a_contract_is_said(monkeypatch):
    monkeypatch.delitem(contracts(), "gene_pair")
    with pytest.raises(UnknownName, match="table gene_pair has no contract any more"):
        draft()
