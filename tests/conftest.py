"""What tests of several areas share: a published mini study, made once a session by the real command."""

import fcntl
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import pytest

from tests.builders.prefect_server import prefect_server
from tests.builders.s3_server import ACCESS, machine, make_bucket, s3_server

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the command does, before torch is imported

ROOT = Path(__file__).parents[1]
MAIN = sys.modules["__main__"]
MINI_STUDY = ROOT / "tests" / "studies" / "mini.toml"


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Put the tests' own program back in its place, where a page that was run leaves itself: forks would run it."""
    sys.modules["__main__"] = MAIN


@dataclass(frozen=True)
class Finished:
    """A command that has ended."""

    status: int
    out: str
    err: str


def plain_environment() -> dict[str, str]:
    """The environment without what the tester set for Prefect."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}


def run_scfm(home: Path, *words: str, cwd: Path = ROOT, **environment: str) -> Finished:
    """Run the installed command ``scfm`` as a user would, with results under ``home``."""
    command = [str(Path(sys.executable).parent / "scfm"), *words]
    variables = plain_environment() | {"SCFM_HOME": str(home), **environment}
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=variables, timeout=900, check=False)
    return Finished(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def prefect_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The API of a real Prefect server, one for the session: starting one takes 10 s."""
    with prefect_server(tmp_path_factory.mktemp("prefect") / "home", plain_environment()) as api:
        yield api


@pytest.fixture(scope="session")
def scfm(prefect_api: str) -> Callable[..., Finished]:
    """The command ``scfm`` as a function of home and words, its flow runs on the session's server."""
    return partial(run_scfm, PREFECT_API_URL=prefect_api)


@pytest.fixture(scope="session")
def s3_address() -> Iterator[str]:
    """The address of a real S3 server, one for the session."""
    with s3_server() as address:
        yield address


@pytest.fixture
def s3_environment(s3_address: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What a command needs to know to reach the server; this process knows it as well."""
    environment = {**ACCESS, "AWS_ENDPOINT_URL": s3_address}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return environment


@pytest.fixture
def bucket(s3_environment: dict[str, str], tmp_path: Path) -> str:
    """The URL of a home in an empty bucket of its own."""
    name = f"bucket-{hashlib.sha256(str(tmp_path).encode()).hexdigest()[:20]}"
    make_bucket(s3_environment["AWS_ENDPOINT_URL"], name)
    return f"s3://{name}/home"


@pytest.fixture
def machines(bucket: str, tmp_path: Path) -> tuple[Path, Path]:
    """The working homes of two machines that share an empty home."""
    return machine(tmp_path, "one", bucket), machine(tmp_path, "two", bucket)


@contextmanager
def shared_folder(tmp_path_factory: pytest.TempPathFactory, name: str) -> Iterator[Path]:
    """A folder that all processes of the session have in common, one of them at a time."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


@pytest.fixture(scope="session")
def mini_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Finished]:
    """Home and terminal of a finished run of the mini study: all steps, real Prefect, real DuckDB."""
    with shared_folder(tmp_path_factory, "mini") as folder:
        home, said = folder / "home", folder / "finished.json"
        if not said.exists():
            finished = run_scfm(home, "run", str(MINI_STUDY))
            assert finished.status == 0, finished.err
            said.write_text(json.dumps(asdict(finished)))
        return home, Finished(**json.loads(said.read_text()))


@pytest.fixture
def few_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what is published only the cells are checked: for tests about something else."""
    from warehouse.audit import audit

    monkeypatch.setattr("warehouse.audit.audit", lambda path, _, *others: audit(path, ["cell"], *others))


@pytest.fixture(scope="session")
def mini_home(mini_run: tuple[Path, Finished]) -> Path:
    """Home of a published mini study. Read only: tests that write copy it."""
    return mini_run[0]
