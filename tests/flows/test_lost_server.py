"""A Prefect server that dies while a study runs: one line, and the next run goes on."""

import subprocess
import sys
from pathlib import Path

import pytest

from tasks.store import StepFolder
from tests.builders.prefect_server import prefect_server
from tests.conftest import MINI_STUDY, ROOT, plain_environment


def finished(home: Path) -> dict[str, str]:
    """When each unit of each folder was finished."""
    folders = [StepFolder(path.parent) for path in home.rglob("ledger.jsonl")]
    return {f"{folder.path.name}/{name}": line.committed for folder in folders for name, line in folder.lines.items()}


@pytest.mark.slow
def test_a_lost_server_ends_the_run_in_one_line_and_the_next_goes_on(tmp_path, scfm):
    home, words = tmp_path / "home", ["run", str(MINI_STUDY), "--until", "model"]
    with prefect_server(tmp_path / "prefect", plain_environment()) as api:
        process = subprocess.Popen(
            [str(Path(sys.executable).parent / "scfm"), *words],
            env=plain_environment() | {"SCFM_HOME": str(home), "PREFECT_API_URL": api},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        while "[2/" not in process.stdout.readline():
            assert process.poll() is None
    _, err = process.communicate(timeout=300)
    assert process.returncode == 1, err
    assert "Traceback" not in err
    assert "Prefect's server no longer answers" in err.strip().splitlines()[-1]
    before = finished(home)
    again = scfm(home, *words)
    assert again.status == 0, again.err
    assert before
    assert before.items() <= finished(home).items()
