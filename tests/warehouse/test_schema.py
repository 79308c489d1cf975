"""The schema has one source: comments and dictionary say what the contracts say, and older files follow them."""

from pathlib import Path

import duckdb
import pytest

from warehouse import publish_run, restore_warehouse, snapshot_path, table_hashes
from warehouse.contracts.contract import Column, Contract, contracts
from warehouse.ddl import comment_text
from warehouse.dictionary import data_dictionary
from warehouse.errors import OtherSchema
from warehouse.schema import bring_up_to_date, is_current

pytestmark = pytest.mark.usefixtures("few_checks")

OLDEST = Path(__file__).parent / "oldest" / "0001_tables.sql"
COLUMNS = """
    SELECT schema_name, table_name, column_index, column_name, data_type, comment
    FROM duckdb_columns() WHERE NOT internal ORDER BY ALL
"""
COMMENTS = "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal AND schema_name = 'main' ORDER BY ALL"
MORE = Column(name="kappa", type="DOUBLE", meaning="A column that somebody adds", unit="nat", nullable=True)


@pytest.fixture
def con():
    with duckdb.connect() as con:
        yield con


@pytest.fixture
def edited(monkeypatch):
    """Contracts with a new table, a new column and another meaning."""
    gene, run = contracts()["gene"], contracts()["run"]
    monkeypatch.setitem(contracts(), "gene", gene.model_copy(update={"columns": (*gene.columns, MORE)}))
    monkeypatch.setitem(contracts(), "run", run.model_copy(update={"meaning": "One row a run, in other words."}))
    added = Contract(table="weather", meaning="A table that somebody adds.", key=("kappa",), columns=(MORE,))
    monkeypatch.setitem(contracts(), "weather", added)


def test_every_table_view_and_column_has_its_meaning(con):
    bring_up_to_date(con)
    commented = dict(con.execute(COMMENTS).fetchall())
    views = {"aligned_summary", "figure", "figure_comparison", "hub", "layer_summary", "parity", "pmi_comparison"}
    views |= {
        "edge_shared_term",
        "baseline_margin",
        "cell_value",
        "feature_mark",
        "feature_term",
        "gene_pair_reference",
        "claim_item",
        "claim_gate",
        "claim_verdict",
        "enrichment",
        "validation_level",
    }
    assert set(commented) == {*contracts()} | views
    assert all(commented.values())
    found = {
        (table, name): comment
        for schema, table, _, name, _, comment in con.execute(COLUMNS).fetchall()
        if schema == "main"
    }
    for contract in contracts().values():
        assert commented[contract.table] == contract.meaning
        assert all(found[contract.table, column.name] == comment_text(column) for column in contract.columns)


def test_readers_see_the_contracts_columns_in_order_and_the_file_holds_step_keys(con):
    bring_up_to_date(con)
    columns: dict[tuple[str, str], list[str]] = {}
    for schema, table, _, name, _, _ in con.execute(COLUMNS).fetchall():
        columns.setdefault((schema, table), []).append(name)
    for contract in contracts().values():
        assert columns["main", contract.table] == [column.name for column in contract.columns]
        assert columns["main", contract.table][0] == "run_id"
        assert columns["stored", contract.table][0] == ("step_key" if contract.by_step else "run_id")


def test_bringing_up_to_date_twice_changes_nothing(con):
    bring_up_to_date(con)
    before = con.execute("FROM stored.schema_version").fetchall()
    bring_up_to_date(con)
    assert con.execute("FROM stored.schema_version").fetchall() == before
    assert len(before) == 1


def test_an_older_file_follows_an_edit_of_the_contracts(con, request):
    bring_up_to_date(con)
    request.getfixturevalue("edited")
    assert not is_current(con)
    bring_up_to_date(con)
    with duckdb.connect() as fresh:
        bring_up_to_date(fresh)
        for text in (COLUMNS, COMMENTS):
            assert con.execute(text).fetchall() == fresh.execute(text).fetchall()


def test_a_view_that_is_no_more_goes(con):
    bring_up_to_date(con)
    con.execute("CREATE VIEW bygone AS SELECT 1 AS a")
    con.execute("UPDATE stored.schema_version SET sha256 = 'x'")
    bring_up_to_date(con)
    assert "bygone" not in dict(con.execute(COMMENTS).fetchall())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda columns: (columns[0], *columns[2:]), "columns that went or changed places"),
        (lambda columns: (columns[0], columns[2], columns[1], *columns[3:]), "columns that went or changed places"),
        (lambda c: (c[0], c[1].model_copy(update={"type": "UBIGINT"}), *c[2:]), "another type"),
    ],
)
def test_what_is_no_addition_is_refused_and_leaves_no_trace(con, monkeypatch, change, words):
    bring_up_to_date(con)
    before = con.execute(COLUMNS).fetchall()
    gene = contracts()["gene"]
    monkeypatch.setitem(contracts(), "gene", gene.model_copy(update={"columns": change(gene.columns)}))
    with pytest.raises(OtherSchema, match=rf"table gene.*{words}: rebuild it from the shards with `scfm restore`"):
        bring_up_to_date(con)
    assert con.execute(COLUMNS).fetchall() == before


def test_a_table_without_a_contract_is_refused(con, monkeypatch):
    bring_up_to_date(con)
    monkeypatch.delitem(contracts(), "gene_pair")
    with pytest.raises(OtherSchema, match="table gene_pair of the warehouse has no contract"):
        bring_up_to_date(con)


def old_home(study, home: Path) -> None:
    """A home whose snapshot has its rows by run, as every one had before; its record and shards as they were."""
    publish_run(home, study.run, study.folders)
    snapshot_path(home).unlink()
    with duckdb.connect(str(snapshot_path(home))) as con:
        con.execute(OLDEST.read_text() + "CREATE TABLE schema_migration (version USMALLINT, sha256 VARCHAR);")
        con.execute("INSERT INTO run (run_id) VALUES ($run_id)", {"run_id": study.run["run_id"]})


@pytest.mark.slow
def test_a_home_with_rows_by_run_is_refused_in_one_line_and_restored(study, tmp_path, monkeypatch):
    monkeypatch.setattr("warehouse.audit.audit", lambda *_: [])
    publish_run(tmp_path / "new", study.run, study.folders)
    old_home(study, tmp_path)
    with pytest.raises(OtherSchema, match=r"kept its rows by run: rebuild it .* with `scfm restore`") as refused:
        publish_run(tmp_path, study.run, study.folders)
    assert "\n" not in str(refused.value)
    restore_warehouse(tmp_path)
    assert table_hashes(tmp_path) == table_hashes(tmp_path / "new")
    assert publish_run(tmp_path, study.run, study.folders).already_published


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
