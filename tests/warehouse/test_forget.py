"""``forget_run``: what only the run used goes, from warehouse and disk; killed in the middle, a second call ends it."""

import os
import shutil
import signal
from pathlib import Path

import pytest

from tests.builders.forked import SERVER
from tests.warehouse.conftest import Study
from tests.warehouse.sharing import with_other_steps
from warehouse import (
    check_snapshot,
    forget_run,
    holdings,
    open_snapshot,
    publish_run,
    snapshot_path,
    table_hashes,
    what_goes,
)
from warehouse.contracts.contract import contracts
from warehouse.errors import NoWarehouse, UnknownName
from warehouse.reading import published_runs
from warehouse.run_record import read_records

pytestmark = pytest.mark.usefixtures("few_checks")


@pytest.fixture(scope="module")
def pair(made, tmp_path_factory) -> tuple[Path, Study, Study]:
    """A home with two runs that share all steps but the trace and what reads it. Read only."""
    home = tmp_path_factory.mktemp("pair") / "home"
    folders = [Path(shutil.copytree(folder, home / "runs" / folder.name)) for folder in made.folders]
    first = Study(made.run, folders)
    second = with_other_steps(first, home / "runs", "trace", "combine", "validate")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("warehouse.audit.audit", lambda *_: [])
        publish_run(home, first.run, first.folders)
        publish_run(home, second.run, second.folders)
    return home, first, second


@pytest.fixture
def home(pair, tmp_path) -> Path:
    return Path(shutil.copytree(pair[0], tmp_path / "home"))


def names(home: Path) -> set[str]:
    return {path.name for path in (home / "runs").glob("*-*/")}


def test_what_only_the_run_used_goes_and_the_rest_is_as_it_was(home, pair, tmp_path):
    _, first, second = pair
    alone = tmp_path / "alone"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("warehouse.audit.audit", lambda *_: [])
        publish_run(alone, first.run, first.folders)
    size = snapshot_path(home).stat().st_size
    said = what_goes(home, second.run["run_id"])
    assert {path.name for path in said.folders} == {folder.name for folder in second.folders} - names_of(first)
    assert set(said.shared) == names_of(first) & names_of(second)
    with open_snapshot(home) as con:
        assert said.rows[second.folders[-1].name[-16:]] > 0
        assert con.sql("SELECT count(*) FROM run").fetchone() == (2,)
    assert forget_run(home, second.run["run_id"]) == said
    assert table_hashes(home) == table_hashes(alone)
    assert snapshot_path(home).stat().st_size < size
    assert names(home) == names_of(first)
    assert [record.run_id for record in read_records(home)] == [first.run["run_id"]]
    assert {path.name for path in (home / "warehouse").iterdir()} == {"lock", "snapshot.duckdb"}


def names_of(study: Study) -> set[str]:
    return {folder.name for folder in study.folders}


@pytest.mark.slow
def test_the_other_run_can_be_forgotten_as_well(home, pair):
    for study in pair[1:]:
        forget_run(home, study.run["run_id"])
    assert names(home) == set()
    with open_snapshot(home) as con:
        assert con.sql("SELECT count(*) FROM run").fetchone() == (0,)
    assert check_snapshot(home) == []
    with pytest.raises(NoWarehouse):
        read_records(home)


def test_unknown_run_is_said(home):
    with pytest.raises(UnknownName, match="there is no run nowhere") as refused:
        forget_run(home, "nowhere")
    assert refused.value.exit_status == 2


def _dying(home: Path, run_id: str, place: str) -> None:
    import importlib

    module, name = place.split(":")
    setattr(importlib.import_module(module), name, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
    forget_run(home, run_id)


@pytest.mark.parametrize(
    "place",
    [
        "warehouse.forget:bring_up_to_date",
        "warehouse.forget:move_into_place",
        "warehouse.forget:record_path",
        "warehouse.forget:remove_folders",
    ],
)
@pytest.mark.slow
def test_killed_anywhere_then_run_again(home, pair, place):
    _, first, second = pair
    process = SERVER.Process(target=_dying, args=(home, second.run["run_id"], place))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert published_runs(home) >= {first.run["run_id"]}
    if place != "warehouse.forget:remove_folders":
        forget_run(home, second.run["run_id"])
        assert names(home) == names_of(first)
    else:  # the record is gone: what is left is named
        assert {path.name for path in holdings(home).loose_folders} == names_of(second) - names_of(first)
    assert published_runs(home) == {first.run["run_id"]}


def test_holdings_count_folders_and_rows(home, pair):
    held = {step.step: step for step in holdings(home).steps}
    with open_snapshot(home) as con:
        (key,) = con.sql("SELECT DISTINCT step_key FROM stored.work_unit WHERE step = 'cells'").fetchone()
        tables = [name for name, contract in contracts().items() if contract.by_step]
        counted = [con.sql(f"SELECT count(*) FROM stored.{name} WHERE step_key = '{key}'") for name in tables]
        n_rows = sum(rows.fetchone()[0] for rows in counted)
        assert n_rows > con.sql("SELECT count(*) FROM stored.cell").fetchone()[0] > 0
    assert held["cells"].n_rows == n_rows
    assert held["trace"].n_folders == 2
    assert held["trace"].n_bytes > 0
    assert holdings(home).loose_folders == []
    assert holdings(home).loose_steps == []
