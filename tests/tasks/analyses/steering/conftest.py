"""One planted trajectory in a tiny random model, and the step on it."""

import pytest

from tasks.analyses.steering.step import SteeringSettings
from tasks.cells.settings import CellsSettings
from tasks.store import StepFolder
from tests.builders.planted_trajectory import plant_trajectory
from tests.builders.steps import do_step

MARKERS = {"early_markers": ("SYM5", "SYM6", "nothing"), "late_markers": ("SYM40", "SYM41")}
SETTINGS = SteeringSettings(
    wanted=True,
    pseudotime="pseudotime",
    n_on=3,
    n_off=2,
    min_d=0.2,
    n_dose=1,
    n_shuffles=99,
    n_cells=8,
    min_cells=2,
    n_folds=3,
    seed=1,
    **MARKERS,
)
KEPT = CellsSettings(obs=("pseudotime", "constant", "holes", "donor"))


@pytest.fixture(scope="session")
def planted(tmp_path_factory):
    return plant_trajectory(tmp_path_factory.mktemp("trajectory"))


def steer(planted, folder, settings=SETTINGS):
    return do_step("steering", settings, folder, KEPT, **planted.reads)


@pytest.fixture(scope="session")
def steered(planted, tmp_path_factory) -> StepFolder:
    """The step under ``SETTINGS``; tests only read it."""
    return StepFolder.open(steer(planted, tmp_path_factory.mktemp("runs") / "steering-0123456789abcdef"))
