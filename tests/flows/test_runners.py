"""Runners: a layer in parts on threads and on Dask, and what is said where a cluster or a package is missing."""

import sys

import dask
import distributed
import pytest
from prefect.settings import PREFECT_API_URL, PREFECT_LOGGING_LEVEL, temporary_settings
from pydantic import ValidationError

from flows import runners
from flows.study import Study
from flows.units import Units
from tasks.store import RequestError
from tests.builders.clusters import traced_layer
from tests.builders.killed import shard_hashes
from tests.builders.prefect_server import free_port
from tests.builders.steps import do_step
from tests.builders.trace import write_trace_folders
from tests.tasks.trace.conftest import LENGTHS, SETTINGS


@pytest.fixture(autouse=True)
def server(prefect_api):
    with temporary_settings({PREFECT_API_URL: prefect_api, PREFECT_LOGGING_LEVEL: "CRITICAL"}):
        yield


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return write_trace_folders(tmp_path_factory.mktemp("study"), lengths=LENGTHS)


@pytest.fixture(scope="module")
def expected(folders, tmp_path_factory):
    """Hashes of the layer traced as a whole, in this thread."""
    folder = tmp_path_factory.mktemp("runs") / "trace-0123456789abcdef"
    return shard_hashes(do_step("trace", SETTINGS, folder, layer=1, **folders.reads))


def traced(folders, home, **study):
    plan = traced_layer(folders, home, SETTINGS.model_copy(update={"parts": 3}), **study)
    with Units(plan) as units:
        (folder,) = units.folders("trace")
    return shard_hashes(folder)


def test_parts_on_threads_have_the_bytes_of_the_whole(folders, expected, tmp_path):
    assert traced(folders, tmp_path, workers=2) == expected


def test_parts_on_dask_have_the_bytes_of_the_whole(folders, expected, tmp_path, monkeypatch):
    """Its workers are threads of this process here; processes of their own: test_clusters.py."""
    monkeypatch.chdir(tmp_path)
    about = {"processes": False, "n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.LocalCluster(**about) as cluster:
        assert traced(folders, tmp_path, runner="dask", address=cluster.scheduler_address) == expected


def test_no_cluster_at_the_address_is_one_line(folders, tmp_path):
    nobody = f"tcp://127.0.0.1:{free_port()}"
    with (
        dask.config.set({"distributed.comm.timeouts.connect": "1s"}),
        pytest.raises(RequestError, match=f"no dask cluster with workers answers at {nobody} .*: start one"),
    ):
        traced(folders, tmp_path, runner="dask", address=nobody)


def test_a_scheduler_without_workers_is_one_line(folders, tmp_path, monkeypatch):
    monkeypatch.setattr(runners, "CONNECT_S", 1)
    with (
        distributed.LocalCluster(processes=False, n_workers=0, dashboard_address=None) as cluster,
        pytest.raises(RequestError, match=r"no dask cluster with workers answers at inproc.*: start one"),
    ):
        traced(folders, tmp_path, runner="dask", address=cluster.scheduler_address)


@pytest.mark.parametrize(("runner", "module"), [("dask", "prefect_dask.task_runners"), ("ray", "ray")])
def test_a_runner_that_is_not_installed_says_what_to_install(folders, tmp_path, monkeypatch, runner, module):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(
        RequestError, match=rf"runner = {runner} needs more packages: pip install 'scfm-atlas\[{runner}"
    ):
        traced(folders, tmp_path, runner=runner, workers=2)


def test_an_address_is_for_clusters():
    with pytest.raises(ValidationError, match="address = tcp://a:1 is a cluster's, and runner is threads"):
        Study.model_validate({"name": "a", "address": "tcp://a:1"})
