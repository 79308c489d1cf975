"""The step on cells of four batches in a tiny random model."""

from pathlib import Path

import polars as pl
import pytest

from tasks.analyses.shift.step import ShiftSettings
from tasks.cells.settings import CellsSettings
from tasks.store import StepFolder
from tests.builders.contract_frames import contract_frame, example_row
from tests.builders.planted_trajectory import plant_trajectory
from tests.builders.steps import do_step

LAYER = 1
SETTINGS = ShiftSettings(
    wanted=True,
    batch="batch",
    selectors=("batch", "type"),
    n_features=(1, 3),
    scale=(0.0,),
    clamp=(1.0,),
    clamp_all=(0.5,),
    published=(-2.0,),
    n_random=2,
    min_cells=5,
    n_cells=20,
    seed=1,
)
KEPT = CellsSettings(obs=("batch", "donor"))


def describe_folder(path: Path) -> Path:
    """A folder of step describe with genes of two features."""
    sae = example_row("sae", {"model": example_row("model", {})})
    feature = example_row("feature", {"sae": sae})
    genes = example_row("feature_gene", {"feature": feature, "sae": sae, "gene": example_row("gene", {})})
    rows = pl.concat([genes, genes]).with_columns(
        feature=pl.Series([3, 5], dtype=pl.UInt32), symbol=pl.Series(["SYM9", "SYM10"]), score=pl.Series([1.0, 2.0])
    )
    with StepFolder.create(path) as out:
        with out.unit("all") as unit:
            unit.table("feature_gene", contract_frame("feature_gene", rows))
        out.finish()
    return path


@pytest.fixture(scope="session")
def reads(tmp_path_factory):
    root = tmp_path_factory.mktemp("study")
    planted = plant_trajectory(root, layers=(LAYER,))
    return {**planted.reads, "describe": {LAYER: describe_folder(root / "describe-1")}}


def shift(reads, folder, settings=SETTINGS):
    return StepFolder.open(do_step("shift", settings, folder, KEPT, layer=LAYER, **reads))


@pytest.fixture(scope="session")
def shifted(reads, tmp_path_factory) -> StepFolder:
    """The step under ``SETTINGS``; tests only read it."""
    return shift(reads, tmp_path_factory.mktemp("runs") / "shift-0123456789abcdef")
