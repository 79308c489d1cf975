"""Prefect's server: whatever the user's surroundings are, a run has one, or says in one line why not."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from flows import server
from tasks.store import RequestError, ScfmError
from tests.builders.prefect_server import wait_for
from tests.conftest import MINI_STUDY, run_scfm
from tests.shared import ROOT
from warehouse.parent import release

NAME = """per%20cent que?ry #part 'quote' "two" ;semi $HOME \u00e9"""
NOWHERE = "http://127.0.0.1:9"
STARTED = """
import sys, time
from pathlib import Path
from flows import server
server.SERVE = "import sys, time; sys.path.append(sys.argv[1]); from warehouse.parent import die_with_parent; "
server.SERVE += "die_with_parent(*map(int, sys.argv[-2:])); print(1, flush=True); time.sleep(60)"
started = server.start_server(Path(sys.argv[1]))
print(started.process.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment is as it was when a test ends, and says nothing of Prefect or proxies when it begins."""
    monkeypatch.setattr(os, "environ", os.environ.copy())
    for name in [name for name in os.environ if name.startswith("PREFECT_") or name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)


@pytest.fixture(params=[200, 401, 404, 500])
def answering(request: pytest.FixtureRequest) -> Iterator[tuple[int, str]]:
    """A server that answers everything with one status, and its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(request.param)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as found:
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield request.param, f"http://127.0.0.1:{found.server_address[1]}/api"
        found.shutdown()


def test_a_users_server_is_asked_first(answering: tuple[int, str]) -> None:
    status, url = answering
    if status in (200, 401):
        server.await_users_server(url)
    else:
        with pytest.raises(RequestError, match=f"is no Prefect API .status {status}.: start that server, or unset"):
            server.await_users_server(url)


@pytest.mark.parametrize("url", [f"{NOWHERE}/api", "no address", "http://", "http://nowhere.invalid/api", "ftp://x"])
def test_a_users_server_that_is_none_is_one_line(url: str) -> None:
    started = time.monotonic()
    with pytest.raises(
        RequestError, match=r"PREFECT_API_URL=.* does not answer .*: start that server, or unset"
    ) as wrong:
        server.await_users_server(url)
    assert "\n" not in str(wrong.value)
    assert time.monotonic() - started < 15


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    os.environ["PREFECT_HOME"] = str(tmp_path / "file" / "prefect")
    with pytest.raises(RequestError, match=r"cannot write Prefect's folder .*: Not a directory; set PREFECT_HOME"):
        server.start_server(tmp_path)


def test_a_server_that_ends_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "SERVE", "import sys; sys.exit('no such thing')")
    started = server.start_server(tmp_path)
    with pytest.raises(ScfmError, match=r"temporary server did not start: no such thing .*server\.log"):
        started.await_answer()
    release(started.process)


def test_it_ends_with_the_run_that_started_it(tmp_path: Path) -> None:
    run = subprocess.Popen([sys.executable, "-c", STARTED, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert run.stdout is not None
        pid = int(run.stdout.readline())
        assert Path(f"/proc/{pid}").exists()
    finally:
        run.kill()
        run.wait()
    wait_for(lambda: not Path(f"/proc/{pid}").exists(), 20, "the end of the server")


def test_what_is_meant_for_other_flows_is_left_out(tmp_path: Path) -> None:
    os.environ |= {
        "PREFECT_API_KEY": "x",
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": "postgresql+asyncpg://nowhere/x",
        "PREFECT_LOGGING_LEVEL": "DEBUG",
        "ALL_PROXY": "socks5://127.0.0.1:9",
        "HTTPS_PROXY": NOWHERE,
        "no_proxy": "example.org",
    }
    server.quiet_settings()
    server.forget_surroundings(server.TemporaryServer(None, tmp_path, "4200"))
    ours = {name for name in server.SETTINGS if name.startswith("PREFECT_")}
    assert {name for name in os.environ if name.startswith("PREFECT_")} == {"PREFECT_HOME", "PREFECT_API_URL", *ours}
    assert os.environ["PREFECT_API_URL"] == "http://127.0.0.1:4200/api"
    assert os.environ["PREFECT_LOGGING_LEVEL"] == "DEBUG"
    assert os.environ["no_proxy"] == "example.org,127.0.0.1,localhost"
    assert os.environ["NO_PROXY"] == "127.0.0.1,localhost"
    assert os.environ["HTTPS_PROXY"] == NOWHERE  # a model of the hub may have to come through it
    assert "ALL_PROXY" not in os.environ


@pytest.mark.slow
def test_a_run_in_strange_surroundings(tmp_path: Path) -> None:
    """Proxies that lead nowhere, variables and files for other flows, a home whose name has every kind of sign."""
    folder, home = tmp_path / "folder", tmp_path / "homes" / NAME
    folder.mkdir()
    (folder / ".env").write_text(f"PREFECT_API_URL={NOWHERE}/api\n")
    (folder / "prefect.toml").write_text("this = = is no toml")
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy"), NOWHERE) | {"ALL_PROXY": "socks5://x:1"}
    others = {"PREFECT_API_KEY": "x", "PREFECT_SERVER_DATABASE_CONNECTION_URL": "postgresql+asyncpg://nowhere/x"}
    words = ("run", str(MINI_STUDY), "--until", "cells")
    done = run_scfm(home, *words, cwd=folder, PYTHONPATH=str(ROOT), **proxies, **others)
    assert done.status == 0, done.err
    assert "[1/" in done.out
    assert [path.name for path in home.parent.iterdir()] == [NAME]
    assert (home / "prefect" / "prefect.db").stat().st_size > 0
    assert sorted(path.name for path in folder.iterdir()) == [".env", "prefect.toml"]
