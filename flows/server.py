"""The Prefect server that a run reports to: a temporary one of its own, or the user's.

What the user's surroundings say about Prefect (variables, ``.env``, ``prefect.toml``, profiles, proxies) is meant for
other flows, unless ``PREFECT_API_URL`` is in the environment: then that server is asked for.
"""

import atexit
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener, urlopen

from tasks.store import RequestError, ScfmError
from warehouse.parent import release, start_child

SETTINGS = {  # of the server and of the flow
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_SERVER_LOGGING_LEVEL": "CRITICAL",
    "DO_NOT_TRACK": "1",
}
OF_SERVER = {
    "PREFECT_SERVER_DATABASE_CONNECTION_URL": "sqlite+aiosqlite:///prefect.db",  # in its working directory
    "PREFECT_UI_ENABLED": "0",
    "PREFECT__SERVER_EPHEMERAL": "1",
    "PREFECT__SERVER_FINAL": "1",
}
KEPT = {"PREFECT_HOME", "PREFECT_LOGGING_LEVEL", "PREFECT_SERVER_LOGGING_LEVEL"}  # what a user may set all the same
SERVE = "import sys; sys.path.append(sys.argv[1]); from flows.serve import main; main()"
LOCAL = ("127.0.0.1", "localhost")
ANSWER_S, START_S = 10.0, 300.0  # a start takes 5 s, and minutes on a very busy machine


@dataclass
class TemporaryServer:
    """A server that was started and may not answer yet. ``folder``: where its database and its log are."""

    process: "subprocess.Popen[bytes]"
    folder: Path
    port: str  # empty if it ended before it had one

    @property
    def api(self) -> str:
        """Address of its API."""
        return f"http://{LOCAL[0]}:{self.port}/api"

    def await_answer(self) -> None:
        """Wait until it answers. Raises ScfmError if it ends before."""
        ask = build_opener(ProxyHandler({}))
        end = time.monotonic() + START_S
        while time.monotonic() < end and self.process.poll() is None and self.port:
            try:
                ask.open(f"{self.api}/health", timeout=ANSWER_S).close()
                return
            except OSError:
                time.sleep(0.05)
        lines = (self.folder / "server.log").read_text(errors="replace").strip().splitlines()
        why = lines[-1] if lines else f"no answer within {START_S:g} s"
        raise ScfmError(f"Prefect's temporary server did not start: {why} (all it said is in {self.folder}/server.log)")


def start_server(home: Path) -> TemporaryServer:
    """Start a server whose database lies below ``home``, or in ``PREFECT_HOME``; it ends with this process.

    Raises RequestError if nothing can be written there.
    """
    folder = Path(os.environ.get("PREFECT_HOME") or home / "prefect").expanduser().absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        log = (folder / "server.log").open("wb")
        (folder / "prefect.db").open("ab").close()
    except (PermissionError, FileExistsError, NotADirectoryError) as error:
        text = f"cannot write Prefect's folder {folder}: {error.strerror}; set PREFECT_HOME to another"
        raise RequestError(text) from error
    environment = {**_without_prefect(), **SETTINGS, **OF_SERVER, "PREFECT_HOME": str(folder)}
    if path := environment.get("PYTHONPATH"):
        environment["PYTHONPATH"] = os.pathsep.join(map(os.path.abspath, filter(None, path.split(os.pathsep))))
    words = [sys.executable, "-P", "-c", SERVE, str(Path(__file__).parents[1])]
    with log:
        process = start_child(words, environment, str(folder), stdout=subprocess.PIPE, stderr=log)
    atexit.register(release, process)  # before Prefect registers anything: it speaks to its server until the end
    assert process.stdout is not None
    return TemporaryServer(process, folder, process.stdout.readline().decode().strip())


def _without_prefect() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_") or name in KEPT}


def forget_surroundings(server: TemporaryServer) -> None:
    """Take what is meant for other flows out of this process's environment, and put in what we mean.

    Prefect reads it when it is imported, so it must not be imported before.
    """
    kept = _without_prefect()
    for name in os.environ.keys() - kept.keys():
        del os.environ[name]
    os.environ |= {"PREFECT_HOME": str(server.folder), "PREFECT_API_URL": server.api}
    quiet_settings()


def quiet_settings() -> None:
    """Set what the user has not set, and let nobody ask a proxy for this machine."""
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    for name in ("NO_PROXY", "no_proxy"):
        hosts = [host for host in os.environ.get(name, "").split(",") if host.strip()]
        os.environ[name] = ",".join([*hosts, *(host for host in LOCAL if host not in hosts)])
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        if os.environ[name].startswith("socks"):  # a kind that nothing here can use; Prefect refuses to start with it
            del os.environ[name]


def await_users_server(url: str) -> None:
    """See that the server that the user named answers. Raises RequestError if it does not."""
    advice = "start that server, or unset PREFECT_API_URL: a temporary one is used then"
    try:
        urlopen(f"{url.rstrip('/')}/health", timeout=ANSWER_S).close()
    except HTTPError as error:
        if error.code not in (401, 403):  # it wants to know who asks, which Prefect will say
            raise RequestError(f"PREFECT_API_URL={url} is no Prefect API (status {error.code}): {advice}") from error
    except (OSError, ValueError) as error:  # ValueError: no address at all
        reason = str(getattr(error, "reason", error))
        raise RequestError(f"PREFECT_API_URL={url} does not answer ({reason}): {advice}") from error
