"""An interrupt ends a command at any moment, with exit status 130 and one line."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import MINI_STUDY, plain_environment
from tests.shared import ROOT

SCFM = str(Path(sys.executable).parent / "scfm")
# Work that swallows what is raised in it: in a destructor, as an error of a library, or altogether.
SWALLOWED = {
    "destructor": "class A:\n    def __del__(self):\n        time.sleep(1.5)\nwhile True:\n    A()",
    "callback": "while True:\n    try:\n        time.sleep(1.5)\n    except BaseException:\n        time.sleep(0.1)",
    "translated": "try:\n    time.sleep(60)\nexcept BaseException as e:\n    raise RuntimeError(e)",
}
WORK = """
import time
from flows.cli.main import guarded
def work():
    print("working", flush=True)
{body}
raise SystemExit(guarded(work))
"""


def interrupted(body: str, *, patience: float = 20.0) -> subprocess.CompletedProcess[str]:
    text = WORK.format(body="\n".join(f"    {line}" for line in body.splitlines()))
    text = f"import flows.cli.interrupts as i; i.PATIENCE_S = {patience}\n{text}"
    process = subprocess.Popen(
        [sys.executable, "-c", text], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "working\n"
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    return subprocess.CompletedProcess([], process.returncode, out, err)


@pytest.mark.parametrize("how", SWALLOWED)
def test_an_interrupt_that_is_swallowed_is_raised_again(how: str) -> None:
    done = interrupted(SWALLOWED[how], patience=20.0 if how == "translated" else 3.0)
    assert done.returncode == 130, done.stderr
    assert done.stderr.strip().endswith("run the same command again to continue")


def test_what_is_put_in_order_on_the_way_out_is_not_disturbed() -> None:
    done = interrupted("try:\n    time.sleep(60)\nfinally:\n    time.sleep(2)\n    print('in order', flush=True)")
    assert done.returncode == 130
    assert "in order" in done.stdout


def test_a_run_is_interrupted_whenever_it_is_asked(tmp_path: Path, prefect_api: str) -> None:
    """Three runs side by side, each interrupted at another moment after its first line, as with Ctrl-C."""
    runs = []
    for number, seconds in enumerate((0.2, 0.9, 2.5)):
        home = tmp_path / str(number)
        variables = plain_environment() | {"SCFM_HOME": str(home), "PREFECT_API_URL": prefect_api}
        run = subprocess.Popen(
            [SCFM, "run", str(MINI_STUDY)], cwd=ROOT, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        runs.append((run, home, seconds))
    for run, _, seconds in runs:
        assert run.stdout is not None
        assert run.stdout.readline()
        time.sleep(seconds)
        run.send_signal(signal.SIGINT)
    for run, home, _ in runs:
        _, err = run.communicate(timeout=300)
        assert run.returncode == 130, err
        assert "Traceback" not in err.decode()
        assert not (home / "warehouse").exists()
