"""Several machines with one home in an object store: each publishes, none loses what another one published.

What is published is a text here, and a real warehouse in test_shared_runs.py.
"""

from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest

from flows.cli.main import main
from flows.shared_home import changing, open_shared, remove_forgotten
from tasks.store import DamagedShard, StepFolder
from tasks.store.objects import Objects
from tests.builders.killed import Killed
from tests.builders.shared_folders import NAME, UNITS, folder_of, write
from warehouse import FailedChecks, snapshot_path


def publish_text(home: Path, run: str, fails: bool = False) -> None:
    """Add a run to what is published, and its record."""

    def work() -> None:
        (home / "runs").mkdir(exist_ok=True)
        (home / "runs" / f"run-{run}.json").write_text(run)
        path = snapshot_path(home)
        text = path.read_text() if path.exists() else ""
        path.with_name("next").write_text(text + run)
        path.with_name("next").replace(path)
        if fails:
            raise FailedChecks("some checks failed", [])

    changing(home, work)


def published(home: Path) -> str | None:
    return snapshot_path(home).read_text() if snapshot_path(home).exists() else None


def everything(bucket: str) -> dict[str, int]:
    return Objects(bucket).sizes("runs") | Objects(bucket).sizes("warehouse")


def records(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "runs").glob("run-*"))


def race(store: str, faster: Callable[[], None]):
    """Let another machine do something while one has uploaded its snapshot and not yet published it."""
    upload, raced = Objects.upload, []

    def uploading(objects: Objects, source: Path, name: str) -> None:
        upload(objects, source, name)
        if name.startswith(store) and not raced:
            raced.append(name)
            faster()

    return patch.object(Objects, "upload", uploading)


def test_what_one_machine_publishes_all_see(machines, bucket):
    one, two = machines
    publish_text(one, "a")
    publish_text(two, "b")
    assert published(one) == "a"
    open_shared(bucket, one)
    assert (published(one), records(one)) == ("ab", ["run-a.json", "run-b.json"])
    assert (published(two), records(two)) == ("ab", ["run-a.json", "run-b.json"])
    assert len(Objects(bucket).sizes("warehouse/snapshots")) == 1


def test_of_two_that_publish_at_once_the_second_does_it_again_on_what_the_first_published(machines, bucket):
    one, two = machines
    publish_text(one, "a")
    with race("warehouse/", lambda: publish_text(two, "b")):
        publish_text(one, "c")
    assert published(one) == "abc"
    open_shared(bucket, two)
    assert (published(two), records(two)) == ("abc", ["run-a.json", "run-b.json", "run-c.json"])
    assert len(Objects(bucket).sizes("warehouse/snapshots")) == 1


def test_what_passed_is_published_beside_what_failed_its_checks(machines, bucket):
    one, two = machines
    with pytest.raises(FailedChecks):
        publish_text(one, "a", fails=True)
    open_shared(bucket, two)
    assert published(two) == "a"


def test_work_that_fails_changes_nothing_for_the_others(machines, bucket):
    one, two = machines
    publish_text(one, "a")
    before = everything(bucket)
    with patch.object(Path, "replace", side_effect=OSError("no")), pytest.raises(OSError, match="no"):
        publish_text(two, "b")
    assert everything(bucket) == before
    open_shared(bucket, two)
    assert (published(two), records(two)) == ("a", ["run-a.json"])


@pytest.mark.parametrize("method", ["upload", "replace"])
def test_a_machine_that_dies_while_it_publishes_has_published_nothing(machines, bucket, method):
    one, two = machines
    publish_text(one, "a")
    with patch.object(Objects, method, side_effect=Killed), pytest.raises(Killed):
        publish_text(one, "b")
    assert published(one) == "ab"
    for home in machines:
        open_shared(bucket, home)
        assert published(home) == "a"
    publish_text(one, "b")
    open_shared(bucket, two)
    assert published(two) == "ab"


def test_a_folder_that_one_machine_forgot_is_no_longer_finished_on_another(machines, bucket):
    one, two = machines
    write(one)
    publish_text(one, "a")
    open_shared(bucket, two)
    assert StepFolder(folder_of(two)).done
    remove_forgotten(one, "a", [NAME])
    assert everything(bucket).keys() == Objects(bucket).sizes("warehouse").keys()
    open_shared(bucket, two)
    assert (StepFolder(folder_of(two)).done, records(two)) == (False, [])
    assert write(two) == [*UNITS]


def test_a_snapshot_is_fetched_once_and_again_if_it_was_altered(machines, bucket):
    one, two = machines
    publish_text(one, "a")
    open_shared(bucket, two)
    with patch.object(Objects, "download", side_effect=AssertionError):
        open_shared(bucket, two)
    snapshot_path(two).write_text("altered")
    open_shared(bucket, two)
    assert published(two) == "a"


def test_a_snapshot_that_the_store_lost_or_altered_is_one_line(machines, bucket):
    one, two = machines
    publish_text(one, "a")
    (name,) = Objects(bucket).sizes("warehouse/snapshots")
    advice = "remove that object, and `scfm restore` makes it anew"
    Objects(bucket).write(name, b"x")
    with pytest.raises(DamagedShard, match=f"has other bytes: {advice}"):
        open_shared(bucket, two)
    Objects(bucket).remove(name)
    with pytest.raises(DamagedShard, match=f"is not there: {advice}"):
        open_shared(bucket, two)
    assert published(two) is None


def test_commands_say_what_is_missing_in_one_line(bucket, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SCFM_SCRATCH", str(tmp_path / "scratch"))
    monkeypatch.setenv("SCFM_HOME", "gs://bucket/prefix")
    assert main(["status"]) == 2
    monkeypatch.setenv("SCFM_HOME", "s3://there-is-no-such-bucket")
    assert main(["status"]) == 1
    errors = capsys.readouterr().err.splitlines()
    assert errors[0].endswith("is no object store that is understood here: give s3://bucket/prefix")
    assert errors[1].startswith("scfm: cannot use s3://there-is-no-such-bucket (")
    assert len(errors) == 2
    assert not (tmp_path / "scratch").exists()
    monkeypatch.setenv("SCFM_HOME", bucket)
    assert main(["status"]) == 0
    assert "not published yet" in capsys.readouterr().out
