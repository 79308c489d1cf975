"""A real Prefect server on a free port of this machine, and other processes that run beside a test."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

ROOT = Path(__file__).parents[2]
PREFECT = str(Path(sys.executable).parent / "prefect")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(ready: Callable[[], bool], seconds: float, what: str) -> None:
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
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:  # on a busy machine a worker may be polling
                process.kill()
                process.wait()


def ask(url: str, body: object = None) -> object:
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url, data=data, headers={"Content-Type": "application/json"}), timeout=30) as answer:
        return json.load(answer)


def answers(url: str) -> bool:
    try:
        return ask(url) is True
    except (URLError, OSError):
        return False


@contextmanager
def prefect_server(folder: Path, environment: dict[str, str]) -> Iterator[str]:
    """Run a server whose database lies in ``folder``; yields the address of its API."""
    port = free_port()
    api = f"http://127.0.0.1:{port}/api"
    variables = {
        **environment,
        "PREFECT_HOME": str(folder),
        "PREFECT_API_URL": api,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    }
    with background([PREFECT, "server", "start", "--port", str(port)], variables, folder.parent / "server.log"):
        wait_for(lambda: answers(f"{api}/health"), 120, "Prefect server")
        yield api
