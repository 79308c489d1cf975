"""Training on activations that stay on disk beside training on the same ones in memory.

Each side trains in a process of its own, which says how long the steps took and how much memory it ever held (VmHWM)
beyond what it held before it opened the activations. They take turns, and end with the same weights, or it fails. With
``--cold`` the files are dropped from the page cache before each, so that the first pass comes from the disk.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tasks.activations.reader import ActivationReader
from tasks.activations.streamed import States, StreamedStates
from tasks.sae.positions import Positions
from tasks.sae.settings import SaeSettings
from tests.benchmarks.machine import machine, machine_line, peak_bytes, seconds
from tests.builders.activations import write_activations
from tests.builders.sae_training import seeded_start, train
from tests.conftest import ROOT

SIDES = ("memory", "disk")
FIGURES = ("seconds", "cpu_seconds", "bytes")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rows", type=int, default=1_500_000)
    parser.add_argument("--width", type=int, default=512)
    parser.add_argument("--features", type=int, default=4, help="times the width")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--batch", type=int, default=4096)
    parser.add_argument("--budget", type=float, default=0.25, help="GB that rows read ahead may take")
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--cold", action="store_true")


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    about = machine()
    with tempfile.TemporaryDirectory() as scratch:
        folder = random_activations(Path(scratch) / "activations-1", arguments.rows, arguments.width)
        runs: dict[str, list[dict[str, Any]]] = {side: [] for side in SIDES}
        for _ in range(arguments.repeats):
            for side in SIDES:
                if arguments.cold:
                    drop_from_cache(folder)
                runs[side].append(in_own_process(side, folder, arguments))
    if len({run["weights"] for each in runs.values() for run in each}) > 1:
        raise AssertionError("training from disk ends with other weights than training in memory")
    best = {side: {name: min(run[name] for run in each) for name in FIGURES} for side, each in runs.items()}
    return {
        "machine": about | {"threads": arguments.threads},
        **{name: getattr(arguments, name) for name in ("rows", "width", "steps", "batch", "cold")},
        "layer_bytes": arguments.rows * arguments.width * 2,
        "budget_bytes": int(arguments.budget * 1e9),
        "sides": best,
        "ratio": best["disk"]["seconds"] / best["memory"]["seconds"],
        "cpu_ratio": best["disk"]["cpu_seconds"] / best["memory"]["cpu_seconds"],
    }


def random_activations(folder: Path, rows: int, width: int) -> Path:
    """A layer of random states in files of at most 100,000 rows."""
    numbers = np.random.default_rng(0).standard_normal((rows, width), dtype=np.float32)
    return write_activations(folder, {0: numbers}, n_chunks=-(-rows // 100_000))


def drop_from_cache(folder: Path) -> None:
    for path in folder.rglob("*.safetensors"):
        with path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def in_own_process(side: str, folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    about = {**vars(arguments), "side": side, "folder": str(folder)}
    words = [sys.executable, "-m", "tests.benchmarks.bench_streaming", json.dumps(about, default=str)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def train_here(side: str, folder: Path, about: dict[str, Any]) -> dict[str, Any]:
    """Seconds from the opened folder to the trained autoencoder, bytes beyond those held before, weights as a hash.

    ``cpu_seconds`` are those of all threads, which a machine that others use leaves as they are.
    """
    torch.set_num_threads(about["threads"])
    n_train = about["rows"] * 9 // 10
    phases = {"steps": about["steps"], "warmup": 0, "decay": 0, "log_every": about["steps"]}
    settings = SaeSettings(expansion=about["features"], k=32, batch=about["batch"], **phases)
    before, found = peak_bytes(), {}

    def work() -> None:
        reader = ActivationReader(folder)
        states: States = (
            reader.load(0)
            if side == "memory"
            else StreamedStates(reader, 0, torch.device("cpu"), int(about["budget"] * 1e9))
        )
        positions = Positions(states, torch.arange(n_train), torch.arange(n_train, about["rows"]))
        found["sae"] = train(seeded_start(settings, positions)[0], positions, settings).sae

    begun = time.process_time()
    took = seconds(work)
    cpu = time.process_time() - begun
    weights = hashlib.sha256(found["sae"].W_enc.numpy().tobytes()).hexdigest()
    return {"seconds": took, "cpu_seconds": cpu, "bytes": peak_bytes() - before, "weights": weights}


def table(figures: dict[str, Any]) -> str:
    sides = figures["sides"]
    return "\n".join(
        [
            machine_line(figures),
            f"{figures['rows']:,} positions of width {figures['width']}, {figures['layer_bytes'] / 1e9:.2f} GB; "
            f"{figures['steps']} steps of {figures['batch']}; read ahead: {figures['budget_bytes'] / 1e9:.2f} GB",
            f"{'':<11}{'seconds':>9}{'of CPU':>9}{'GB':>8}",
            *(f"from {side:<6}{_row(each)}" for side, each in sides.items()),
            f"from disk it takes {figures['ratio']:.2f} times as long and {figures['cpu_ratio']:.2f} times the CPU, "
            "with the same weights",
        ]
    )


def _row(side: dict[str, Any]) -> str:
    return f"{side['seconds']:>9.1f}{side['cpu_seconds']:>9.1f}{side['bytes'] / 1e9:>8.2f}"


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    print(json.dumps(train_here(given["side"], Path(given["folder"]), given)))
