"""Which layers stay in memory, and what is refused."""

from types import SimpleNamespace

import pytest

from tasks.sae import room
from tasks.store import RequestError

LAYER = SimpleNamespace(n_positions=10_000, d_model=50)  # 1 MB


@pytest.mark.parametrize(("memory_gb", "budget"), [(0.002, None), (0.001, None), (0.0009, 900_000), (0.0004, 400_000)])
def test_a_layer_is_streamed_if_the_setting_is_smaller(memory_gb: float, budget: int | None) -> None:
    assert room.streaming_budget(LAYER, 2000, "cpu", memory_gb) == budget


def test_two_batches_must_fit() -> None:
    with pytest.raises(RequestError, match=r"sae.memory_gb = 0.0003 does not hold two batches of 2000 positions"):
        room.streaming_budget(LAYER, 2000, "cpu", 0.0003)


@pytest.mark.parametrize(
    ("free", "budget"), [(None, None), (4_000_000, None), (3_999_999, 999_999), (2_000_000, 500_000), (0, 400_000)]
)
def test_unset_it_is_a_quarter_of_what_is_free(monkeypatch, free: int | None, budget: int | None) -> None:
    monkeypatch.setattr(room, "available_memory", lambda: free)
    assert room.streaming_budget(LAYER, 2000, "cpu", None) == budget


def test_on_a_gpu_the_smaller_of_two_memories_counts(monkeypatch) -> None:
    monkeypatch.setattr(room, "available_memory", lambda: 9000)
    monkeypatch.setattr("torch.cuda.mem_get_info", lambda device: {"cuda:1": (5000, 10**6)}[device])
    assert room.free_memory("cuda:1") == 5000
    assert room.free_memory("cpu") == 9000
