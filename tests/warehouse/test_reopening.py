"""Opening the snapshot: again after a publish, by several at once, and when another version of the program made it."""

from pathlib import Path

import duckdb
import pytest

import warehouse
from tests.builders.study_shards import make_study
from warehouse.contracts.contract import Column, contracts
from warehouse.errors import OldWarehouse, OtherSchema

pytestmark = pytest.mark.usefixtures("few_checks")


@pytest.mark.slow
def test_reopened_snapshot_is_the_new_one(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("warehouse.audit.audit", lambda *_: [])
    first, folders = make_study(tmp_path / "runs", n_features=12, layers=(0, 1))
    warehouse.publish_run(tmp_path, first, folders)
    with warehouse.open_snapshot(tmp_path) as old:
        second, folders = make_study(tmp_path / "runs", seed=1, n_features=12, layers=(0, 1))
        warehouse.publish_run(tmp_path, second, folders)
        with warehouse.open_snapshot(tmp_path) as new:
            assert new.sql("SELECT count(*) FROM run").fetchone() == (2,)
        assert old.sql("SELECT count(*) FROM run").fetchone() == (1,)


def test_every_connection_spills_to_a_folder_of_its_own(published):
    """Processes that share one overwrite each other's rows, and crash."""
    with warehouse.open_snapshot(published) as one, warehouse.open_snapshot(published) as two:
        folders = [con.sql("SELECT current_setting('temp_directory')").fetchone()[0] for con in (one, two)]
        assert folders[0] != folders[1]
        for con in (one, two):
            con.execute("SET memory_limit = '40MB'")
            con.execute("SET threads = 1")
            rows = con.execute("SELECT max(b) FROM (SELECT md5(range::VARCHAR) AS b FROM range(900000) ORDER BY b)")
            assert rows.fetchone()[0].startswith("ffff")
    assert not list((published / "warehouse").glob(".spill-*"))


@pytest.fixture
def newer_program(monkeypatch) -> None:
    """The program's contracts have a column more than the published warehouse."""
    gene = contracts()["gene"]
    extra = Column(name="extra", type="INTEGER", meaning="-", nullable=True)
    monkeypatch.setitem(contracts(), "gene", gene.model_copy(update={"columns": (*gene.columns, extra)}))


def test_older_warehouse_is_refused_and_brought_up_to_date_by_the_next_run(home, made, newer_program):
    with pytest.raises(OldWarehouse, match=r"another version of the program: `scfm run` of any study, or") as refused:
        warehouse.open_snapshot(home)
    assert refused.value.exit_status == 1
    with pytest.raises(OldWarehouse):
        warehouse.check_snapshot(home)
    assert not warehouse.is_published(home, made.run["run_id"])
    assert warehouse.publish_run(home, made.run, made.folders).already_published
    with warehouse.open_snapshot(home) as con:
        assert con.sql("SELECT count(extra) FROM gene").fetchone() == (0,)


def test_warehouse_that_additions_do_not_help_is_refused(home, made):
    with duckdb.connect(str(warehouse.snapshot_path(home))) as con:
        con.execute("UPDATE stored.schema_version SET sha256 = 'x'")
        con.execute("CREATE TABLE stored.bygone (a INTEGER)")
    for ask in (warehouse.open_snapshot, warehouse.check_snapshot):
        with pytest.raises(OtherSchema, match="rebuild it from the shards with `scfm restore`"):
            ask(home)
