"""Planted circuits: how many of their edges each rule finds, how many it finds wrongly, and of which sign.

The source layer's features act on target features by amounts that are known: of either sign, in all cells or in some,
of several standardised sizes, or at random. Every seed draws its own circuit and its own sign flips. In further
circuits most targets answer any displacement: there an edge is true if the target answers its source alone. In drawn
sets of effects, few pairs are true. And in circuits of even attention, effects are read where the source is silent.
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tasks.store import RequestError
from tests.benchmarks.machine import machine, machine_line
from tests.benchmarks.planted_rare import rare_lines, rare_rates
from tests.benchmarks.planted_responders import responder_lines, responder_rates
from tests.benchmarks.planted_silent import silent_lines, silent_rates
from tests.builders.planted_circuits import Circuit, Kind
from tests.builders.planted_trace import judge, settings_of, trace_planted

SIZES = (0.75, 1.0, 1.25, 1.5, 2.5, 5.0)
SOME = 7 / 12  # of the cells
RULES = ("calibrated", "published")
CLEAR = 1.5  # least size of which nearly every edge is to be found
MOST_TARGETS = 4000  # of one circuit: its autoencoder holds their square


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seeds", type=int, default=40, help="circuits")
    parser.add_argument("--sources", type=int, default=2, help="source features of a circuit")
    parser.add_argument("--cells", type=int, default=24, help="cells of a circuit")
    parser.add_argument("--edges", type=int, default=4, help="edges of a source of every kind and sign")
    parser.add_argument("--responding", type=int, default=12, help="sources of a circuit that mostly answers anything")
    parser.add_argument("--rare", type=int, default=200, help="draws in which few pairs are true")
    parser.add_argument("--nulls", type=int, default=48, help="targets of a source without an effect, of two kinds")


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    if arguments.seeds < 2:
        raise RequestError("one circuit has no sampling error: ask for --seeds 2 or more")
    circuit = circuit_of(arguments)
    start, judged = time.perf_counter(), []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(arguments.seeds):
            traced = trace_planted(circuit, seed, Path(folder) / f"trace-{seed}")
            judged.append(judge(circuit, traced).with_columns(seed=pl.lit(seed)))
    rows = pl.concat(judged)
    return {
        "machine": machine(),
        "seeds": arguments.seeds,
        "cells": arguments.cells,
        "tests": rows.height,
        "edges": rows["edge"].sum(),
        "q_max": settings_of(circuit).q_max,
        "recall": recall(circuit, rows),
        "clear_recall": clear_recall(circuit, rows),
        "false_discoveries": {name: false_discoveries(rows, rows[name]) for name in RULES}
        | {"q alone": false_discoveries(rows, rows["q"] <= settings_of(circuit).q_max)},
        "share_of_nulls": 1 - rows["edge"].mean(),
        "mirror_pairs_called_alike": {name: mirrored_alike(circuit, rows, name) for name in RULES},
        "responders": responder_rates(max(2, arguments.seeds // 2), arguments.responding),
        "rare": rare_rates(max(2, arguments.rare)),
        "silent": silent_rates(arguments.seeds),
        "seconds": time.perf_counter() - start,
    }


def circuit_of(arguments: argparse.Namespace) -> Circuit:
    """Edges of every size in all cells and in some, and nulls alike. Raises RequestError if they are too many."""
    kinds = [
        Kind(f"{size:g} in {'all' if present == 1 else 'some'} cells", arguments.edges, size, present)
        for present in (1.0, SOME)
        for size in SIZES
    ]
    kinds += [Kind("null", arguments.nulls, 0.0), Kind("null in some cells", arguments.nulls, 0.0, SOME)]
    circuit = Circuit(arguments.cells, arguments.sources, tuple(kinds))
    if circuit.n_targets > MOST_TARGETS:
        raise RequestError(f"{circuit.n_targets} targets a circuit, {MOST_TARGETS} fit: ask for more --seeds instead")
    return circuit


def recall(circuit: Circuit, rows: pl.DataFrame) -> list[dict[str, Any]]:
    """Share of the edges of each kind that each rule finds, positive and negative effects side by side."""
    found = []
    for kind in circuit.kinds:
        true = rows.filter(pl.col("edge") & (pl.col("kind") == kind.name))
        if true.height:
            signs = {"positive": true.filter(~pl.col("mirror")), "negative": true.filter("mirror")}
            shares = {f"{rule} {sign}": part[rule].mean() for rule in RULES for sign, part in signs.items()}
            found.append({"kind": kind.name, "edges": true.height, **shares})
    return found


def clear_recall(circuit: Circuit, rows: pl.DataFrame) -> float:
    """Share of the edges of at least size ``CLEAR`` that the calibrated rule finds."""
    clear = [kind.name for kind in circuit.kinds if kind.size >= CLEAR]
    return float(np.mean(rows.filter(pl.col("kind").is_in(clear))["calibrated"].to_numpy()))


def false_discoveries(rows: pl.DataFrame, calls: pl.Series) -> dict[str, float]:
    """Mean over the seeds of the share of calls that are no edges; 0 where nothing is called.

    Its standard error is that between circuits: a target and its mirror image are called together.
    """
    by_seed = rows.filter(calls).group_by("seed").agg(share=(~pl.col("edge")).mean())
    seeds = rows.select("seed").unique().join(by_seed, on="seed", how="left")
    shares = seeds["share"].fill_null(0.0).to_numpy()
    error = shares.std(ddof=1) / len(shares) ** 0.5
    return {"calls": int(calls.sum()), "fdr": float(shares.mean()), "standard_error": float(error)}


def mirrored_alike(circuit: Circuit, rows: pl.DataFrame, rule: str) -> float:
    """Share of the targets whose mirror image gets the same verdict."""
    half = circuit.n_targets // 2
    paired = (
        rows.with_columns(target=pl.col("target_feature") % half).group_by("seed", "target").agg(pl.col(rule).sum())
    )
    return float((paired[rule] != 1).mean() or 0.0)


def table(figures: dict[str, Any]) -> str:
    lines = [
        machine_line(figures),
        f"{figures['seeds']} circuits of {figures['cells']} cells: {figures['tests']:,} tests, {figures['edges']:,} of "
        f"them edges; {figures['seconds']:.0f} s",
        f"{'share found, by standardised size':<36}{'calibrated':>18}{'published':>18}",
        f"{'':<36}" + f"{'positive':>9}{'negative':>9}" * 2,
    ]
    for row in figures["recall"]:
        shares = "".join(f"{row[f'{rule} {sign}']:>9.3f}" for rule in RULES for sign in ("positive", "negative"))
        lines.append(f"  {row['kind']:<34}{shares}")
    lines.append(f"found by the calibrated rule of size {CLEAR} and more: {figures['clear_recall']:.4f}")
    for name, row in figures["false_discoveries"].items():
        lines.append(f"{name}: {row['calls']:,} calls, false {row['fdr']:.4f} +- {row['standard_error']:.4f}")
    promised = figures["q_max"] * figures["share_of_nulls"]
    lines.append(f"promised at most {figures['q_max']:g}; {promised:.4f} with this share of nulls")
    alike = ", ".join(f"{name} {share:.4f}" for name, share in figures["mirror_pairs_called_alike"].items())
    return "\n".join(
        [
            *lines,
            f"mirror images called alike: {alike}",
            *responder_lines(figures["responders"]),
            *rare_lines(figures["rare"]),
            *silent_lines(figures["silent"]),
        ]
    )
