"""A whole study in an object store: killed on one machine, finished on another, read and asked on a third."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tasks.store.objects import Objects
from tests.conftest import MINI_STUDY, ROOT, plain_environment, run_scfm
from warehouse import snapshot_path, table_hashes
from warehouse.home import working_home


def n_units(bucket: str) -> int:
    """Units that the ledgers in the store name."""
    return sum("/state/units/" in name for name in Objects(bucket).sizes("runs"))


def kill_after(units: int, bucket: str, environment: dict[str, str]) -> None:
    """Run the study until so many units are done, and kill it."""
    command = [str(Path(sys.executable).parent / "scfm"), "run", str(MINI_STUDY)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=ROOT, env=plain_environment() | environment, **quiet) as run:
        while n_units(bucket) < units:
            assert run.poll() is None
            time.sleep(0.1)
        os.kill(run.pid, signal.SIGKILL)
    assert run.returncode == -signal.SIGKILL


@pytest.mark.slow
def test_a_study_killed_on_one_machine_ends_on_another(mini_home, bucket, s3_environment, tmp_path, monkeypatch):
    one, two, three = (
        {**s3_environment, "SCFM_HOME": bucket, "SCFM_SCRATCH": str(tmp_path / name)}
        for name in ("one", "two", "three")
    )
    kill_after(8, bucket, one)
    done = n_units(bucket)
    finished = run_scfm(tmp_path, "run", str(MINI_STUDY), **two)
    assert finished.status == 0, finished.err
    assert n_units(bucket) > done

    told = run_scfm(tmp_path, "sql", "SELECT count(*) AS n FROM feature", "--format", "csv", **three)
    assert told.status == 0, told.err
    monkeypatch.setenv("SCFM_SCRATCH", three["SCFM_SCRATCH"])
    home = working_home(bucket)
    assert table_hashes(home) == table_hashes(mini_home)
    assert {path.suffix for path in (home / "runs").rglob("*") if path.is_file()} == {".json"}  # the run's record
    again = run_scfm(tmp_path, "run", str(MINI_STUDY), **three)
    assert "everything was done before; nothing to do" in again.out
    assert snapshot_path(home).exists()
