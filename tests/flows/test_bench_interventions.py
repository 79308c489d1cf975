"""Benchmarks of patching and steering in their small forms: copies and whole passes read the same."""

import pytest

from tests.flows.test_bench_edges import figures


def test_copies_and_whole_passes_find_the_same_changes_of_logits(tmp_path):
    measured = figures("patching", tmp_path)
    assert measured["difference"] < 1e-4
    assert measured["largest"] > 0.01
    assert all(row["pair_gflop"] < measured["slow_gflop"] for row in measured["rows"])


def test_copies_and_whole_passes_read_the_same_of_steered_cells(tmp_path, capsys):
    source, last = figures("steering", tmp_path)["rows"]
    assert len(capsys.readouterr().out.splitlines()) > 6
    for row in (source, last):
        assert row["difference"] < 1e-4
        assert row["largest"] > 0.01
        assert row["gflop"] < row["slow_gflop"]
        left = row["slow_gflop"] * (1 - row["saved_by_copies"] - row["saved_by_mean"])
        assert left == pytest.approx(row["gflop"])
    assert (source["layer"], last["layer"]) == (1, 4)
    assert last["gflop"] < source["gflop"] / 2  # no block is left behind the last layer
