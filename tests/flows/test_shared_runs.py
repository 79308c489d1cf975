"""Real runs of a home in an object store: published, forgotten and restored from any machine."""

from pathlib import Path

import pytest

from flows.cli.main import main
from flows.shared_home import changing, fetch_recorded, fetch_unpublished, open_shared
from tasks.store import StepFolder
from tasks.store.objects import Objects
from tests.builders.s3_server import machine
from tests.builders.study_shards import make_study
from warehouse import publish_run, restore_warehouse, table_hashes
from warehouse.home import working_home
from warehouse.reading import published_runs
from warehouse.run_record import read_records


def study(home: Path, seed: int) -> tuple[dict, list[Path]]:
    """A small study made on one machine."""
    return make_study(home / "runs", seed, n_features=12, layers=(0, 1))


def publish(home: Path, run: dict, folders: list[Path]) -> None:
    here = [home / "runs" / folder.name for folder in folders]

    def work() -> None:
        fetch_unpublished(home, here)
        publish_run(home, run, here)

    changing(home, work)


def recorded(home: Path) -> set[str]:
    return {record.run_id for record in read_records(home)}


@pytest.mark.slow
@pytest.mark.usefixtures("few_checks")
def test_runs_are_published_forgotten_and_restored_from_any_machine(machines, bucket, tmp_path, monkeypatch):
    one, two = machines
    (first, first_folders), (second, second_folders) = study(one, 1), study(one, 2)
    publish(two, first, first_folders)  # which another machine made
    alone = tmp_path / "alone"
    publish_run(alone, *study(alone, 1))
    assert table_hashes(two) == table_hashes(alone)
    publish(one, second, second_folders)
    assert published_runs(one) == recorded(one) == {first["run_id"], second["run_id"]}

    before, own = set(Objects(bucket).sizes("runs")), {folder.name for folder in second_folders}
    monkeypatch.setenv("SCFM_HOME", bucket)
    monkeypatch.setenv("SCFM_SCRATCH", str(tmp_path / "scratch"))
    assert main(["forget", second["run_id"], "--yes"]) == 0
    assert published_runs(working_home(bucket)) == {first["run_id"]}
    gone = {name for name in before if name.split("/")[1] in {*own, f"run-{second['run_id']}.json"}}
    assert set(Objects(bucket).sizes("runs")) == before - gone
    open_shared(bucket, one)
    assert published_runs(one) == recorded(one) == {first["run_id"]}
    assert not any(StepFolder(one / "runs" / name).done for name in own)

    Objects(bucket).remove("warehouse/snapshot.json")
    three = machine(tmp_path, "three", bucket)

    def restore() -> None:
        fetch_recorded(three)
        restore_warehouse(three)

    changing(three, restore)
    open_shared(bucket, one)
    assert table_hashes(one) == table_hashes(alone)
