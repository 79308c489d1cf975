"""One traced layer of a tiny random study, shared by the tests that only read it."""

from pathlib import Path

import pytest

from tasks.store import StepFolder
from tasks.trace.settings import TraceSettings
from tests.builders.steps import do_step
from tests.builders.trace import TraceFolders, write_trace_folders

LENGTHS = [14, 22, 22, 17, 31, 26, 19, 24, 28, 16, 33, 21]
SETTINGS = TraceSettings(
    source_layers=[1],
    n_cells=10,
    feature_block=7,
    nonzero_min=4,
    n_controls=3,
    batch_tokens=100,
    n_flips=500,
    seed=3,
    least_explained=-99.0,  # these autoencoders have random weights
)


@pytest.fixture(scope="session")
def folders(tmp_path_factory) -> TraceFolders:
    return write_trace_folders(tmp_path_factory.mktemp("study"), lengths=LENGTHS)


@pytest.fixture(scope="session")
def traced(folders, tmp_path_factory) -> StepFolder:
    """Layer 1 of the tiny study, traced to layers 2 and 3 under ``SETTINGS``."""
    folder: Path = tmp_path_factory.mktemp("runs") / "trace-0123456789abcdef"
    do_step("trace", SETTINGS, folder, layer=1, **folders.reads)
    return StepFolder.open(folder)
