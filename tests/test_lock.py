"""The lock: the environment the tests run in is the locked one, whole and free of contradictions."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).parents[1]
BY_HASH, TORCH = (ROOT / "locks" / name for name in ("python3.11.txt", "torch.txt"))
PIN = re.compile(r"^([\w.-]+)==(\S+)", flags=re.MULTILINE)
PINS = dict(PIN.findall(BY_HASH.read_text()) + PIN.findall(TORCH.read_text()))


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def installed(name: str) -> str | None:
    try:
        return version(name).partition("+")[0]  # +cpu says how it was built, not which version it is
    except PackageNotFoundError:
        return None


def test_installed_versions_are_the_locked_ones():
    wrong = {name: (pin, installed(name)) for name, pin in PINS.items() if installed(name) != pin}
    assert not wrong, "run: rm -r .venv && make test"


def test_every_package_but_torch_is_locked_by_hash():
    parts = re.split(r"(?<!\\)\n", BY_HASH.read_text())
    packages = [part for part in parts if part and part[0] != "#"]
    assert [name for part in packages for name, _ in PIN.findall(part)] == [name for name in PINS if name != "torch"]
    assert all("--hash=sha256:" in part for part in packages)


def test_everything_the_project_asks_for_is_locked():
    """But for Ray, which takes as much room as torch and is needed on clusters of Ray alone."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [
        *project["dependencies"],
        *(entry for name, more in project["optional-dependencies"].items() if name != "ray" for entry in more),
    ]
    locked = {plain(name) for name in PINS}
    missing = [entry for entry in wanted if plain(re.split(r"[<>=!~ ]", entry)[0]) not in locked]
    assert not missing


def test_no_locked_package_contradicts_another():
    done = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
