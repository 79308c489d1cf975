"""Starting the dashboard as a newcomer does: on a terminal, without anything of Streamlit's in the home folder."""

import os
import pty
import socket
import subprocess
import sys
import threading
from pathlib import Path
from urllib.request import urlopen

import pytest

from dashboards.launch import command, who_may_read
from tests.builders.prefect_server import free_port, wait_for
from tests.conftest import run_scfm

SCFM = str(Path(sys.executable).parent / "scfm")


def answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def read_all(terminal: int, said: bytearray) -> None:
    """What is written on a terminal, until nobody holds its other end."""
    try:
        while part := os.read(terminal, 4096):
            said += part
    except OSError:
        return


def other_address() -> str | None:
    """An address of this machine beside 127.0.0.1; nothing is sent to find it."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
    except OSError:
        return None


def test_a_newcomer_on_a_terminal_is_served_and_nobody_else(published: Path, tmp_path: Path) -> None:
    port, said = free_port(), bytearray()
    ours, theirs = pty.openpty()
    variables = {**os.environ, "HOME": str(tmp_path), "SCFM_HOME": str(published), "BROWSER": "true", "DISPLAY": ""}
    words = [SCFM, "dashboard", "--port", str(port)]
    server = subprocess.Popen(words, env=variables, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    threading.Thread(target=read_all, args=(ours, said), daemon=True).start()
    try:
        wait_for(lambda: answers(f"http://127.0.0.1:{port}/_stcore/health"), 90, "the dashboard")
        elsewhere = other_address()
        assert elsewhere is None or not answers(f"http://{elsewhere}:{port}/_stcore/health")
    finally:
        server.terminate()
        server.wait(timeout=20)
    assert b"only this machine" in said
    assert b"email" not in said.lower()
    assert b"Network URL" not in said
    assert b"External" not in said


def refused(published: Path, *words: str) -> str:
    done = run_scfm(published, "dashboard", "--headless", *words)
    assert done.status == 2, done.err
    assert len(done.err.splitlines()) == 1
    return done.err


@pytest.mark.parametrize("port", ["0", "-1", "65536", "99999"])
def test_a_port_that_is_none_is_refused(published: Path, port: str) -> None:
    assert f"--port {port}: a port is a number from 1 to 65535" in refused(published, "--port", port)


def test_a_port_that_is_taken_is_refused(published: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = str(holder.getsockname()[1])
        assert f"cannot listen on 127.0.0.1, port {port}: Address already in use" in refused(published, "--port", port)


@pytest.mark.parametrize("host", ["nowhere.invalid", "192.0.2.1", "a..b", "no name"])
def test_a_host_that_is_not_here_is_refused(published: Path, host: str) -> None:
    assert f"cannot listen on {host}, port 8501" in refused(published, "--host", host)


@pytest.mark.parametrize(("host", "means"), [("0.0.0.0", "whoever reaches"), ("::1", "only this machine")])
def test_what_an_address_means_is_said(host: str, means: str) -> None:
    assert means in who_may_read(host, 8501)
    words = command(Path("home"), 8501, True, host)
    assert words[words.index("--server.address") + 1] == host
