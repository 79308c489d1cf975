"""A synthetic study's step folders, made once; a home with it published; a staging file with its rows."""

import shutil
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest

from tests.builders.atlas_runs import imported_atlas
from tests.builders.study_shards import make_study
from warehouse import publish_run
from warehouse.audit import audit
from warehouse.handed_in import HandedIn
from warehouse.load import load
from warehouse.manifest import read_manifest
from warehouse.publish import write_run
from warehouse.schema import bring_up_to_date

FEW = ("run", "cell", "sae", "feature", "feature_degree")


class Study(NamedTuple):
    run: dict[str, Any]
    folders: list[Path]


def small_study(root: Path, seed: int = 0) -> Study:
    return Study(*make_study(root, seed, n_features=24, layers=(0, 1)))


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> Study:
    """Read only: tests that alter shards take ``study``."""
    return small_study(tmp_path_factory.mktemp("made") / "runs")


@pytest.fixture
def study(made, tmp_path) -> Study:
    """A copy whose shards may be altered."""
    folders = [Path(shutil.copytree(folder, tmp_path / "runs" / folder.name)) for folder in made.folders]
    return Study(dict(made.run), folders)


@pytest.fixture(scope="session")
def published(made, tmp_path_factory) -> Path:
    """A home with the study published. Read only."""
    home = tmp_path_factory.mktemp("published")
    publish_run(home, made.run, made.folders)
    return home


@pytest.fixture
def few_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Publications ask of a few tables alone, in tests to which it is all the same which."""
    monkeypatch.setattr("warehouse.audit.audit", lambda path, _, *others: audit(path, FEW, *others))


@pytest.fixture
def home(published, tmp_path) -> Path:
    """A copy of the published home that may be altered."""
    return Path(shutil.copytree(published, tmp_path / "home"))


@pytest.fixture(scope="session")
def atlas(tmp_path_factory) -> Study:
    """An imported atlas whose layer 0 lacks annotations. Read only."""
    run, folder = imported_atlas(tmp_path_factory.mktemp("atlas"))
    return Study(run, [folder])


@pytest.fixture(scope="session")
def staged(made, atlas, tmp_path_factory) -> Path:
    """A staging file with the study's good rows and, behind them, those of an imported atlas. Read only."""
    path = tmp_path_factory.mktemp("staged") / "good.duckdb"
    with duckdb.connect(str(path)) as con:
        bring_up_to_date(con)
        for study in (made, atlas):
            manifests = [read_manifest(folder) for folder in study.folders]
            analysis = {"step": "trace", "title": "effects", "tables": "edge_stat", "made": True, "how": "[trace]"}
            write_run(con, HandedIn(study.run, manifests, [analysis]), manifests)
            load(con, manifests, lambda _table: None)
    return path
