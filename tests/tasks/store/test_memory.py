"""An estimate against what the machine has."""

import pytest

from tasks.store import RequestError
from tasks.store.memory import available_memory, require_memory


def test_available_memory_is_read_in_bytes(tmp_path):
    told = tmp_path / "meminfo"
    told.write_text("MemTotal:       100 kB\nMemAvailable:       25 kB\n")
    assert available_memory(told) == 25 * 1024
    told.write_text("MemTotal:       100 kB\n")
    assert available_memory(told) is None
    assert available_memory(tmp_path / "absent") is None


def test_too_much_is_refused_with_the_remedy(monkeypatch):
    monkeypatch.setattr("tasks.store.memory.available_memory", lambda: 1_000_000_000)
    require_memory(1_000_000_000, "walking", "walk less")
    with pytest.raises(RequestError, match=r"walking needs about 2\.50 GB of memory, 1\.00 GB is available: walk less"):
        require_memory(2_500_000_000, "walking", "walk less")


def test_nothing_is_refused_where_the_system_does_not_tell(monkeypatch):
    monkeypatch.setattr("tasks.store.memory.available_memory", lambda: None)
    require_memory(10**18, "walking", "walk less")
