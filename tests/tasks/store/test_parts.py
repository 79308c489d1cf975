"""Parts of a step folder: what they finished is taken in whole, wherever a process dies."""

from pathlib import Path
from unittest.mock import patch

import pytest

from tasks.store import FolderBusy, StepFolder, part_folder, take_in
from tasks.store.ledger import Ledger
from tests.builders.killed import Killed, shard_hashes
from tests.tasks.store.test_folder import write

PARTS = {0: ["a", "b"], 1: ["c"], 2: []}


@pytest.fixture
def whole(tmp_path) -> Path:
    for part, units in PARTS.items():
        write(part_folder(tmp_path / "demo-ab", part), units, finish=False)
    return tmp_path / "demo-ab"


def take_all(whole: Path) -> None:
    with StepFolder.create(whole) as out:
        take_in(out)


def test_units_of_parts_come_with_their_lines_and_bytes(whole, tmp_path):
    lines = {name: StepFolder(part_folder(whole, part)).lines[name] for part in PARTS for name in PARTS[part]}
    write(tmp_path / "alone" / "demo-ab", ["a", "b", "c"])
    take_all(whole)
    assert StepFolder(whole).lines == lines
    assert shard_hashes(whole) == shard_hashes(tmp_path / "alone" / "demo-ab")
    assert not StepFolder(whole).damaged()
    assert {path.name for path in whole.parent.iterdir()} == {"demo-ab", "alone"}


def test_a_unit_that_the_folder_has_already_is_left(whole):
    write(whole, ["b"], finish=False)
    line = StepFolder(whole).lines["b"]
    take_all(whole)
    assert StepFolder(whole).lines["b"] == line


@pytest.mark.parametrize("after", range(3))
def test_killed_between_the_files_of_a_unit_and_its_line_that_unit_is_lost_alone(whole, after):
    append, appended = Ledger.append, []

    def dying(ledger, line):
        if len(appended) == after:
            raise Killed
        appended.append(line.unit)
        append(ledger, line)

    with patch.object(Ledger, "append", dying), pytest.raises(Killed):
        take_all(whole)
    take_all(whole)
    assert len(StepFolder(whole).lines) == 2
    assert set(appended) <= set(StepFolder(whole).lines)
    assert len(list(whole.rglob("*.bin"))) == 2


def test_a_part_that_is_being_made_is_waited_for(whole):
    with StepFolder.create(part_folder(whole, 1)), pytest.raises(FolderBusy, match="another run is writing"):
        take_all(whole)
    take_all(whole)
    assert sorted(StepFolder(whole).lines) == ["a", "b", "c"]
