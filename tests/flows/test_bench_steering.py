"""The benchmark of steering in its small form: copies and whole passes read the same, and FLOPs add up."""

import json

import pytest

from flows.cli.main import main


def test_copies_and_whole_passes_read_the_same_of_steered_cells(tmp_path, capsys):
    path = tmp_path / "figures.json"
    assert main(["bench", "steering", "--shape", "small", "--json", str(path)]) == 0
    assert len(capsys.readouterr().out.splitlines()) > 6
    source, last = json.loads(path.read_text())["rows"]
    for row in (source, last):
        assert row["difference"] < 1e-4
        assert row["largest"] > 0.01
        assert row["gflop"] < row["slow_gflop"]
        left = row["slow_gflop"] * (1 - row["saved_by_copies"] - row["saved_by_mean"])
        assert left == pytest.approx(row["gflop"])
    assert (source["layer"], last["layer"]) == (1, 4)
    assert last["gflop"] < source["gflop"] / 2  # no block is left behind the last layer
