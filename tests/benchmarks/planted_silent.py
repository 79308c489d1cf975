"""Circuits whose targets answer their source at the same position alone, or through even attention at every position.

Effects are read where the source is silent: in the first there are none, in the others every edge is there.
"""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from tests.builders.planted_circuits import Circuit, Kind
from tests.builders.planted_trace import judge, trace_planted

KINDS = (Kind("everywhere", 4, 5.0), Kind("somewhere", 4, 5.0, present=7 / 12), Kind("null", 12, 0.0))
PLANTED = {"at the same position alone": False, "through even attention": True}
RULES = ("calibrated", "published")


def silent_rates(seeds: int) -> dict[str, Any]:
    """By how targets answer: sources in cells with an effect, and calls, false share and share found by rule."""
    return {
        words: _rates(Circuit(n_sources=2, kinds=KINDS, spreads=spreads), seeds) for words, spreads in PLANTED.items()
    }


def _rates(circuit: Circuit, seeds: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        traced = [
            trace_planted(circuit, seed, Path(folder) / f"trace-{seed}", positions="silent", control_cells=0)
            for seed in range(seeds)
        ]
        judged = [judge(circuit, each) for each in traced]
        n_pairs = sum(each.read_table("effect_cell").height for each in traced)
    rules = {}
    for rule in RULES:
        false = [1 - each.filter(rule)["edge"].mean() if each[rule].any() else 0.0 for each in judged]
        found = [each.filter("edge")[rule].mean() for each in judged if each["edge"].any()]
        calls = sum(int(each[rule].sum()) for each in judged)
        error = float(np.std(false, ddof=1) / len(false) ** 0.5)
        recall = float(np.mean(found)) if found else None
        rules[rule] = {"calls": calls, "fdr": float(np.mean(false)), "error": error, "recall": recall}
    return {"circuits": seeds, "n_pairs": n_pairs, "rules": rules}


def silent_lines(figures: dict[str, Any]) -> list[str]:
    lines = ["effects where the source is silent:"]
    for words, row in figures.items():
        said = [
            f"targets answer {words}: {row['n_pairs']:,} sources in cells with an effect, in {row['circuits']} circuits"
        ]
        for rule, rates in row["rules"].items():
            share = "" if rates["recall"] is None else f", found {rates['recall']:.3f}"
            said.append(f"{rule} {rates['calls']:,} calls, false {rates['fdr']:.4f} +- {rates['error']:.4f}{share}")
        lines.append("; ".join(said))
    return lines
