"""Planted circuits in which most targets answer anything: what each rule calls, counting generic answers as false."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tests.builders.planted_circuits import RESPONDERS, Circuit
from tests.builders.planted_trace import judge, trace_planted

RULES = ("specific", "calibrated", "published")


def responder_rates(seeds: int, sources: int) -> dict[str, Any]:
    """By rule: calls, false share with its standard error between circuits, and the share found of each true kind."""
    circuit = Circuit(n_sources=sources, kinds=RESPONDERS)
    with tempfile.TemporaryDirectory() as folder:
        judged = [judge(circuit, trace_planted(circuit, seed, Path(folder) / f"trace-{seed}")) for seed in range(seeds)]
    return {"circuits": seeds, "sources": sources, "rules": {rule: _rates(judged, rule) for rule in RULES}}


def _rates(judged: list[pl.DataFrame], rule: str) -> dict[str, Any]:
    false = np.array([_false(each.filter(rule)) for each in judged])
    true = pl.concat(judged).filter("edge")
    recall = {
        f"{kind} {sign}": float(np.mean(true.filter(kind=kind, mirror=mirror)[rule].to_numpy()))
        for kind in sorted(true["kind"].unique())
        for sign, mirror in (("positive", False), ("negative", True))
    }
    error = float(false.std(ddof=1) / len(false) ** 0.5)
    return {"calls": sum(each[rule].sum() for each in judged), "fdr": float(false.mean()), "error": error} | {
        "recall": recall
    }


def _false(calls: pl.DataFrame) -> float:
    return 1 - float(np.mean(calls["edge"].to_numpy())) if calls.height else 0.0


def responder_lines(figures: dict[str, Any]) -> list[str]:
    lines = [f"{figures['circuits']} circuits of {figures['sources']} sources whose targets mostly answer anything:"]
    for rule, row in figures["rules"].items():
        found = ", ".join(f"{kind} {share:.3f}" for kind, share in row["recall"].items())
        lines.append(f"{rule}: {row['calls']:,} calls, false {row['fdr']:.4f} +- {row['error']:.4f}; found {found}")
    return lines
