"""``scfm restore`` and ``scfm doctor`` on a warehouse that a real run made."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT
from warehouse import table_hashes


@pytest.mark.slow
def test_warehouse_is_lost_restore_is_stopped_and_run_again(mini_home, tmp_path, scfm):
    home = tmp_path / "home"
    shutil.copytree(mini_home / "runs", home / "runs")
    lost = scfm(home, "doctor")
    assert lost.status == 0
    assert "nothing is published, but runs are on record\n           -> `scfm restore`" in lost.out

    command = [str(Path(sys.executable).parent / "scfm"), "restore"]
    with subprocess.Popen(
        command, env=os.environ | {"SCFM_HOME": str(home)}, cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as process:
        while not list(home.glob("warehouse/restoring/warehouse/staging.duckdb")):
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.strip().splitlines()[-1] == "scfm: interrupted; run the same command again to continue"
    assert "Traceback" not in said
    assert [path.name for path in (home / "warehouse").iterdir()] == ["lock"]

    again = scfm(home, "restore")
    assert again.status == 0, again.err
    assert "1 runs restored" in again.out
    assert table_hashes(home) == table_hashes(mini_home)
    fine = scfm(home, "doctor")
    assert fine.status == 0
    assert "1 runs, " in fine.out
    assert "->" not in fine.out


def test_doctor_of_a_broken_warehouse_is_status_1(mini_home, tmp_path, scfm):
    home = tmp_path / "home"
    shutil.copytree(mini_home / "warehouse", home / "warehouse")
    (home / "warehouse" / "snapshot.duckdb").write_text("no database")
    broken = scfm(home, "doctor")
    assert broken.status == 1
    assert "snapshot.duckdb cannot be read" in broken.out


def test_nothing_to_restore_is_status_2(tmp_path, scfm):
    finished = scfm(tmp_path, "restore")
    assert finished.status == 2
    assert finished.err.startswith("scfm: nothing to restore: no run was ever published from")
