"""Real clusters on this machine, the plan of one traced layer to run on them, and processes to kill."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import psutil
import pytest

from flows.plan import Plan, Unit
from flows.study import Study
from tasks.codes.settings import CodesSettings
from tasks.sae import save_sae
from tasks.section import Sections
from tasks.step import Inputs
from tasks.store import StepFolder
from tasks.trace.settings import TraceSettings
from tests.builders.activations import write_activations
from tests.builders.prefect_server import free_port, wait_for
from tests.builders.saes import random_topk
from tests.builders.trace import TraceFolders
from tests.shared import ROOT

INSTALL_RAY = "pip install 'scfm-atlas[ray]'"
TOKEN = "0" * 32


@dataclass(frozen=True)
class Cluster:
    """A scheduler or head and its workers, each a process of this machine."""

    address: str
    head: "subprocess.Popen[bytes]"
    workers: "list[subprocess.Popen[bytes]]"


def traced_layer(folders: TraceFolders, home: Path, settings: TraceSettings, **study: object) -> Plan:
    """The plan of the trace of layer 1 alone, of folders that are there already."""
    steps = {name: {None: read} if isinstance(read, Path) else read for name, read in folders.reads.items()}
    common = Study.model_validate({"name": "a", "device": "cpu", **study})
    inputs = Inputs(Sections({"trace": settings}), steps, "cpu", 1)
    return Plan(common, "cpu", (Unit("trace", 1, settings, inputs, home / "runs" / "trace-0123456789abcdef"),))


def encoded_layers(
    root: Path, home: Path, states: Mapping[int, np.ndarray], n_features: int, k: int, **study: object
) -> Plan:
    """The plan of the codes of every layer of ``states`` [N, d], by random autoencoders."""
    activations, units = write_activations(root / "activations-1", dict(states), n_chunks=4), []
    for layer, found in states.items():
        sae = random_topk(found.shape[1], n_features, k, layer=layer, seed=layer)
        with StepFolder.create(root / f"encoder-{layer}") as out:
            with out.unit("sae") as unit:
                save_sae(sae, unit)
                row = {"sae_id": sae.sae_id, "model_id": sae.model_id, "layer": layer, "variant": "topk", "fvu": 0.5}
                row |= {"n_features": n_features, "l0": float(k), "n_dead": 0, "dead_fraction": 0.0, "described": True}
                unit.table("sae", pl.DataFrame([row]))
            out.finish(sae_id=sae.sae_id, layer=layer)
        steps = {"sae": {layer: root / f"encoder-{layer}"}, "activations": {None: activations}}
        inputs = Inputs(Sections({"codes": CodesSettings()}), steps, "cpu", layer)
        units.append(Unit("codes", layer, CodesSettings(), inputs, home / "runs" / f"codes-{layer:016x}"))
    return Plan(Study.model_validate({"name": "a", "device": "cpu", **study}), "cpu", tuple(units))


@contextmanager
def dask_cluster(n_workers: int = 2, **environment: str) -> Iterator[Cluster]:
    """A Dask scheduler and its workers, one thread each, without nannies."""
    address = f"tcp://127.0.0.1:{free_port()}"
    with _processes() as start:
        head = start("distributed.cli.dask_scheduler", "--host", address, "--no-dashboard", **environment)
        words = ("distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard")
        yield Cluster(address, head, [start(*words, **environment) for _ in range(n_workers)])


@contextmanager
def ray_cluster(folder: Path, n_workers: int = 2) -> Iterator[Cluster]:
    """A head of Ray whose workers are its own, with what it writes in ``folder``, which must have a short path."""
    port, clients = free_port(), free_port()
    with _processes() as start:
        words = ["start", "--head", "--block", "--num-cpus", str(n_workers), "--include-dashboard", "false"]
        words += ["--port", str(port), "--ray-client-server-port", str(clients), "--node-ip-address", "127.0.0.1"]
        words += ["--object-store-memory", str(100 << 20), "--temp-dir", str(folder)]
        head = start("ray.scripts.scripts", *words)
        wait_for(lambda: _listens(clients), 120, "Ray's head")
        yield Cluster(f"ray://127.0.0.1:{clients}", head, [])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def _processes() -> Iterator[object]:
    started = []

    def start(module: str, *words: str, **environment: str) -> "subprocess.Popen[bytes]":
        variables = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), **environment}
        command = [sys.executable, "-m", module, *words]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        started.append(subprocess.Popen(command, env=variables, **quiet))
        return started[-1]

    try:
        yield start
    finally:
        for process in reversed(started):
            end_tree(process.pid)
            process.wait()


def end_tree(pid: int) -> None:
    """Kill a process and all that it started."""
    try:
        tree = [*psutil.Process(pid).children(recursive=True), psutil.Process(pid)]
    except psutil.NoSuchProcess:
        return
    for process in tree:
        with suppress(psutil.NoSuchProcess):
            process.kill()


def units_so_far(plan: Plan) -> int:
    """How many units of its folders and of their parts are finished."""
    ledgers = plan.units[0].folder.parent.rglob("ledger.jsonl")
    return sum(len(StepFolder(path.parent).lines) for path in ledgers)


def await_units(plan: Plan, n: int, seconds: float = 900.0) -> None:
    end = time.monotonic() + seconds
    while units_so_far(plan) < n:
        assert time.monotonic() < end, f"{units_so_far(plan)} units after {seconds} s"
        time.sleep(0.02)


def require_ray() -> None:
    """Skip the test where Ray is not installed; else let head, workers and this process share a token of the test's."""
    os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": TOKEN, "RAY_USAGE_STATS_ENABLED": "0"}
    pytest.importorskip("prefect_ray", reason=f"needs Ray: {INSTALL_RAY}")
