"""A layer in parts on real clusters of processes: the bytes of the whole, and what a kill costs."""

import shutil
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_URL, PREFECT_LOGGING_LEVEL, temporary_settings

from flows.units import Units
from tasks.store import ScfmError
from tests.builders.clusters import (
    await_units,
    dask_cluster,
    end_tree,
    ray_cluster,
    require_ray,
    traced_layer,
    units_so_far,
)
from tests.builders.killed import shard_hashes
from tests.builders.steps import do_step
from tests.builders.trace import write_trace_folders
from tests.tasks.trace.conftest import SETTINGS

pytestmark = pytest.mark.slow  # every worker imports torch; test_runners.py has a smaller form
PARTS = 4
LAYER = SETTINGS.model_copy(update={"n_cells": 24, "feature_block": 1, "parts": PARTS})


@pytest.fixture(autouse=True)
def server(prefect_api):
    with temporary_settings({PREFECT_API_URL: prefect_api, PREFECT_LOGGING_LEVEL: "CRITICAL"}):
        yield


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    lengths = [14 + number % 20 for number in range(24)]
    return write_trace_folders(tmp_path_factory.mktemp("study"), lengths=lengths, n_features=64)


@pytest.fixture(scope="module")
def expected(folders, tmp_path_factory):
    """Hashes of the layer traced as a whole, in this thread."""
    folder = tmp_path_factory.mktemp("runs") / "trace-0123456789abcdef"
    return shard_hashes(do_step("trace", LAYER, folder, layer=1, **folders.reads))


@pytest.fixture
def short():
    """A folder with a path that is short enough for the sockets of Ray."""
    folder = Path(tempfile.mkdtemp(prefix="ray-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def run(plan) -> dict[str, str]:
    with Units(plan) as units:
        (folder,) = units.folders("trace")
    return shard_hashes(folder)


def kill_when(plan, n: int, kill: Callable[[], None]) -> list[int]:
    """Kill once n units are finished; how many were, when it is done."""
    found: list[int] = []

    def watch() -> None:
        await_units(plan, n)
        found.append(units_so_far(plan))
        kill()

    threading.Thread(target=watch, daemon=True).start()
    return found


def test_workers_started_here_have_the_bytes_of_the_whole(folders, expected, tmp_path):
    assert run(traced_layer(folders, tmp_path, LAYER, runner="dask", workers=2)) == expected


def test_a_killed_worker_costs_its_unit_in_hand(folders, expected, tmp_path):
    """Another worker goes on with its part; a cluster at an address, its workers started elsewhere."""
    with dask_cluster() as cluster:
        plan = traced_layer(folders, tmp_path, LAYER, runner="dask", address=cluster.address)
        at = kill_when(plan, 4, cluster.workers[0].kill)
        assert run(plan) == expected
    assert at
    assert cluster.workers[0].returncode == -9


def test_a_killed_scheduler_ends_the_run_in_one_line_and_the_next_goes_on(folders, expected, tmp_path):
    with dask_cluster() as cluster:
        plan = traced_layer(folders, tmp_path, LAYER, runner="dask", address=cluster.address)
        at = kill_when(plan, 4, cluster.head.kill)
        with pytest.raises(ScfmError, match=r"the cluster lost a task .*run the same command again") as failed:
            run(plan)
    assert len(str(failed.value).splitlines()) == 1
    assert units_so_far(plan) >= at[0]
    assert run(traced_layer(folders, tmp_path, LAYER, workers=2)) == expected


def test_ray_started_here_has_the_bytes_of_the_whole(folders, expected, tmp_path, short, monkeypatch):
    require_ray()
    monkeypatch.setenv("RAY_TMPDIR", str(short))
    assert run(traced_layer(folders, tmp_path, LAYER, runner="ray", workers=2)) == expected


def test_ray_at_an_address_has_the_bytes_of_the_whole(folders, expected, tmp_path, short):
    require_ray()
    with ray_cluster(short) as cluster:
        assert run(traced_layer(folders, tmp_path, LAYER, runner="ray", address=cluster.address)) == expected


def test_a_killed_head_of_ray_ends_the_run_in_one_line_and_the_next_goes_on(folders, expected, tmp_path, short):
    require_ray()
    with ray_cluster(short) as cluster:
        plan = traced_layer(folders, tmp_path, LAYER, runner="ray", address=cluster.address)
        at = kill_when(plan, 4, lambda: end_tree(cluster.head.pid))
        with pytest.raises(ScfmError, match=r"the cluster lost a task .*run the same command again") as failed:
            run(plan)
    assert len(str(failed.value).splitlines()) == 1
    assert units_so_far(plan) >= at[0]
    assert run(traced_layer(folders, tmp_path, LAYER, workers=2)) == expected
