"""The ledger of labels: several writers, one that was killed, a full disk, a line that was changed by hand."""

import json
import multiprocessing
from pathlib import Path

import pytest

from warehouse.errors import WarehouseError
from warehouse.labels import ledger
from warehouse.labels.entry import CONFIDENCES, Entry, UnusableLabels, entry
from warehouse.labels.ledger import LARGEST, cannot_write, change, ledger_path, read_entries


def label(feature: int, text: str, **more: object) -> Entry:
    return entry(**{"kind": "label", "sae_id": "L0", "sae_key": "L0@0", "feature": feature, "label": text, **more})


def say(home: Path, *entries: Entry) -> int:
    return change(home, lambda _: entries)


def _write(home: Path, who: str, n: int) -> None:
    for number in range(n):
        change(home, lambda before, number=number: [label(number, f"{who} {number} after {len(before)}", author=who)])


def test_writers_wait_for_each_other_and_lose_nothing(tmp_path: Path) -> None:
    """Four processes; each row says how many rows its writer saw, which is its own place in the ledger."""
    fork = multiprocessing.get_context("fork")
    writers = [fork.Process(target=_write, args=(tmp_path, who, 25)) for who in "abcd"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    rows = read_entries(tmp_path)
    assert len(rows) == 100
    assert [int(row.label.split()[-1]) for row in rows] == list(range(100))
    for who in "abcd":
        assert [row.feature for row in rows if row.author == who] == list(range(25))


def test_every_beginning_of_a_line_is_no_change_and_is_cut_off(tmp_path: Path) -> None:
    say(tmp_path, label(1, "one"))
    first = ledger_path(tmp_path).read_bytes()
    say(tmp_path, label(2, "two"), label(2, "too"))
    both = ledger_path(tmp_path).read_bytes()
    for cut in range(len(first), len(both)):
        ledger_path(tmp_path).write_bytes(both[:cut])
        assert len(read_entries(tmp_path)) == 1
        if cut % 37 == 0:
            say(tmp_path, label(3, "three"))
            assert [row.label for row in read_entries(tmp_path)] == ["one", "three"]


def test_a_full_disk_leaves_no_part_of_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    say(tmp_path, label(1, "one"))
    before = ledger_path(tmp_path).read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(ledger.os, "fsync", full)
    with pytest.raises(WarehouseError, match="disk full while writing"):
        say(tmp_path, label(2, "two"))
    assert ledger_path(tmp_path).read_bytes() == before


@pytest.mark.parametrize("line", ["{}", "[1]", "nonsense", '[{"kind": "label"}]', "[" * 100_000])
def test_a_damaged_ledger_names_the_line(tmp_path: Path, line: str) -> None:
    ledger_path(tmp_path).write_text(f"[]\n{line}\n[]\n")
    with pytest.raises(WarehouseError, match=r"labels\.jsonl, line 2 is no change of labels") as refused:
        read_entries(tmp_path)
    assert "\n" not in str(refused.value)


def test_a_ledger_has_a_size_and_a_home_that_cannot_be_written_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cannot_write(tmp_path) is None
    monkeypatch.setattr(ledger, "LARGEST", 50)
    with pytest.raises(UnusableLabels, match="is full"):
        say(tmp_path, label(1, "one"))
    assert LARGEST > 50
    monkeypatch.setattr(ledger.os, "access", lambda *_: False)
    assert "cannot be written" in cannot_write(tmp_path)


def test_lines_are_json_that_says_no_more_than_it_must(tmp_path: Path) -> None:
    say(tmp_path, label(1, "one", confidence=CONFIDENCES[0]))
    ((row,),) = map(json.loads, ledger_path(tmp_path).read_text().splitlines())
    assert {"kind", "sae_id", "feature", "label", "confidence", "sae_key"} == set(row)
