"""``make gpu`` without a GPU: what it refuses, how parts end, and a dry run in small on the CPU."""

import json
import sys
from pathlib import Path

import pytest

from tests.benchmarks import gpu
from tests.benchmarks.bench_slice import whole_map
from tests.benchmarks.gpu_parts import Part, _run, chosen, run_part
from tests.flows.test_bench_edges import figures

SMALL = ["--device", "cpu", "--small"]
NAMES = ["tests", "trace float32", "sae", "extraction", "slice float32"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "no CUDA device is visible here: run on a machine with a GPU"),
        (["--device", "cpu"], "figures of cpu do not belong in gpu.json: say where"),
        ([*SMALL, "--json", "x", "--only", "flights"], "no part flights; there are tests, trace float32, sae"),
    ],
)
def test_a_wrong_request_is_refused_in_one_line(words, said, monkeypatch, capsys):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert gpu.main(words) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line


def test_the_parts_fit_in_twelve_minutes():
    parts = chosen("cuda", False, ())
    assert sum(part.limit for part in parts) <= gpu.LIMIT == 12 * 60
    below = ["trace tf32", "trace bf16", "slice tf32", "slice bf16"]
    assert {part.name for part in parts} == {*NAMES, *below} - {"slice float32"}
    assert any("test_engines.py" in word for word in parts[0].words)


def test_one_that_takes_too_long_ends():
    assert _run([sys.executable, "-c", "import time; print('x', flush=True); time.sleep(60)"], 2) == (
        "out of time",
        "x\n",
    )


def test_a_failure_stops_no_other_part(tmp_path, monkeypatch, capsys):
    """The first cannot be run, the second writes no figures, the third does."""
    given = tmp_path / "given.json"
    given.write_text('{"a": 1}')
    parts = [
        Part("one", 30, ("no_such_module",)),
        Part("two", 30, ("this",)),
        Part("three", 30, ("json.tool", str(given))),
    ]
    monkeypatch.setattr(gpu, "chosen", lambda *_: parts)
    file = tmp_path / "gpu.json"
    assert gpu.main([*SMALL, "--json", str(file)]) == 1
    written = json.loads(file.read_text())
    assert set(written) == {"machine", "small", "limit_seconds", "seconds", "parts"}
    found = written["parts"]
    assert [found[name]["status"] for name in ("one", "two", "three")] == ["failed", "failed", "done"]
    assert "no_such_module" in found["one"]["message"]
    assert "cannot be read" in found["two"]["message"]
    assert found["three"]["figures"] == {"a": 1}


def test_no_part_begins_when_no_time_is_left(tmp_path):
    assert run_part(Part("one", 30, ("this",)), 0.0, tmp_path)["status"] == "skipped"


def test_the_map_is_the_sum_of_its_cells():
    found = whole_map(seconds=0.5, clean_seconds=2.0, flops=3e15, active=10)
    assert found == {"cells": 200, "pairs": 2000, "seconds": 200 * (2.0 + 10 * 0.5), "eflop": pytest.approx(6.0)}


def dry_run(file: Path) -> dict:
    assert gpu.main([*SMALL, "--json", str(file)]) == 0
    found = json.loads(file.read_text())
    assert found["machine"]["device"] == "cpu"
    assert found["small"]
    for part in found["parts"].values():
        assert part["status"] == "done", part
        assert 0 < part["seconds"] < found["seconds"] < found["limit_seconds"]
    return {name: part["figures"] for name, part in found["parts"].items()}


def test_a_slice_tells_the_whole_map(tmp_path):
    found = figures("slice", tmp_path)
    assert (found["source"], found["targets"], found["features"]) == (1, [2, 3, 4], 4)
    assert found["map"]["pairs"] == pytest.approx(200 * sum(found["active_features"]) / len(found["active_features"]))
    assert found["map"]["seconds"] > found["map"]["pairs"] * found["seconds_a_pair"]


@pytest.mark.slow
def test_a_dry_run_in_small(tmp_path, capsys):
    found = dry_run(tmp_path / "gpu.json")
    assert list(found) == NAMES
    assert found["tests"]["tests"] == found["tests"]["passed"] + found["tests"]["skipped"] > 5
    assert {row["mode"] for row in found["trace float32"]["rows"]} >= {"total", "adjacent layer"}
    assert found["sae"]["sides"]["ours"]["seconds"] > 0
    assert [row["precision"] for row in found["extraction"]["rows"]] == ["float32", "bf16"]
