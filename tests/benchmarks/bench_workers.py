"""Two worker processes of Dask against one: the trace of a layer in parts, and the codes of layers.

Each worker computes on one core. Workers have done a small layer of each kind before the clock starts, as those of a
long run have; what they share (the flow, its server, the scheduler, the disk) is on the clock.
"""

import argparse
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from prefect.settings import PREFECT_API_URL, PREFECT_LOGGING_LEVEL, temporary_settings

from flows.plan import Plan
from flows.units import Units
from tasks.trace.settings import TraceSettings
from tests.benchmarks.machine import machine, machine_line
from tests.builders.clusters import dask_cluster, encoded_layers, traced_layer
from tests.builders.killed import shard_hashes
from tests.builders.prefect_server import prefect_server
from tests.builders.trace import write_trace_folders
from tests.conftest import plain_environment


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cells", type=int, default=24, help="cells of the trace")
    parser.add_argument("--width", type=int, default=256, help="of the model; four times as many features")
    parser.add_argument("--positions", type=int, default=80_000, help="of each of four layers to encode")
    parser.add_argument("--parts", type=int, default=8, help="of the trace")


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    about = machine()
    with (
        tempfile.TemporaryDirectory() as name,
        prefect_server(Path(name) / "prefect", plain_environment()) as api,
        temporary_settings({PREFECT_API_URL: api, PREFECT_LOGGING_LEVEL: "CRITICAL"}),
    ):
        times = {n: _times(Path(name), arguments, n) for n in (1, 2)}
    rows = [
        {
            "work": work,
            "seconds": times[1][work][0],
            "seconds_of_two": times[2][work][0],
            "efficiency": times[1][work][0] / times[2][work][0] / 2,
            "same_bytes": times[1][work][1] == times[2][work][1],
        }
        for work in times[1]
    ]
    return {"machine": about, "sizes": {name: vars(arguments)[name] for name in SIZES}, "rows": rows}


SIZES = ("cells", "width", "positions", "parts")
Times = dict[str, tuple[float, dict[str, str]]]


def _times(root: Path, arguments: argparse.Namespace, n_workers: int) -> Times:
    """Seconds and hashes of both kinds of work on so many workers."""
    with dask_cluster(n_workers) as cluster:
        spread = {"runner": "dask", "address": cluster.address}
        for size in ("warm", "full"):
            home = root / f"{size}-{n_workers}"
            plans = {
                "trace": _trace(root / f"inputs-{size}", home, arguments, size == "warm", spread),
                "codes": _codes(root / f"inputs-{size}", home, arguments, size == "warm", spread),
            }
            found = {work: _timed(plan) for work, plan in plans.items()}
            shutil.rmtree(home)
    return found


def _timed(plan: Plan) -> tuple[float, dict[str, str]]:
    (step,) = plan.step_names()
    begun = time.perf_counter()
    with Units(plan) as units:
        folders = units.folders(step)
    seconds = time.perf_counter() - begun
    return seconds, {f"{folder.name}/{path}": sha for folder in folders for path, sha in shard_hashes(folder).items()}


def _trace(root: Path, home: Path, arguments: argparse.Namespace, warm: bool, spread: dict[str, str]) -> Plan:
    n_cells, width, n_genes = (4, 32, 40) if warm else (arguments.cells, arguments.width, 200)
    shutil.rmtree(root, ignore_errors=True)
    sizes = {"d_model": width, "n_features": 4 * width, "k": 16, "d_ff": 4 * width, "n_genes": n_genes}
    folders = write_trace_folders(root, lengths=[n_genes] * n_cells, max_length=n_genes, **sizes)
    settings = TraceSettings(
        source_layers=[1], n_cells=n_cells, parts=arguments.parts, feature_block=8, nonzero_min=4, least_explained=-99
    )
    return traced_layer(folders, home, settings, **spread)


def _codes(root: Path, home: Path, arguments: argparse.Namespace, warm: bool, spread: dict[str, str]) -> Plan:
    rows, width = (200, 32) if warm else (arguments.positions, arguments.width)
    states = np.random.default_rng(0).standard_normal((rows, width)).astype(np.float16)
    return encoded_layers(root, home, dict.fromkeys(range(4), states), n_features=4 * width, k=16, **spread)


def table(figures: dict[str, Any]) -> str:
    head = f"{'work':<10}{'one worker':>12}{'two':>10}{'efficiency':>12}   same bytes"
    lines = [
        f"{row['work']:<10}{row['seconds']:>10.1f} s{row['seconds_of_two']:>8.1f} s{row['efficiency']:>12.2f}   "
        f"{row['same_bytes']}"
        for row in figures["rows"]
    ]
    return "\n".join([machine_line(figures), f"load {figures['machine']['load']:.1f} at the start", "", head, *lines])
