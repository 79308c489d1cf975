"""`prefect deploy --all` against a real server, and a worker that runs a deployment to its end."""

import subprocess
import sys
from pathlib import Path

import pytest

from tasks.steps import STEPS
from tests.builders.prefect_server import PREFECT, ROOT, ask, background, wait_for
from tests.conftest import plain_environment

IN_ALL = sum(not step.reads_others for step in STEPS) + 1  # publishing is the last
MINI = "tests/studies/mini.toml"


@pytest.fixture(scope="module")
def server(prefect_api: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, str]]:
    folder = tmp_path_factory.mktemp("deployed")
    ours = {"PREFECT_HOME": str(folder / "prefect"), "PREFECT_API_URL": prefect_api, "SCFM_HOME": str(folder / "home")}
    return prefect_api, plain_environment() | ours


def prefect(environment: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        [PREFECT, "--no-prompt", *words], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_all_deployments_are_made_paused_and_one_runs_on_a_worker(server, tmp_path):
    api, environment = server
    prefect(environment, "work-pool", "create", "scfm", "--type", "process")
    prefect(environment, "deploy", "--all")
    prefect(environment, "concurrency-limit", "create", "gpu", "1")
    deployments = ask(f"{api}/deployments/filter", {})
    assert {found["name"] for found in deployments} == {"demo", "check", "study"}
    schedules = [schedule for found in deployments for schedule in found["schedules"]]
    assert schedules
    assert not any(schedule["active"] for schedule in schedules)

    with background([PREFECT, "worker", "start", "--pool", "scfm"], environment, tmp_path / "worker.log"):
        asked = (f'study="{MINI}"', 'until="cells"')
        prefect(
            environment, "deployment", "run", "scfm-run/study", *(word for one in asked for word in ("--param", one))
        )
        of_the_worker = {"deployments": {"name": {"any_": ["study"]}}}
        wait_for(lambda: ended(api, of_the_worker), 180, "flow run")
    states = [run["state_type"] for run in ask(f"{api}/flow_runs/filter", of_the_worker)]
    assert states == ["COMPLETED"], (tmp_path / "worker.log").read_text()
    assert list(Path(environment["SCFM_HOME"]).glob("runs/cells-*/manifest.json"))


def test_run_until_a_step_shows_in_the_server_that_prefect_api_url_names(server):
    api, environment = server
    scfm = str(Path(sys.executable).parent / "scfm")
    done = subprocess.run(
        [scfm, "run", MINI, "--until", "cells"], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert f"[1/{IN_ALL}]" in done.stdout
    assert f"[2/{IN_ALL}]" not in done.stdout
    assert not (Path(environment["SCFM_HOME"]) / "warehouse").exists()
    newest = ask(f"{api}/flow_runs/filter", {**named("scfm-run"), "sort": "START_TIME_DESC", "limit": 1})
    assert [run["state_type"] for run in newest] == ["COMPLETED"]
    keys = {artifact["key"] for artifact in ask(f"{api}/artifacts/filter", {})}
    assert "scfm-cells" in keys


def named(flow: str) -> dict[str, object]:
    return {"flows": {"name": {"any_": [flow]}}}


def ended(api: str, wanted: dict[str, object]) -> bool:
    runs = ask(f"{api}/flow_runs/filter", wanted)
    return bool(runs) and all(run["state_type"] in ("COMPLETED", "FAILED", "CRASHED") for run in runs)
