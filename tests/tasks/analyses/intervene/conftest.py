"""A planted trajectory in a tiny random model, and the step on it with scores and an intervention of two layers."""

import pytest

from tasks.analyses.intervene.sections import ChangeSettings, InterventionSettings, ScoreSettings
from tasks.analyses.intervene.step import InterveneSettings
from tasks.cells.settings import CellsSettings
from tasks.store import StepFolder
from tests.builders.planted_trajectory import plant_trajectory
from tests.builders.steps import do_step

KEPT = CellsSettings(obs=("pseudotime", "constant", "holes", "donor"))
DONOR = ScoreSettings(name="first", label="donor", value="d1")
GENES = ScoreSettings(name="late", genes=("SYM30", "SYM31"), against=("SYM12",))
SEVERAL = InterventionSettings(
    name="several", layer=1, changes=(ChangeSettings(feature=3), ChangeSettings(feature=5, layer=2, amount=3.0))
)
SETTINGS = InterveneSettings(
    interventions=(SEVERAL, InterventionSettings(name="one", layer=2, changes=(ChangeSettings(feature=7),))),
    readouts=("signature", "marker", "probability", "embedding"),
    scores=(DONOR, GENES, ScoreSettings(name="rest", genes=("SYM5",))),
    n_cells=6,
    n_fit=60,
    n_markers=4,
    n_folds=3,
    n_shuffles=99,
    n_flips=500,
    fine_flips=500,
)


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    return plant_trajectory(tmp_path_factory.mktemp("trajectory"))


def intervened(planted, folder, settings=SETTINGS):
    reads = {name: read for name, read in planted.reads.items() if name != "activations"}
    return StepFolder.open(do_step("intervene", settings, folder, KEPT, **reads))


@pytest.fixture(scope="module")
def done(planted, tmp_path_factory):
    return intervened(planted, tmp_path_factory.mktemp("runs") / "intervene-0123456789abcdef")


def changed(**settings):
    return SETTINGS.model_copy(update=settings)
