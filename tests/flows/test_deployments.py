"""`prefect deploy --all` against a real server, and a worker that runs a deployment to its end."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

ROOT = Path(__file__).parents[2]
MINI = "tests/studies/mini.toml"
PREFECT = str(Path(sys.executable).parent / "prefect")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(ready, seconds: float, what: str) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if ready():
            return
        time.sleep(0.5)
    pytest.fail(f"{what} not ready after {seconds} s")


@contextmanager
def background(command: list[str], environment: dict[str, str], log: Path) -> Iterator[None]:
    with log.open("w") as output:
        process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=output, stderr=output)
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=60)


def ask(url: str, body: object = None) -> object:
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url, data=data, headers={"Content-Type": "application/json"}), timeout=30) as answer:
        return json.load(answer)


def answers(url: str) -> bool:
    try:
        return ask(url) is True
    except (URLError, OSError):
        return False


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[tuple[str, dict[str, str]]]:
    folder = tmp_path_factory.mktemp("prefect")
    port = free_port()
    api = f"http://127.0.0.1:{port}/api"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")} | {
        "PREFECT_HOME": str(folder / "home"),
        "PREFECT_API_URL": api,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "SCFM_HOME": str(folder / "scfm-home"),
    }
    with background([PREFECT, "server", "start", "--port", str(port)], environment, folder / "server.log"):
        wait_for(lambda: answers(f"{api}/health"), 120, "Prefect server")
        yield api, environment


def prefect(environment: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        [PREFECT, "--no-prompt", *words], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_all_deployments_are_made_paused_and_one_runs_on_a_worker(server, tmp_path):
    api, environment = server
    prefect(environment, "work-pool", "create", "scfm", "--type", "process")
    prefect(environment, "deploy", "--all")
    deployments = ask(f"{api}/deployments/filter", {})
    assert {found["name"] for found in deployments} >= {"demo", "check", "cells", "trace", "publish"}
    schedules = [schedule for found in deployments for schedule in found["schedules"]]
    assert schedules
    assert not any(schedule["active"] for schedule in schedules)

    with background([PREFECT, "worker", "start", "--pool", "scfm"], environment, tmp_path / "worker.log"):
        prefect(environment, "deployment", "run", "scfm-cells/cells", "--param", f'study="{MINI}"')
        wait_for(lambda: ended(api, "scfm-cells"), 180, "flow run")
    runs = ask(f"{api}/flow_runs/filter", {"flows": {"name": {"any_": ["scfm-cells"]}}})
    assert [run["state_type"] for run in runs] == ["COMPLETED"], (tmp_path / "worker.log").read_text()
    assert list(Path(environment["SCFM_HOME"]).glob("runs/cells-*/manifest.json"))


def test_run_shows_in_the_server_that_prefect_api_url_names(server):
    api, environment = server
    scfm = str(Path(sys.executable).parent / "scfm")
    done = subprocess.run(
        [scfm, "run", MINI, "--until", "cells"], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert ended(api, "scfm-atlas")
    keys = {artifact["key"] for artifact in ask(f"{api}/artifacts/filter", {})}
    assert "scfm-cells" in keys


def ended(api: str, flow: str) -> bool:
    runs = ask(f"{api}/flow_runs/filter", {"flows": {"name": {"any_": [flow]}}})
    return bool(runs) and all(run["state_type"] in ("COMPLETED", "FAILED", "CRASHED") for run in runs)
