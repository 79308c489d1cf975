"""Runs that share steps: rows are stored once, only new steps are loaded and audited, a bad step is refused alone."""

import polars as pl
import pytest

from tests.warehouse.conftest import Study
from tests.warehouse.shards import edit_table
from tests.warehouse.sharing import change_manifest, passed, remade, say_what_is_read, with_other_steps
from warehouse import (
    FailedChecks,
    check_snapshot,
    is_published,
    open_snapshot,
    publish_run,
    restore_warehouse,
    table_hashes,
)
from warehouse.contracts.contract import contracts

VALIDATION = {"validation", "gene_pair", "validation_summary", "pair_validation"}
READS = {
    "activations": ("cells", "model"),
    "sae": ("model",),
    "references": ("cells",),
    "describe": ("cells", "sae", "references"),
    "compare": ("sae",),
    "trace": ("cells", "sae"),
    "combine": ("trace",),
    "validate": ("trace", "describe", "references"),
}


@pytest.fixture
def second(study, tmp_path) -> Study:
    """A run that differs from ``study`` in what it was validated against."""
    return with_other_steps(study, tmp_path / "second", "validate")


def counts(con, schema: str, run_id: str | None = None) -> dict[str, int]:
    where = "" if run_id is None else f"WHERE run_id = '{run_id}'"
    return {t: con.sql(f'SELECT count(*) FROM {schema}."{t}" {where}').fetchone()[0] for t in contracts()}


def test_shared_rows_are_stored_once_and_seen_in_both_runs(home, study, second):
    with open_snapshot(home) as con:
        before = counts(con, "stored")
    told = []
    publish_run(home, second.run, second.folders, lambda *figures: told.append(figures))
    with open_snapshot(home) as con:
        grown = {table for table, n in counts(con, "stored").items() if n != before[table]}
        seen = [counts(con, "main", run["run_id"]) for run in (study.run, second.run)]
    assert grown == VALIDATION | {"null_draw", "work_unit", "quality_result", "run", "run_step"}
    assert {t for t in seen[0] if seen[0][t] != seen[1][t]} <= {"quality_result"}
    first, other = (table_hashes(home, run["run_id"]) for run in (study.run, second.run))
    same = {t for t in first if first[t].partition("-")[0] == other[t].partition("-")[0]}
    assert set(first) - same <= {"quality_result"}
    assert [what for what, *_ in told if what not in contracts()] == ["shards verified"]
    assert [(done, total) for _, done, total in told] == [(n, len(told)) for n in range(1, len(told) + 1)]
    assert [str(result) for result in check_snapshot(home) if not result.success] == []


def test_only_what_new_rows_can_change_is_asked_again(home, second):
    report = publish_run(home, second.run, second.folders)
    with open_snapshot(home) as con:
        asked = con.sql(
            "SELECT DISTINCT table_name, check_name FROM stored.quality_result WHERE step_key IN "
            f"('{second.folders[-1].name[-16:]}')"
        ).fetchall()
    assert {table for table, _ in asked} == VALIDATION | {"null_draw", "work_unit", "run", "run_step"}
    assert len(report.results) > 500  # those of shared steps are the run's as well


@pytest.mark.slow
def test_restored_in_either_order_gives_the_same(home, study, second, tmp_path):
    publish_run(home, second.run, second.folders)
    other = tmp_path / "other"
    publish_run(other, second.run, second.folders)
    publish_run(other, study.run, study.folders)
    assert table_hashes(other) == table_hashes(home)


@pytest.mark.slow
def test_a_bad_step_is_refused_and_the_others_are_published(study, tmp_path):
    say_what_is_read(study, **READS)
    edit_table(study.folders, "gene_pair", pl.col("score") * -1)
    validate = study.folders[-1]
    with pytest.raises(
        FailedChecks, match=rf"^{validate.name} refused, the run's other steps are published: table gene"
    ) as failed:
        publish_run(tmp_path / "home", study.run, study.folders)
    assert failed.value.exit_status == 3
    home = tmp_path / "home"
    assert not is_published(home, study.run["run_id"])
    with open_snapshot(home) as con:
        assert con.sql("SELECT step, withheld FROM refused_step").fetchall() == [("validate", False)]
        seen = counts(con, "main", study.run["run_id"])
        told = con.sql("SELECT DISTINCT table_name FROM quality_result WHERE NOT success").fetchall()
    assert {table for table in VALIDATION if seen[table]} == set()
    assert seen["edge_stat"] > 0
    assert told == [("gene_pair",)]
    assert [str(result) for result in check_snapshot(home) if not result.success] == []


@pytest.mark.slow
def test_a_refused_step_is_published_once_it_is_mended(study, tmp_path):
    say_what_is_read(study, **READS)
    edit_table(study.folders, "gene_pair", pl.col("score") * -1)
    home, before = tmp_path / "home", None
    for _ in range(2):
        with pytest.raises(FailedChecks):
            publish_run(home, study.run, study.folders)
        assert before in (None, table_hashes(home))
        before = table_hashes(home)
    edit_table(study.folders, "gene_pair", pl.col("score") * -1)
    assert not publish_run(home, study.run, study.folders).already_published
    publish_run(tmp_path / "fresh", study.run, study.folders)
    differing = table_hashes(home).items() ^ table_hashes(tmp_path / "fresh").items()
    assert {table for table, _ in differing} <= {"quality_result"}  # told of other steps
    assert passed(home) == passed(tmp_path / "fresh")
    assert is_published(home, study.run["run_id"])


@pytest.mark.slow
def test_steps_that_read_a_bad_one_are_withheld(study, tmp_path):
    say_what_is_read(study, **READS | {"validate": ("combine",)})
    edit_table(study.folders, "combination_stat", pl.col("p") + 2)
    with pytest.raises(FailedChecks, match=r"^combine-\w+ refused, validate-\w+ withheld because of it"):
        publish_run(tmp_path / "home", study.run, study.folders)
    with open_snapshot(tmp_path / "home") as con:
        assert con.sql("SELECT step, withheld FROM refused_step ORDER BY ALL").fetchall() == [
            ("combine", False),
            ("validate", True),
        ]


@pytest.mark.slow
def test_without_a_word_of_what_is_read_all_that_come_later_are_withheld(study, tmp_path):
    for folder in study.folders:
        change_manifest(folder, reads=None)
    edit_table(study.folders, "combination_stat", pl.col("p") + 2)
    with pytest.raises(FailedChecks, match=r"^combine-\w+ refused, validate-\w+ withheld"):
        publish_run(tmp_path / "home", study.run, study.folders)


@pytest.mark.slow
def test_steps_that_never_met_before_are_held_against_each_other(home, study, tmp_path):
    """Each of two runs passes; a third, of steps of both alone, has effects on features that it does not describe."""
    say_what_is_read(study, **READS)
    publish_run(home, study.run, study.folders)
    described = [folder for folder in study.folders if folder.name.startswith("describe")]
    few = [
        folder for folder in study.folders if not folder.name.startswith(("describe", "trace", "combine", "validate"))
    ]
    lone = [remade(described[0], tmp_path / "lone", "lone"), *described[1:]]
    edit_table(lone[:1], "feature", pl.col("feature") + 1000)
    with pytest.raises(FailedChecks):
        publish_run(home, {**study.run, "run_id": "a"}, [*few, *lone])


@pytest.mark.slow
def test_shared_rows_that_lose_what_they_refer_to_are_found(home, study, tmp_path):
    """Effects that are not loaded again are on a feature that a second description of the layer does not know."""
    say_what_is_read(study, **READS)
    second = with_other_steps(study, tmp_path / "second", "describe")
    with open_snapshot(home) as con:
        found = con.sql("SELECT source_sae, source_feature, count(*) FROM edge_stat GROUP BY ALL ORDER BY ALL LIMIT 1")
        sae, feature, n_rows = found.fetchone()
    here = (pl.col("sae_id") == sae) & (pl.col("feature") == feature)
    lost = pl.when(here).then(100_000).otherwise(pl.col("feature")).cast(pl.UInt32).alias("feature")
    edit_table([folder for folder in second.folders if folder.name.startswith("describe")], "feature", lost)
    with pytest.raises(FailedChecks):
        publish_run(home, second.run, second.folders)
    with open_snapshot(home) as con:
        said = con.sql(
            "SELECT n_unexpected FROM quality_result WHERE NOT success AND table_name = 'edge_stat' "
            f"AND check_name = 'source_sae_source_feature_in_feature' AND run_id = '{second.run['run_id']}'"
        )
        assert {n for (n,) in said.fetchall()} == {n_rows}


@pytest.mark.slow
def test_restored_from_shards_a_refused_step_is_refused_again(study, tmp_path):
    home = tmp_path
    for folder in study.folders:
        change_manifest(folder, reads=[])
    edit_table(study.folders, "gene_pair", pl.col("score") * -1)
    about = {"step": "modules", "title": "Modules", "tables": "module", "made": False, "how": "add [modules]"}
    with pytest.raises(FailedChecks):
        publish_run(home, study.run, study.folders, analyses=[about])
    before = table_hashes(home)
    report = restore_warehouse(home)
    assert len(report.refused) == 1
    assert table_hashes(home) == before
    with open_snapshot(home) as con:
        assert con.sql("SELECT run_id, step, made FROM run_analysis").fetchall() == [
            (study.run["run_id"], "modules", False)
        ]
