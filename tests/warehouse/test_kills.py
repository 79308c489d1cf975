"""Publishers that are killed, stopped or meet another: readers keep what they had, a rerun ends as if undisturbed."""

import shutil
import signal
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from flows.cli.main import INTERRUPTED
from tests.builders.publishing import Publishing
from tests.warehouse.conftest import Study, small_study
from warehouse import is_published, open_snapshot, publish_run, restore_warehouse, table_hashes

N_KILLS = 6
N_PLACES = [4, pytest.param(1, marks=pytest.mark.slow)]  # every fourth place, or each
FILES = {"lock", "snapshot.duckdb"}
SAID = "scfm: interrupted; run the same command again to continue"
PLACES = [  # in the order in which publishing comes by
    "warehouse.publish:write_record",
    "warehouse.snapshot:bring_up_to_date",  # the copy lies beside the published file
    "warehouse.load:_insert",
    "warehouse.load:derive",
    "warehouse.audit:audit",
    "warehouse.publish:insert_rows",  # the rows have passed
    "warehouse.snapshot:move_into_place",
    "warehouse.files:fsync_path",  # of the record, beside the runs
]


@pytest.fixture(scope="module")
def second(tmp_path_factory) -> Study:
    return small_study(tmp_path_factory.mktemp("second") / "runs", seed=1)


def publishing(home: Path, study: Study, dies_at: str | None = None) -> Publishing:
    return Publishing(home, study.run, tuple(study.folders), audited=("cell",), dies_at=dies_at)


@pytest.fixture(scope="module")
def first(made, tmp_path_factory) -> Path:
    """A home with one run. Read only."""
    home = tmp_path_factory.mktemp("first") / "home"
    assert publishing(home, made).complete() == 0
    return home


@pytest.fixture(scope="module")
def wanted(first, second, tmp_path_factory) -> dict[str, str]:
    """Table hashes after both runs were published without any fault."""
    home = Path(shutil.copytree(first, tmp_path_factory.mktemp("wanted") / "home"))
    assert publishing(home, second).complete() == 0
    return table_hashes(home)


@pytest.fixture
def home(first, tmp_path) -> Path:
    return Path(shutil.copytree(first, tmp_path / "home"))


def assert_old_or_new(home: Path, old: dict[str, str], new: dict[str, str]) -> None:
    assert table_hashes(home) in (old, new)


@pytest.mark.parametrize("every", N_PLACES)
def test_killed_at_every_step_then_run_again(home, second, wanted, every):
    old = table_hashes(home)
    for place in PLACES[1::every]:
        job = publishing(home, second, place)
        assert job.complete() == -signal.SIGKILL, (place, job.printed)
        assert table_hashes(home) == old
    assert publishing(home, second).complete() == 0
    assert table_hashes(home) == wanted
    assert {path.name for path in (home / "warehouse").iterdir()} == FILES


@pytest.mark.slow
def test_killed_at_random_moments_then_run_again(first, second, wanted, tmp_path):
    """Every kill has a home of its own, so that moments are spread over all of loading and publishing."""
    started, old = time.monotonic(), table_hashes(first)
    assert publishing(Path(shutil.copytree(first, tmp_path / "whole")), second).complete() == 0
    seconds, chance, hit = time.monotonic() - started, np.random.default_rng(0), 0
    for number in range(N_KILLS):
        home = Path(shutil.copytree(first, tmp_path / f"killed-{number}"))
        process, begun = publishing(home, second).start(), time.monotonic()
        process.join(seconds * (number + chance.random()) / N_KILLS)
        process.kill()
        process.join()
        if process.exitcode == -signal.SIGKILL:
            hit += 1
        else:  # it was quicker than the first, which other work may have held up
            seconds = min(seconds, time.monotonic() - begun)
        assert_old_or_new(home, old, wanted)
        assert publishing(home, second).complete() == 0, publishing(home, second).printed
        assert table_hashes(home) == wanted
        shutil.rmtree(home)
    assert hit >= N_KILLS / 3


@pytest.mark.slow
def test_stopped_politely_at_every_step_then_run_again(first, second, wanted, tmp_path):
    """SIGTERM: the exit status of an interrupted command, no traceback, nothing left lying about."""
    for number, place in enumerate(PLACES):
        home = Path(shutil.copytree(first, tmp_path / f"stopped-{number}"))
        job = replace(publishing(home, second, place), by=signal.SIGTERM)
        assert job.complete() == INTERRUPTED, job.printed
        assert job.printed.split("\n") == ["", SAID, ""]
        assert {path.name for path in (home / "warehouse").iterdir()} == FILES
    assert publishing(home, second).complete() == 0  # the last, which had begun to publish
    assert table_hashes(home) == wanted


@pytest.mark.slow
def test_stopped_politely_at_random_moments_then_run_again(home, second, wanted):
    job = publishing(home, second)
    for moment in np.random.default_rng(1).uniform(0, 1.5, 6):
        process = job.start()
        job.await_work(process)
        process.join(moment)
        process.terminate()
        process.join()
        assert process.exitcode in (0, INTERRUPTED), job.printed
    assert job.complete() == 0
    assert set(job.printed.split("\n")) <= {"", SAID}
    assert table_hashes(home) == wanted


@pytest.mark.slow
def test_two_publishers_at_once_lose_and_double_nothing(tmp_path, made, second, wanted):
    home = tmp_path / "home"
    jobs = [publishing(home, made), publishing(home, second)]
    processes = [job.start() for job in jobs]
    for process in processes:
        process.join()
    codes = sorted(process.exitcode for process in processes)
    assert codes in ([0, 0], [0, 1])
    assert codes == [0, 0] or "is in use by process" in jobs[0].printed
    assert [job.complete() for job in jobs] == [0, 0]
    assert table_hashes(home) == wanted


def test_same_run_from_two_publishers_is_loaded_once(home, second, wanted):
    processes = [publishing(home, second).start() for _ in range(2)]
    for process in processes:
        process.join()
    assert 0 in [process.exitcode for process in processes]
    assert table_hashes(home) == wanted


@pytest.mark.slow
def test_killed_while_a_reader_holds_the_snapshot(home, made, second, wanted):
    with open_snapshot(home) as reader:
        assert publishing(home, second, "warehouse.files:fsync_path").complete() == -signal.SIGKILL
        assert publishing(home, second).complete() == 0
        assert reader.execute("SELECT run_id FROM run").fetchall() == [(made.run["run_id"],)]
    assert table_hashes(home) == wanted


@pytest.mark.slow
@pytest.mark.parametrize("place", ["warehouse.audit:audit", "warehouse.restore:move_into_place"])
def test_killed_restore_leaves_the_old_warehouse_and_is_begun_anew(tmp_path, study, monkeypatch, place):
    assert publishing(tmp_path, study).complete() == 0
    before = table_hashes(tmp_path)
    assert Publishing(tmp_path, audited=("cell",), dies_at=place).complete() == -signal.SIGKILL
    assert (tmp_path / "warehouse" / "restoring").exists()
    assert table_hashes(tmp_path) == before
    monkeypatch.setattr("warehouse.audit.audit", lambda *_: [])
    restore_warehouse(tmp_path)
    assert {path.name for path in (tmp_path / "warehouse").iterdir()} == FILES
    unlike = {table for table, found in table_hashes(tmp_path).items() if found != before[table]}
    assert unlike == {"quality_result"}  # left out here
    assert is_published(tmp_path, study.run["run_id"])
    assert publish_run(tmp_path, study.run, study.folders).already_published
