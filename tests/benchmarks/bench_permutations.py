"""Sign-flip tests, chance expectations, threshold sweep and q of many source features, on synthetic effects.

Every feature has 13,824 targets, as three layers of 4,608; an effect is zero in most cells and a target in 43 of 100
lives. Features are made where they are tested, one after the other, so that memory holds one a worker. Signs are
flipped cell by cell, and then donor by donor, with the means of the cells that each donor has.
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import torch

from tasks.store.workers import in_parallel
from tasks.trace.names import Names
from tasks.trace.settings import CELL, TraceSettings
from tasks.trace.significance.edges import FAMILY, q_values
from tasks.trace.significance.pair_tests import FeatureEffects, feature_statistics
from tasks.trace.units import Units
from tests.benchmarks.machine import machine, machine_line, peak_gib

LAYERS, WIDTH = (6, 11, 17), 4608
LIVE = 0.43  # share of targets with an effect in some cell
PRESENT = 0.45  # share of cells in which a living target has one: a fifth of all entries
IN_A_FILE = 200  # source features whose tests are written together
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


def by_donor(part: FeatureEffects, n_donors: int) -> FeatureEffects:
    """The means of donors, to whom cells belong in turns."""
    cells = torch.arange(len(part.values))
    units = Units("donor", {cell: f"d{cell % n_donors:03d}" for cell in cells.tolist()}, 2)
    return FeatureEffects(part.feature, part.layers, part.targets, units.means(part.values, cells), None, len(cells))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tests", type=int, default=1_000_000, help="pairs of a source and a target, living or not")
    parser.add_argument("--cells", type=int, default=20, help="cells of every source feature")
    parser.add_argument("--donors", type=int, default=10, help="donors that these cells come from; 0: cells alone")
    parser.add_argument("--flips", type=int, default=500, help="sign flips of a test")
    parser.add_argument("--fine-flips", type=int, default=20_000, help="of a test that few of these reach")
    parser.add_argument("--null-flips", type=int, default=50, help="sign flips of the chance expectations")
    parser.add_argument("--device", default="cpu")


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    about = machine(arguments.device)
    n_features = max(1, round(arguments.tests / (len(LAYERS) * WIDTH)))
    units = [CELL] + (["donor"] if arguments.donors else [])
    rows = [one_unit(arguments, unit, n_features) for unit in units]
    options = {name: getattr(arguments, name) for name in ("cells", "donors", "flips", "fine_flips", "null_flips")}
    sizes = {"features": n_features, "pairs": n_features * len(LAYERS) * WIDTH, "live_tests": rows[0]["live_tests"]}
    seconds = sum(row["seconds"] for row in rows)
    return {"machine": about, **sizes, **options, "units": rows, "seconds": seconds, "peak_gib": peak_gib()}


def one_unit(arguments: argparse.Namespace, unit: str, n_features: int) -> dict[str, Any]:
    """Seconds of the clock and of the processor for all tests of one unit, and what they computed."""
    flips = {"n_flips": arguments.flips, "fine_flips": arguments.fine_flips, "null_flips": arguments.null_flips}
    settings, device = TraceSettings(unit=unit, min_units=2, **flips), torch.device(arguments.device)
    start, used = time.perf_counter(), time.process_time()

    def work(feature: int) -> pl.DataFrame:
        part = synthetic_feature(feature, arguments.cells)
        tested = part if unit == CELL else by_donor(part, arguments.donors)
        return feature_statistics(tested, NAMES, settings, device).tests.select(*FAMILY, "n_perm")

    live = fine = flipped = 0
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for first in range(0, n_features, IN_A_FILE):
            tests = pl.concat(in_parallel(work, range(first, min(first + IN_A_FILE, n_features)), device))
            again = tests.filter(pl.col("n_perm") > arguments.flips)["n_perm"]
            live, fine, flipped = live + tests.height, fine + again.len(), flipped + int(again.cast(pl.Int64).sum())
            files.append(Path(folder) / f"{first}.parquet")
            tests.select(FAMILY).write_parquet(files[-1])
        tested_at = time.perf_counter()
        corrected = sum(len(q) for q in q_values(files))
    end, cases = time.perf_counter(), arguments.cells if unit == CELL else arguments.donors
    products = live * (arguments.flips + 2 * arguments.null_flips) + flipped
    return {
        "unit": unit,
        "cases": cases,
        "live_tests": corrected,
        "fine_tests": fine,
        "seconds": end - start,
        "q_seconds": end - tested_at,
        "cpu_seconds": time.process_time() - used,
        "gflop": 2e-9 * cases * products,
        "gb": 4e-9 * arguments.cells * live,
    }


def table(figures: dict[str, Any]) -> str:
    return "\n".join(
        [
            machine_line(figures),
            f"{figures['features']:,} source features in {figures['cells']} cells: {figures['pairs']:,} pairs, "
            f"{figures['live_tests']:,} of them live; at most {figures['peak_gib']:.2f} GiB in the whole process",
            *(_line(row, figures) for row in figures["units"]),
        ]
    )


def _line(row: dict[str, Any], figures: dict[str, Any]) -> str:
    return (
        f"unit {row['unit']} ({row['cases']}): {row['seconds']:.1f} s, {row['q_seconds']:.1f} of them for q, and "
        f"{row['cpu_seconds']:.0f} s of the processor; {figures['flips']} flips a test, up to "
        f"{figures['fine_flips']:,} of the {row['fine_tests']:,} that few reach, {figures['null_flips']} for the "
        f"chance expectations: {row['gflop']:,.0f} GFLOP on {row['gb']:.1f} GB of effects"
    )
