"""The ledger that remembers, against one that reads its file anew for every question."""

import json
import random

import pytest

from tasks.store.ledger import Ledger, LedgerLine, Shard


def line(unit: str, seconds: float = 0.1) -> LedgerLine:
    shard = Shard(path=f"raw/{unit}.bin", table=None, rows=None, bytes=3, sha256="0" * 64)
    return LedgerLine(unit=unit, shards=[shard], seconds=seconds, committed="2026-01-01T00:00:00+00:00")


def tear(path, _):
    """As a process leaves the file that dies while appending."""
    with path.open("ab") as handle:
        handle.write(b'{"seal":"12')


def append_from_elsewhere(path, number):
    Ledger(path).append(line(f"other-{number}"))


def shorten(path, _):
    path.write_bytes(path.read_bytes()[:-5] if path.exists() else b"")


def spoil(path, number):
    path.write_bytes((path.read_bytes() if path.exists() else b"") + f"line {number}\n".encode())


def replace(path, number):
    Ledger(path).replace({str(number): line(str(number))})


@pytest.mark.parametrize("seed", range(20))
def test_what_is_remembered_is_what_the_file_says(tmp_path, seed):
    chance, path = random.Random(seed), tmp_path / "ledger.jsonl"
    ledger = Ledger(path)
    for number in range(60):
        if chance.random() < 0.6:
            ledger.append(line(f"unit-{chance.randrange(40)}", chance.random()))
        else:
            chance.choice([tear, append_from_elsewhere, shorten, spoil, replace])(path, number)
        fresh = Ledger(path)
        assert ledger.lines() == fresh.lines()
        assert ledger.spoiled == fresh.spoiled
        assert all(name in ledger for name in fresh.lines())
        assert ledger.shard("raw/unit-1.bin") == fresh.shard("raw/unit-1.bin")


def test_the_file_is_read_only_where_it_grew(tmp_path, monkeypatch):
    ledger, read = Ledger(tmp_path / "ledger.jsonl"), []
    take_in = Ledger._take_in
    monkeypatch.setattr(Ledger, "_take_in", lambda self, handle: read.append(self._read) or take_in(self, handle))
    for number in range(5):
        ledger.append(line(str(number)))
        assert str(number) in ledger
        assert len(ledger.lines()) == number + 1
    assert len(read) == 5
    assert read == sorted(set(read))


def test_a_line_without_its_newline_is_none_until_another_closes_it(tmp_path):
    path = tmp_path / "ledger.jsonl"
    ledger = Ledger(path)
    ledger.append(line("a"))
    path.write_bytes(path.read_bytes()[:-1])
    assert "a" not in Ledger(path)
    assert Ledger(path).spoiled
    ledger.append(line("b"))
    assert list(Ledger(path).lines()) == ["a", "b"]


@pytest.mark.parametrize(("name", "value"), [("unit", "b"), ("seconds", 0.2), ("shards", [])])
def test_an_altered_line_is_none(tmp_path, name, value):
    path = tmp_path / "ledger.jsonl"
    Ledger(path).append(line("a"))
    sealed = json.loads(path.read_text())
    sealed["line"][name] = value
    path.write_text(json.dumps(sealed) + "\n")
    assert not Ledger(path).lines()
    assert Ledger(path).spoiled
