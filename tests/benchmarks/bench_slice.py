"""A slice of the total map of a layer onto all later ones, and how long the whole map would take by its pace.

A slice is the total effects of some features in one cell of a random model at the true shape, read in every later
layer. Features are drawn by the number of positions they are active at, so that their mean is that of all. Active
features are counted in several cells; the map has as many pairs of feature and cell in each of its cells:

    seconds of the map = cells * (clean pass + active features * seconds a pair)

Controls, tests and tables are not in it.
"""

import argparse
from typing import Any

import torch

from tasks.causal.cell import source_state
from tasks.causal.tiles import TiledEncoder
from tasks.models.batches import Batch
from tests.benchmarks.machine import machine, machine_line
from tests.benchmarks.trace_sides import Bench, build, run_ours
from tests.builders.true_shape import PUBLISHED, SMALL, random_tokens

MAP_CELLS = 200


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--shape", choices=["true", "small"], default="true")
    parser.add_argument("--features", type=int, default=8, help="features of the slice")
    parser.add_argument("--cells", type=int, default=4, help="cells in which active features are counted")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", choices=["float32", "tf32", "bf16"], default="float32")


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    about = machine(arguments.device)
    bench = build(PUBLISHED if arguments.shape == "true" else SMALL, arguments.device, arguments.precision)
    later, features = list(bench.later), bench.features(arguments.features)
    side = run_ours(bench, "total", later, features)
    active = active_features(bench, arguments.cells)
    return {
        "machine": about,
        "shape": arguments.shape,
        "precision": arguments.precision,
        "source": bench.shape.source,
        "targets": later,
        "features": len(features),
        "positions": bench.mean_positions(features),
        "seconds_a_pair": side.seconds,
        "gflop_a_pair": side.flops / 1e9,
        "clean_seconds": side.clean_seconds,
        "active_features": active,
        "map": whole_map(side.seconds, side.clean_seconds, side.flops, sum(active) / len(active)),
    }


@torch.inference_mode()
def active_features(bench: Bench, n_cells: int) -> list[int]:
    """How many features of the source layer are active in each of so many random cells."""
    adapter, encoder = bench.twin.adapter, TiledEncoder(bench.twin.source)
    batches = (Batch.of(random_tokens(adapter, bench.shape.n_tokens, seed)) for seed in range(n_cells))
    states = (source_state(adapter, bench.shape.source, encoder, cell, batch) for cell, batch in enumerate(batches))
    return [len(state.sites.features) for state in states]


def whole_map(seconds: float, clean_seconds: float, flops: float, active: float) -> dict[str, float]:
    """Pairs, seconds and FLOPs of the map, by the pace and cost of a pair and ``active`` features a cell."""
    pairs = MAP_CELLS * active
    return {
        "cells": MAP_CELLS,
        "pairs": pairs,
        "seconds": MAP_CELLS * clean_seconds + pairs * seconds,
        "eflop": pairs * flops / 1e18,
    }


def table(figures: dict[str, Any]) -> str:
    whole, targets = figures["map"], figures["targets"]
    pace = figures["gflop_a_pair"] / figures["seconds_a_pair"] / 1e3
    sliced = f"{figures['precision']}: {figures['features']} features, active at {figures['positions']:.1f} positions"
    return "\n".join(
        [
            machine_line(figures),
            f"L{figures['source']} -> {targets[0]}..{targets[-1]}, {sliced}",
            f"{figures['seconds_a_pair']:.4g} s and {figures['gflop_a_pair']:.4g} GFLOP a pair, {pace:.3g} TFLOP/s",
            f"{whole['cells']} cells, {whole['pairs']:,.0f} pairs, {whole['eflop']:.2g} EFLOP: "
            f"{whole['seconds'] / 60:,.1f} minutes by this pace",
        ]
    )
