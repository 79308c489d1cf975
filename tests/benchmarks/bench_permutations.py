"""Sign-flip tests, chance expectations and threshold sweep of many source features, on synthetic effects.

Every feature has 13,824 targets, as three layers of 4,608; an effect is zero in most cells and a target in 43 of 100
lives. Features are made where they are tested, one after the other, so that memory holds one a worker.
"""

import argparse
import time
from typing import Any

import numpy as np
import torch

from tasks.store.workers import in_parallel
from tasks.trace.names import Names
from tasks.trace.settings import TraceSettings
from tasks.trace.significance.pair_tests import FeatureEffects, feature_statistics
from tests.benchmarks.machine import machine, machine_line, peak_gib

LAYERS, WIDTH = (6, 11, 17), 4608
LIVE = 0.43  # share of targets with an effect in some cell
PRESENT = 0.45  # share of cells in which a living target has one: a fifth of all entries
NAMES = Names(5, "source", {layer: f"target {layer}" for layer in LAYERS}, "total")


def synthetic_feature(feature: int, n_cells: int) -> FeatureEffects:
    """Effects of a feature on its living targets, drawn from the feature's own seed."""
    rng = np.random.default_rng(feature)
    layers = np.repeat(np.array(LAYERS, np.uint16), WIDTH)
    targets = np.tile(np.arange(WIDTH, dtype=np.uint32), len(LAYERS))
    live = rng.random(len(layers)) < LIVE
    size = (n_cells, int(live.sum()))
    values = rng.standard_normal(size, np.float32) * 0.1 + rng.standard_normal(size[1], np.float32) * 0.05
    values *= rng.random(size, np.float32) < PRESENT
    values[0] += ~values.any(0) * np.float32(0.1)  # living in one cell at least
    return FeatureEffects(feature, layers[live], targets[live], torch.from_numpy(values))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tests", type=int, default=1_000_000, help="pairs of a source and a target, living or not")
    parser.add_argument("--cells", type=int, default=20, help="cells of every source feature")
    parser.add_argument("--flips", type=int, default=500, help="sign flips of a test")
    parser.add_argument("--fine-flips", type=int, default=20_000, help="of a test that few of these reach")
    parser.add_argument("--null-flips", type=int, default=50, help="sign flips of the chance expectations")
    parser.add_argument("--device", default="cpu")


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    settings = TraceSettings(n_flips=arguments.flips, fine_flips=arguments.fine_flips, null_flips=arguments.null_flips)
    device = torch.device(arguments.device)
    about = machine(arguments.device)

    def work(feature: int) -> tuple[int, int]:
        found = feature_statistics(synthetic_feature(feature, arguments.cells), NAMES, settings, device)
        return found.tests.height, int((found.tests["n_perm"] != arguments.flips).sum())

    n_features = max(1, round(arguments.tests / (len(LAYERS) * WIDTH)))
    start = time.perf_counter()
    live, fine = map(sum, zip(*in_parallel(work, range(n_features), device), strict=True))
    seconds = time.perf_counter() - start
    sizes = {"features": n_features, "pairs": n_features * len(LAYERS) * WIDTH, "live_tests": live}
    sizes["fine_tests"] = fine
    options = {name: getattr(arguments, name) for name in ("cells", "flips", "fine_flips", "null_flips")}
    rate = sizes["pairs"] / seconds
    return {"machine": about, **sizes, **options, "seconds": seconds, "pairs_per_second": rate, "peak_gib": peak_gib()}


def table(figures: dict[str, Any]) -> str:
    return "\n".join(
        [
            machine_line(figures),
            f"{figures['features']:,} source features in {figures['cells']} cells: {figures['pairs']:,} pairs, "
            f"{figures['live_tests']:,} of them live",
            f"{figures['flips']} flips a test, {figures['fine_flips']:,} of the {figures['fine_tests']:,} that few "
            f"reach, {figures['null_flips']} for the chance expectations",
            f"{figures['seconds']:.1f} s, {figures['pairs_per_second']:,.0f} pairs a second, "
            f"at most {figures['peak_gib']:.2f} GiB in the whole process",
        ]
    )
