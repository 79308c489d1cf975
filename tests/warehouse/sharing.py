"""A second run that shares the steps of a first one but for some that are made anew under other keys."""

import json
import shutil
from pathlib import Path
from typing import Any

from tasks.store import content_key
from tests.warehouse.conftest import Study
from warehouse import open_snapshot


def with_other_steps(study: Study, root: Path, *steps: str, run_id: str = "0123456789abcdef") -> Study:
    """The study with copies of the folders of ``steps`` below ``root``, each under a key of its own."""
    folders = [remade(folder, root, run_id) if folder.name.startswith(steps) else folder for folder in study.folders]
    return Study({**study.run, "run_id": run_id}, folders)


def remade(folder: Path, root: Path, salt: str) -> Path:
    """A copy of a step folder under another key."""
    step, key = folder.name.rsplit("-", 1)
    other = content_key({"key": key, "salt": salt})
    copied = Path(shutil.copytree(folder, root / f"{step}-{other}"))
    change_manifest(copied, key=other)
    return copied


def change_manifest(folder: Path, **values: Any) -> None:
    """Change what a manifest says beside its units."""
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def say_what_is_read(study: Study, **reads: tuple[str, ...]) -> None:
    """Let every manifest name the folders it reads: those of the steps given under its step's name."""
    for folder in study.folders:
        wanted = reads.get(folder.name.rsplit("-", 1)[0], ())
        names = [other.name for other in study.folders if other.name.rsplit("-", 1)[0] in wanted]
        change_manifest(folder, reads=names)


def passed(home: Path) -> set[tuple[str, str]]:
    """Tables and checks, all of which passed."""
    with open_snapshot(home) as con:
        told = con.sql("SELECT table_name, check_name, success FROM quality_result").fetchall()
    assert all(success for _, _, success in told)
    return {(table, check) for table, check, _ in told}
