"""Step ``deposit``: the import of deposited results of steering. It belongs to no study: a run is made of it alone."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pydantic import Field

from tasks.section import Section
from tasks.step import Step
from tasks.store import content_key, sha256_file

FILE = re.compile(r"L(\d+)_F(\d+)\.json")
TABLES = (
    "model", "sae", "import_file", "import_gap", "steering_feature", "steering_value", "steering_summary",
    "steering_contrast", "dose_response", "readout_concordance", "layer_gradient",
)  # fmt: skip


class DepositSettings(Section):
    """Deposited files on this machine."""

    source: Path = Field(description="Folder of the deposited JSON files")


STEP = Step(
    name="deposit",
    title="read the deposited files of a steering study",
    settings=DepositSettings,
    version=2,
    work="tasks.analyses.steering.deposit:import_deposit",
    tables=TABLES,
    on_device=False,
)


@dataclass(frozen=True)
class Deposit:
    """Files by name, in order of layer and feature."""

    paths: dict[str, Path]

    @cached_property
    def files(self) -> dict[str, str]:
        """SHA-256 by name."""
        return {name: sha256_file(path) for name, path in self.paths.items()}

    @property
    def key(self) -> str:
        """Content key: of the files and the version of this code."""
        return content_key({"step": STEP.name, "version": STEP.version, "files": self.files})


def find_deposit(folder: Path) -> Deposit | None:
    """The deposit in ``folder`` or in its ``features``; None if it has no such file."""
    inner = folder / "features"
    names = {path.name: path for place in (folder, inner) if place.is_dir() for path in place.iterdir()}
    found = {name: match for name in names if (match := FILE.fullmatch(name))}
    order = sorted(found, key=lambda name: (int(found[name][1]), int(found[name][2])))
    return Deposit({name: names[name] for name in order}) if order else None
