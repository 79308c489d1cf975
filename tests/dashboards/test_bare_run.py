"""Every page on a run that ended early: no labels of cells, no circuits."""

from pathlib import Path

import pytest

import warehouse
from dashboards.menu import MENU
from tests.builders.study_shards import make_study
from tests.builders.thinned import thinned
from tests.dashboards.conftest import Open


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a run that ended after describing, without labels."""
    home = tmp_path_factory.mktemp("bare")
    run, folders = make_study(home / "runs", n_features=12, layers=(0, 1), labelled=False)
    steps = ("cells", "model", "sae", "describe")
    warehouse.publish_run(home, run, [folder for folder in folders if folder.name.startswith(steps)])
    return home


@pytest.mark.parametrize("page", thinned([page.name for page in MENU], 2))
def test_pages_without_labels_or_circuits(
    bare: Path, monkeypatch: pytest.MonkeyPatch, open_page: Open, page: str
) -> None:
    monkeypatch.setenv("SCFM_HOME", str(bare))
    app = open_page(page)
    assert not app.exception
    assert not app.error
