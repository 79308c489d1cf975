"""A published synthetic study, and the app on it without a browser and in one."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest
from playwright import sync_api
from streamlit.testing.v1 import AppTest

import dashboards.panel
import warehouse
from tests.builders.atlas_runs import imported_atlas
from tests.builders.browser import PICTURES, SIZE, chromium, served
from tests.builders.study_shards import make_study
from tests.conftest import shared_folder
from tests.warehouse.shards import edit_table

APP = Path(__file__).parents[2] / "dashboards" / "app.py"
Open = Callable[..., AppTest]


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one labelled run, and one that was refused."""
    with shared_folder(tmp_path_factory, "dashboards-published") as folder:
        if not (home := folder / "home").exists():
            begun = folder / "begun"
            run, folders = make_study(begun / "runs")
            warehouse.publish_run(begun, run, folders)
            run, folders = make_study(begun / "runs", seed=1, n_features=12, layers=(0, 1))
            edit_table(folders, "cell", pl.col("n_counts") * -1)
            with pytest.raises(warehouse.FailedChecks):
                warehouse.publish_run(begun, run, folders)
            begun.rename(home)
        return home


@pytest.fixture(scope="session")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with an imported atlas whose layer 0 lacks annotations."""
    with shared_folder(tmp_path_factory, "dashboards-atlas") as folder:
        if not (home := folder / "home").exists():
            begun = folder / "begun"
            run, made = imported_atlas(begun)
            warehouse.publish_run(begun, run, [made])
            begun.rename(home)
        return home


@pytest.fixture(scope="session")
def shown(request: pytest.FixtureRequest) -> Path:
    """The home to show in a browser: a real one for pictures, else the synthetic one."""
    real = os.environ.get("SCFM_HOME")
    home: Path = Path(real) if PICTURES and real else request.getfixturevalue("published")
    return home


@pytest.fixture(scope="session")
def address(shown: Path) -> Iterator[str]:
    """A running dashboard that nobody writes to, one for the session: starting one takes 4 s."""
    with served(shown) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    """A browser without a window; it must not outlive its module, since it holds the process's event loop."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: sync_api.Browser) -> Iterator[sync_api.Page]:
    """A page in a visit of its own."""
    page = browser.new_page(viewport=SIZE)
    page.set_default_timeout(60_000)
    yield page
    page.close()


@pytest.fixture
def atlas_home(atlas: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The imported atlas, as the home that the dashboard reads."""
    monkeypatch.setenv("SCFM_HOME", str(atlas))
    return atlas


@pytest.fixture
def home(published: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The published home, as the one that the dashboard reads."""
    monkeypatch.setenv("SCFM_HOME", str(published))
    return published


def writable_copy(published: Path, home: Path) -> Path:
    """Copy a home; returns the copy's snapshot, which may be written."""
    shutil.copytree(published, home, symlinks=True, ignore=shutil.ignore_patterns(".opening-*"))  # of who reads it now
    path = warehouse.snapshot_path(home).resolve()
    path.chmod(0o644)
    return path


@pytest.fixture
def changed(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], duckdb.DuckDBPyConnection]:
    """``changed(sql)``: what the dashboard reads is a copy of the published home, with its stored tables changed."""

    def change(sql: str) -> duckdb.DuckDBPyConnection:
        home = tmp_path / "home"
        with duckdb.connect(str(writable_copy(published, home))) as con:
            con.execute(sql)
        monkeypatch.setenv("SCFM_HOME", str(home))
        return warehouse.open_snapshot(home)

    return change


@pytest.fixture
def snapshot(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables themselves, for expected numbers."""
    with warehouse.open_snapshot(home) as con:
        yield con


@pytest.fixture(autouse=True)
def every_tab(monkeypatch: pytest.MonkeyPatch) -> None:
    """All tabs of a page are drawn at once, as if somebody had opened one after the other."""
    monkeypatch.setattr(dashboards.panel, "is_drawn", lambda tab: True)


@pytest.fixture
def open_page() -> Open:
    """``open_page("circuits", sae=…)``: the app on a page, with parameters in the address."""

    def opened(page: str, **query: str) -> AppTest:
        app = AppTest.from_file(str(APP), default_timeout=60).run()
        for name, value in query.items():
            app.query_params[name] = value
        return app.switch_page(f"pages/{page}.py").run()

    return opened


def sae_of(con: duckdb.DuckDBPyConnection, layer: int) -> str:
    """The autoencoder of a layer."""
    row = con.execute("SELECT sae_id FROM sae WHERE layer = ? AND described", [layer]).fetchone()
    assert row is not None
    return str(row[0])
