"""What becomes of processes and files when the one that needs them is gone, and when another one is in the way."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.builders.prefect_server import wait_for
from tests.shared import ROOT
from warehouse import check_snapshot, examine, run_user_sql, snapshot_path
from warehouse.errors import WarehouseLocked
from warehouse.orphans import orphans
from warehouse.parent import CHILD

ENDLESS = "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range * b.range = 7"
ASK = "from pathlib import Path; from warehouse import run_user_sql; run_user_sql(Path({home!r}), {sql!r})"
HOLD = "import duckdb, time; con = duckdb.connect({path!r}); print(1, flush=True); time.sleep(60)"


def children(pid: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def test_the_sandbox_ends_with_its_parent(published):
    """Killed outright, the parent leaves no process behind that goes on computing."""
    code = ASK.format(home=str(published), sql=ENDLESS)
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    try:
        wait_for(lambda: bool(children(parent.pid)), 60, "the sandbox")
        (child,) = children(parent.pid)
        time.sleep(1)  # by now it has asked the system for the signal
    finally:
        parent.kill()
        parent.wait()
    wait_for(lambda: not Path(f"/proc/{child}").exists(), 10, "the end of the sandbox")


def test_a_process_whose_starter_is_gone_is_named():
    here = os.getpid()
    words = [sys.executable, "-c", "import time; time.sleep(60)", CHILD]
    ours, orphan = (subprocess.Popen([*words, str(parent), "3"]) for parent in (here, 2**22 + 1))
    try:
        found = {one.pid: one for one in orphans()}
        assert orphan.pid in found
        assert ours.pid not in found
        assert str(found[orphan.pid]) == (
            f"process {orphan.pid} was left behind by process {2**22 + 1}, which has ended"
        )
    finally:
        for process in (ours, orphan):
            process.kill()
            process.wait()


def test_elsewhere_a_process_ends_with_a_pipe():
    ours, theirs = os.pipe()
    code = f"from warehouse.parent import end_with_pipe; end_with_pipe({ours})"
    child = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, pass_fds=[ours])
    os.close(ours)
    os.close(theirs)
    assert child.wait(timeout=60) == 1


def test_a_snapshot_open_for_writing_elsewhere_is_said_to_be_in_use(tmp_path):
    """The line of `scfm sql` is that of `scfm check`, and doctor advises no rebuilding."""
    snapshot_path(tmp_path).parent.mkdir()
    code = HOLD.format(path=str(snapshot_path(tmp_path)))
    holder = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    try:
        assert holder.stdout.readline()
        said = []
        for ask in (lambda: run_user_sql(tmp_path, "SELECT 1"), lambda: check_snapshot(tmp_path)):
            with pytest.raises(WarehouseLocked) as locked:
                ask()
            said.append(str(locked.value))
        (found,) = [finding for finding in examine(tmp_path) if finding.broken]
    finally:
        holder.kill()
        holder.wait()
    assert f"in use by process {holder.pid}: wait until it ends, or stop it" in said[0]
    assert said[0] == said[1] == f"{found.what}: {found.advice}"
