"""A tiny atlas, imported: its step folder and its row of table run."""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

from tasks.atlas.atlas import open_atlas
from tasks.atlas.settings import AtlasSettings
from tasks.atlas.step import STEP as ATLAS
from tests.builders.atlas_files import make_atlas
from tests.builders.atlas_numbers import numbers
from tests.builders.steps import do_step

OF_IMPORTS_ALONE = {
    "import_file", "import_gap", "perturbation_feature", "perturbation_summary", "perturbation_target",
    "published_layer", "published_layer_ontology", "published_value", "svd_summary",
}  # fmt: skip


def imported_atlas(
    root: Path,
    family: str = "geneformer",
    without: tuple[str, ...] = ("layer_00_annotations.json",),
    living: int | None = None,
) -> tuple[dict[str, Any], Path]:
    """Make and import an atlas below ``root``; returns the row of table run and the finished step folder.

    ``living``: the number of living features said to be published, by default the true one.
    """
    source = make_atlas(root / f"{family}-files", family, without=without)
    known = numbers(root / f"{family}-numbers", family, living=living)
    folder = root / "runs" / f"atlas-{open_atlas(source, known).key}"
    return imported_run(family), do_step(ATLAS, AtlasSettings(source=source, numbers=known), folder)


def imported_run(name: str) -> dict[str, Any]:
    """Values of table run."""
    text = f'{{"atlas": "{name}"}}'
    return {
        "run_id": f"imported-{name}",
        "study": f"{name}_atlas",
        "title": f"Published {name} atlas, imported",
        "study_json": text,
        "study_sha": hashlib.sha256(text.encode()).hexdigest(),
        "code_version": '{"atlas": 1}',
        "seed": None,
        "device": None,
        "precision": None,
        "hardware": "2 cores, 8 GiB",
        "versions": '{"python": "3.11"}',
        "imported": True,
        "started": datetime(2025, 1, 1, 12, 0, 0),
        "finished": datetime(2025, 1, 1, 12, 0, 30),
        "seconds": 30.0,
    }
