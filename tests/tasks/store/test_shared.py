"""Step folders of a home in an object store: several machines, each with a disk of its own, and one ledger."""

import pytest

from tasks.store import FolderBusy, StepFolder
from tasks.store.at_hand import at_hand
from tests.builders.shared_folders import NAME, UNITS, files, folder_of, hashes, objects_of, write, write_unit


def test_another_machine_reads_what_one_has_finished_and_fetches_what_it_asks_for(machines):
    one, two = machines
    write(one)
    folder = StepFolder.open(folder_of(two))
    assert (folder.info, folder.reads, folder.damaged()) == ({"answer": 42}, [], [])
    assert files(two) == {"manifest.json"}
    assert folder.file("raw/b.bin").read_bytes() == b"b" * 100
    assert files(two) == {"manifest.json", "raw/b.bin"}
    assert folder.read_table("lifecycle_span").height == 9
    assert hashes(one) == hashes(two)


def test_what_no_step_folder_is_asked_for_is_fetched_as_a_whole(machines):
    one, two = machines
    write(one)
    assert sorted(path.name for path in at_hand(folder_of(two) / "raw").iterdir()) == ["a.bin", "b.bin", "c.bin"]
    assert files(two) == {"manifest.json", *(f"raw/{unit}.bin" for unit in UNITS)}
    assert at_hand(two.parent) == two.parent


def test_another_machine_resumes_where_one_stopped(machines, tmp_path):
    one, two = machines
    write(one, ("a", "b"), finish=False)
    assert not StepFolder(folder_of(two)).done
    assert write(two) == ["c"]
    alone = tmp_path / "alone"
    write(alone)
    assert hashes(two) == hashes(one) == hashes(alone)
    assert write(one) == []


def test_of_two_machines_at_one_unit_the_second_is_refused_and_its_shards_are_not_read(machines, bucket):
    one, two = machines
    with StepFolder.create(folder_of(one)) as first, StepFolder.create(folder_of(two)) as second:
        assert not first.has("a")
        assert not second.has("a")
        write_unit(second, "a", "faster")
        with pytest.raises(FolderBusy) as refused:
            write_unit(first, "a", "slower")
    assert str(refused.value) == (
        f"another machine is writing runs/{NAME} in {bucket}, and was first to finish unit a: "
        "wait for it to end and run again"
    )
    for home in machines:
        assert StepFolder(folder_of(home)).file("raw/a.bin").read_bytes() == b"faster" * 100
    assert write(one) == ["b", "c"]


def test_a_dropped_unit_leaves_nothing_in_the_store(machines, bucket):
    one, two = machines
    with StepFolder.create(folder_of(one)) as folder:
        write_unit(folder, "a")
        before = objects_of(bucket)
        write_unit(folder, "b")
        folder.drop("b")
        assert not folder.has("b")
    assert objects_of(bucket) == before
    assert set(StepFolder(folder_of(two)).lines) == {"a"}
