"""``scfm bench streaming`` in small."""

import pytest

from tests.flows.test_bench_edges import figures


@pytest.mark.slow
def test_training_from_disk_is_timed_against_training_in_memory(tmp_path, capsys):
    """That both end with the same weights is what the benchmark asks of itself."""
    measured = figures("streaming", tmp_path)
    assert measured["layer_bytes"] == 20_000 * 32 * 2
    assert measured["budget_bytes"] < measured["layer_bytes"]
    assert measured["ratio"] == measured["sides"]["disk"]["seconds"] / measured["sides"]["memory"]["seconds"]
    assert "with the same weights" in capsys.readouterr().out
