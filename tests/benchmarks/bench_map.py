"""The exact map of one layer onto the next at the published size, through the whole flow to the published tables.

Cells, activations, autoencoders and descriptions are made first, in a process of their own; the clock runs over the
second one: every living feature in 20 cells, every target, controls, sign flips, tables loaded, checked, published.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tasks.store import StepFolder
from tests.benchmarks.machine import machine, machine_line
from tests.builders.random_study import write_study
from tests.builders.true_shape import PUBLISHED, SMALL
from tests.conftest import ROOT
from warehouse import open_snapshot

PHASES = {"pairs": "clean passes", "total-c0": "effects", "total-controls": "controls", "total-tests": "tests"}
PHASES |= {"total-edges": "q values", "summary": "degrees and sweep"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--shape", choices=["true", "small"], default="true")
    parser.add_argument("--home", type=Path, help="keep the run here, and go on with what is there")


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    about = machine()
    with _home(arguments.home) as home:
        study = home / "study.toml"
        if not study.exists():
            write_study(home, PUBLISHED if arguments.shape == "true" else SMALL)
        prepared, _ = run(home, study, "--until", "describe")
        seconds, peak = run(home, study)
        figures = counts(home)
        folder = next((home / "runs").glob("trace-*"))
        phases = {label: _phase(folder, name) for name, label in PHASES.items()}
    return {
        "machine": about,
        "shape": arguments.shape,
        "prepared_seconds": prepared,
        "seconds": seconds,
        "phases": phases | {"start, load, check, publish": seconds - sum(phases.values())},
        "peak_gb": peak,
        **figures,
    }


@contextmanager
def _home(kept: Path | None) -> Iterator[Path]:
    if kept is None:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)
    else:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept.resolve()


def run(home: Path, study: Path, *words: str) -> tuple[float, float]:
    """``scfm run`` in a process of its own: seconds, and the most memory it held, in GB. Raises if it fails."""
    command = [str(Path(sys.executable).parent / "scfm"), "run", str(study), *words]
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"SCFM_HOME": str(home)})
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise subprocess.CalledProcessError(os.waitstatus_to_exitcode(status), command)
    return time.perf_counter() - start, usage.ru_maxrss * 1024 / 1e9


def counts(home: Path) -> dict[str, Any]:
    """What the published tables hold."""
    queries = {
        "features": "SELECT count(DISTINCT source_feature) FROM trace_pair",
        "cells": "SELECT count(DISTINCT cell_id) FROM trace_pair",
        "pairs": "SELECT count(*) FROM trace_pair",
        "mean_positions": "SELECT avg(n_positions) FROM trace_pair",
        "largest_positions": "SELECT max(n_positions) FROM trace_pair",
        "effects": "SELECT sum(len(targets))::BIGINT FROM effect_cell",
        "live_tests": "SELECT count(*) FROM edge_stat",
        "calibrated": "SELECT count(*) FROM edge WHERE criterion = 'calibrated'",
        "published": "SELECT count(*) FROM edge WHERE criterion = 'published'",
        "checks_failed": "SELECT count(*) FROM quality_result WHERE NOT success",
    }
    con = open_snapshot(home)
    return {name: con.execute(query).fetchone()[0] for name, query in queries.items()}


def _phase(folder: Path, name: str) -> float:
    lines = StepFolder(folder).lines
    return sum(line.seconds for unit, line in lines.items() if unit.startswith(name))


def table(figures: dict[str, Any]) -> str:
    lines = [
        machine_line(figures),
        f"{figures['features']:,} features in {figures['cells']} cells, {figures['pairs']:,} pairs of "
        f"{figures['mean_positions']:.1f} active positions on average, at most {figures['largest_positions']}",
        f"{figures['effects']:,} effects, {figures['live_tests']:,} tests, {figures['calibrated']:,} calibrated edges "
        f"(published rule: {figures['published']:,}), {figures['checks_failed']} checks failed",
        "",
        *(f"{label:<30}{seconds:>9.1f} s" for label, seconds in figures["phases"].items()),
        f"{'altogether':<30}{figures['seconds']:>9.1f} s, at most {figures['peak_gb']:.2f} GB",
        f"{'what came before':<30}{figures['prepared_seconds']:>9.1f} s",
    ]
    return "\n".join(lines)
