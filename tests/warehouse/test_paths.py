"""A home may have any name: nothing in its path is read as part of an address, an option or a statement."""

import shutil
import tempfile
from pathlib import Path

import duckdb
import polars as pl
import pytest

from tests.builders.study_shards import make_study
from warehouse import open_snapshot, publish_run, restore_warehouse, run_user_sql, snapshot_path
from warehouse.audit import audit
from warehouse.errors import UnusableHome
from warehouse.sql import exact

NAME = """per%20cent que?ry #part 'quote' "two" ;semi $HOME ${x} &a=b [glob]* \u00e9\u6f22"""


@pytest.fixture(scope="module")
def strange(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published home with such a name, alone in its folder."""
    home = tmp_path_factory.mktemp("paths") / NAME
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("warehouse.audit.audit", lambda path, _, *others: audit(path, ["cell"], *others))
        run, folders = make_study(home / "runs", n_features=12, layers=(0, 1))
        publish_run(home, run, folders)
    return home


def test_everything_works_and_nothing_is_written_beside_it(strange: Path) -> None:
    con = open_snapshot(strange)
    (run_id,) = con.execute("SELECT run_id FROM run").fetchall()[0]
    con.close()
    assert all(result.success for result in audit(snapshot_path(strange), ["cell"], run_id))
    assert run_user_sql(strange, "SELECT count(*) AS n FROM cell").to_pylist() == [{"n": 160}]
    with open_snapshot(strange) as con:
        assert con.execute("SELECT count(*) FROM run").fetchall() == [(1,)]
    assert [path.name for path in strange.parent.iterdir()] == [NAME]


def test_a_question_mark_is_refused_at_once_where_no_second_name_can_be_had(tmp_path: Path, monkeypatch) -> None:
    """DuckDB would put its log beside the home: of ``que?ry`` into ``que.wal?ry``."""
    (tmp_path / "scr?tch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scr?tch"))
    for ask in (snapshot_path, lambda home: publish_run(home, {}, [])):
        with pytest.raises(UnusableHome, match="has a question mark in its path"):
            ask(tmp_path / "que?ry")
    assert [path.name for path in tmp_path.iterdir()] == ["scr?tch"]


def test_a_path_is_no_pattern(tmp_path: Path) -> None:
    """A home called a[b]c beside one called abc: DuckDB and polars would read the other one's rows."""
    for number, name in enumerate(("a[b]*?c", "abxyc", "a[b]c", "abc")):
        (tmp_path / name).mkdir()
        pl.DataFrame({"x": [number]}).write_parquet(tmp_path / name / "0.parquet")
    for number, name in ((0, "a[b]*?c"), (2, "a[b]c")):
        path = tmp_path / name / "0.parquet"
        with duckdb.connect() as con:
            assert con.execute("SELECT x FROM read_parquet($p)", {"p": [exact(path)]}).fetchall() == [(number,)]
        assert pl.read_parquet(path, glob=False)["x"].to_list() == [number]


def test_it_is_restored(strange: Path, monkeypatch) -> None:
    monkeypatch.setattr("warehouse.audit.audit", lambda path, _, *others: audit(path, ["cell"], *others))
    shutil.rmtree(strange / "warehouse")
    assert len(restore_warehouse(strange).restored) == 1
    assert [path.name for path in strange.parent.iterdir()] == [NAME]
