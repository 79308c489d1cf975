"""Write, audit, publish: what gets in, what does not, and what readers see."""

import json
import shutil
from pathlib import Path

import duckdb
import polars as pl
import pytest

from tests.builders.study_shards import make_study
from tests.warehouse.conftest import small_study
from tests.warehouse.shards import edit_table, split_table
from warehouse import (
    check_snapshot,
    is_published,
    open_snapshot,
    publish_run,
    run_summary,
    snapshot_path,
    table_hashes,
)
from warehouse.contracts.contract import contracts
from warehouse.errors import ContractMismatch, DamagedShard, RunConflict, WarehouseError


def test_every_shard_row_is_published(published, made):
    with open_snapshot(published) as con:
        for table, contract in contracts().items():
            if contract.filled_by != "shards":
                continue
            paths = [path for folder in made.folders for path in sorted(folder.glob(f"tables/{table}/*.parquet"))]
            rows = con.sql(f'SELECT * EXCLUDE run_id FROM "{table}"').pl()
            if not paths:  # of imported runs
                assert rows.is_empty()
                continue
            shards = pl.concat([pl.read_parquet(path) for path in paths])
            key = [name for name in contract.key if name != "run_id"]
            further = rows.select(pl.exclude(shards.columns))
            assert all(column.null_count() == further.height for column in further), table
            rows = rows.select(shards.columns)
            assert rows.equals(shards.sort(key)) or rows.sort(key).equals(shards.sort(key)), table
            assert con.sql(f'SELECT DISTINCT run_id FROM "{table}"').fetchall() == [(made.run["run_id"],)]


def test_large_tables_are_stored_in_key_order(published):
    with open_snapshot(published) as con:
        rows = con.sql(
            "SELECT effect, source_sae, source_feature, target_sae, target_feature FROM edge_stat"
        ).fetchall()
    assert rows == sorted(rows)


def test_report_says_what_was_published(published, made):
    report = publish_run(published, made.run, made.folders)
    assert report.already_published
    assert report.run_id == made.run["run_id"]
    assert report.snapshot == snapshot_path(published)
    assert report.rows["cell"] == 160
    assert 500 < len(report.results) < report.rows["quality_result"]
    assert len({(result.table_name, result.check_name) for result in report.results}) == len(report.results)
    assert all(result.success for result in report.results)


def test_ledger_names_every_shard(published, made):
    with open_snapshot(published) as con:
        found = dict(con.sql("SELECT path, sha256 FROM work_unit").fetchall())
    wanted = {}
    for folder in made.folders:
        for unit in json.loads((folder / "manifest.json").read_text())["units"]:
            wanted |= {f"{folder.name}/{shard['path']}": shard["sha256"] for shard in unit["shards"]}
    assert found == wanted


def test_publishing_twice_changes_nothing(published, made):
    before = snapshot_path(published).stat()
    publish_run(published, made.run, made.folders)
    after = snapshot_path(published).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


@pytest.mark.slow
def test_second_run_joins_the_first(home, made, tmp_path):
    first = table_hashes(home, made.run["run_id"])
    other = small_study(tmp_path / "other", seed=1)
    publish_run(home, other.run, other.folders)
    assert is_published(home, made.run["run_id"])
    assert is_published(home, other.run["run_id"])
    assert table_hashes(home, made.run["run_id"]) == first
    assert table_hashes(home) != first
    told = []
    results = check_snapshot(home, lambda *figures: told.append(figures))
    assert [str(result) for result in results if not result.success] == []
    assert told[-1][1:] == (2 * len(contracts()), 2 * len(contracts()))


@pytest.mark.slow
def test_same_shards_give_equal_hashes_in_another_home(published, made, tmp_path):
    publish_run(tmp_path, {**made.run, "hardware": "another machine", "seconds": 1.0}, made.folders)
    assert table_hashes(tmp_path) == table_hashes(published)


def test_other_shards_under_the_same_run_are_refused(home, study):
    before = table_hashes(home)
    edit_table(study.folders, "cell", pl.col("n_counts") + 1)
    with pytest.raises(RunConflict, match=r"step cells-.* is published with other shards .*cell") as refused:
        publish_run(home, study.run, study.folders)
    assert refused.value.exit_status == 1
    assert table_hashes(home) == before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (pl.col("n_genes").cast(pl.Int64), r"table cell, column n_genes: .* has BIGINT, the contract says UINTEGER"),
        (pl.lit(1).alias("more"), "column more: .* the contract says no such column"),
    ],
)
def test_columns_and_types_must_be_the_contracts(study, tmp_path, change, words):
    edit_table(study.folders, "cell", change)
    with pytest.raises(ContractMismatch, match=words) as refused:
        publish_run(tmp_path, study.run, study.folders)
    assert refused.value.exit_status == 3
    assert not snapshot_path(tmp_path).exists()


def test_run_row_must_be_whole(made, tmp_path):
    run = {name: value for name, value in made.run.items() if name != "seed"}
    with pytest.raises(ContractMismatch, match="row of table run: missing or unknown columns seed"):
        publish_run(tmp_path, run, made.folders)


@pytest.mark.parametrize("damage", ["truncate", "alter", "remove"])
def test_damaged_shard_is_refused(study, tmp_path, damage):
    path = next(study.folders[0].glob("tables/cell/*.parquet"))
    if damage == "remove":
        path.unlink()
    else:
        data = path.read_bytes()
        path.write_bytes(data[:-9] if damage == "truncate" else data[:9] + b"x" + data[10:])
    with pytest.raises(DamagedShard, match=f"shard {path} of table cell is missing, truncated or altered") as refused:
        publish_run(tmp_path, study.run, study.folders)
    assert refused.value.exit_status == 1
    assert not snapshot_path(tmp_path).exists()


def test_unfinished_step_is_refused(study, tmp_path):
    (study.folders[2] / "manifest.json").unlink()
    with pytest.raises(WarehouseError, match="is not finished"):
        publish_run(tmp_path, study.run, study.folders)


def test_manifest_that_is_none_is_refused(study, tmp_path):
    (study.folders[2] / "manifest.json").write_text("{")
    with pytest.raises(WarehouseError, match="is no manifest"):
        publish_run(tmp_path, study.run, study.folders)


@pytest.mark.parametrize("most_rows", [1, *(pytest.param(n, marks=pytest.mark.slow) for n in (300, 10**9))])
def test_rows_are_in_key_order_however_shards_are_cut_and_ordered(made, published, tmp_path, monkeypatch, most_rows):
    """One shard at a time in the wrong order, some that overlap, and all at once."""
    monkeypatch.setattr("warehouse.load.MOST_ROWS", most_rows)
    folders = [Path(shutil.copytree(folder, tmp_path / "runs" / folder.name)) for folder in made.folders]
    split_table(folders, "edge_stat", pl.int_range(pl.len()) % 3)  # every third row: shards overlap
    split_table(folders, "trace_pair", -(pl.int_range(pl.len()) // 100))  # stretches, the last one first
    publish_run(tmp_path, {**made.run, "run_id": "split"}, folders)
    for table in ("edge_stat", "trace_pair"):
        with open_snapshot(tmp_path) as con, open_snapshot(published) as whole:
            text = f'SELECT * EXCLUDE run_id FROM "{table}"'
            assert con.sql(text).fetchall() == whole.sql(text).fetchall()


def test_summary_counts(published, made):
    summary = run_summary(published, made.run["run_id"])
    with duckdb.connect(str(snapshot_path(published)), read_only=True) as con:
        edges = con.sql("SELECT effect, criterion, count(*) FROM edge GROUP BY ALL").fetchall()
        measured = con.sql("SELECT effect, count(*) FROM edge_stat GROUP BY ALL").fetchall()
    assert summary["saes"] == 2
    assert summary["checks"] == summary["checks_passed"] > 500
    assert {effect for effect, _, _ in edges} == {"total", "direct"}
    assert all(summary[f"{effect}_{criterion}"] == n for effect, criterion, n in edges)
    assert all(summary[f"{effect}_effects"] == n for effect, n in measured)


@pytest.mark.slow
def test_study_without_labels_passes(tmp_path):
    run, folders = make_study(tmp_path / "runs", n_features=24, layers=(0, 1), labelled=False)
    report = publish_run(tmp_path, run, folders)
    assert report.rows["feature_cell_type"] == 0
    assert all(result.success for result in report.results)
