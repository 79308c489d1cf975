"""The wheel, built and installed beside nothing of the checkout: it carries the sample, the studies and the pages."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("flows", "tasks", "warehouse", "dashboards")


def run(*words: object, cwd: Path, home: Path | None = None, wanted: int = 0) -> str:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    if home is not None:
        environment["SCFM_HOME"] = str(home)
    done = subprocess.run(list(map(str, words)), cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == wanted, done.stdout + done.stderr
    return done.stdout + done.stderr


def tracked() -> list[str]:
    return run("git", "ls-files", *PACKAGES, cwd=ROOT).split()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Built from the files of the checkout, in a copy: setuptools leaves folders behind."""
    folder = tmp_path_factory.mktemp("source")
    for name in [*tracked(), "pyproject.toml", "README.md", "LICENSE"]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes((ROOT / name).read_bytes())
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    run(*build, "--wheel-dir", folder / "dist", ".", cwd=folder)
    (built,) = (folder / "dist").glob("*.whl")
    return built


def test_the_wheel_holds_every_file_of_the_packages(wheel):
    assert not set(tracked()) - set(zipfile.ZipFile(wheel).namelist())


@pytest.fixture(scope="module")
def bare(wheel, tmp_path_factory) -> Path:
    """An environment with the wheel; what it depends on comes from the locked one."""
    folder = tmp_path_factory.mktemp("bare")
    run(sys.executable, "-m", "venv", folder, cwd=folder)
    run(folder / "bin/pip", "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=folder)
    (site,) = folder.glob("lib/python3*/site-packages")
    (site / "locked.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


@pytest.mark.slow
def test_the_demo_starts_from_the_wheel_in_an_empty_folder(bare, tmp_path):
    where = run(bare / "bin/python", "-c", "import flows; print(flows.__file__)", cwd=tmp_path)
    assert str(bare) in where
    said = run(bare / "bin/scfm", "demo", "--until", "cells", cwd=tmp_path, home=tmp_path / "home")
    assert "study demo" in said
    assert list((tmp_path / "home/runs").glob("cells-*/manifest.json"))
    assert "fills" in run(bare / "bin/scfm", "steps", cwd=tmp_path)
    refused = run(bare / "bin/scfm", "bench", "sae", cwd=tmp_path, wanted=2)
    assert refused.startswith("scfm: no benchmarks in")
    assert len(refused.splitlines()) == 1
