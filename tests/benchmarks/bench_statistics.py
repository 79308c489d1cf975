"""How often each test of tasks/statistics errs where nothing is planted, what it finds where something is, how fast.

Samples are those of tests/builders/planted_statistics.py. Indented rows are what a test replaces.
"""

import argparse
import time
from typing import Any

import numpy as np

from tasks.statistics.proportion import wilson
from tests.benchmarks.machine import machine, machine_line
from tests.builders.calibration import CASES, CONTRASTS, LEVEL, Case, rate


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--samples", type=int, default=200, help="samples of each kind, planted and not")
    parser.add_argument("--seed", type=int, default=0)


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    about = machine()
    rows = [_row(name, case, arguments, replaced=name in CONTRASTS) for name, case in {**CASES, **CONTRASTS}.items()]
    return {"machine": about, "samples": arguments.samples, "seed": arguments.seed, "tests": rows}


def _row(name: str, case: Case, arguments: argparse.Namespace, *, replaced: bool) -> dict[str, Any]:
    begun = time.perf_counter()
    hits, n = rate(case, arguments.samples, arguments.seed, planted=False)
    found, n_planted = rate(case, arguments.samples, arguments.seed, planted=True)
    seconds = time.perf_counter() - begun
    low, high = wilson(np.array(hits), np.array(n))
    return {
        "test": name,
        "replaced": replaced,
        "nominal": LEVEL,
        "realised": hits / n,
        "low": float(low),
        "high": float(high),
        "p_values": n,
        "recall": found / n_planted,
        "seconds": seconds,
    }


def table(figures: dict[str, Any]) -> str:
    lines = [
        machine_line(figures),
        f"{figures['samples']} samples with nothing planted, as many with something; intervals are Wilson's, of 95 %",
        f"{'test':<34}{'nominal':>8}{'realised':>10}{'interval':>18}{'recall':>8}{'seconds':>9}",
    ]
    for row in figures["tests"]:
        name = f"{'  ' if row['replaced'] else ''}{row['test']}"
        interval = f"{row['low']:.3f} to {row['high']:.3f}"
        rates = f"{row['nominal']:>8.3f}{row['realised']:>10.3f}{interval:>18}{row['recall']:>8.3f}"
        lines.append(f"{name:<34}{rates}{row['seconds']:>9.1f}")
    return "\n".join(lines)
