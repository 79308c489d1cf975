"""Benchmarks of edges in their small forms: planted ones found again, and what controls cost."""

import json
from pathlib import Path
from typing import Any

import pytest

from flows.cli.main import main
from tests.flows.test_bench import SMALL


def figures(name: str, folder: Path) -> dict[str, Any]:
    """The figures of a benchmark's small form."""
    assert main(["bench", name, "--json", str(folder / "figures.json"), *SMALL[name]]) == 0
    found: dict[str, Any] = json.loads((folder / "figures.json").read_text())
    return found


def test_permutations_test_every_living_pair_by_cell_and_by_donor(tmp_path):
    measured = figures("permutations", tmp_path)
    assert measured["pairs"] == 13_824
    assert 0.3 < measured["live_tests"] / measured["pairs"] < 0.6
    assert [(row["unit"], row["cases"]) for row in measured["units"]] == [("cell", 20), ("donor", 10)]
    assert all(row["live_tests"] == measured["live_tests"] and row["cpu_seconds"] > 0 for row in measured["units"])


@pytest.mark.slow
def test_planted_edges_are_found_by_sign_and_size(tmp_path, capsys):
    measured = figures("planted", tmp_path)
    assert len(capsys.readouterr().out.splitlines()) > 20
    assert measured["clear_recall"] >= 0.98
    assert measured["mirror_pairs_called_alike"]["calibrated"] == 1
    found = {row["kind"]: row for row in measured["recall"]}
    assert len(found) == 12
    some = found["5 in some cells"]
    assert (some["published positive"], some["published negative"]) == (0, 1)
    assert some["calibrated positive"] == some["calibrated negative"]


@pytest.mark.slow
def test_specific_edges_alone_leave_generic_answers_out(tmp_path):
    rules = figures("planted", tmp_path)["responders"]["rules"]
    assert rules["specific"]["fdr"] <= 0.1
    assert min(rules[rule]["fdr"] for rule in ("calibrated", "published")) > 0.5
    assert min(rules["specific"]["recall"].values()) >= 0.9


def test_one_planted_circuit_is_refused(capsys):
    assert main(["bench", "planted", "--seeds", "1"]) == 2
    assert "--seeds 2 or more" in capsys.readouterr().err


@pytest.mark.slow
def test_both_sides_of_the_controls_trace_the_same_pairs(tmp_path):
    rows = figures("controls", tmp_path)["rows"]
    assert [row["mode"] for row in rows] == ["total", "adjacent"]
    for row in rows:
        assert 0 < row["control_pairs"] < row["pairs"]
        assert row["ratio"] > 0
