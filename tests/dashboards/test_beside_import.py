"""Figures of a run made here beside those of an imported atlas, which is counted when a reader chooses it."""

import shutil
from pathlib import Path

import polars as pl
import pytest

import warehouse
from tests.builders.atlas_runs import imported_atlas
from tests.builders.dashboard_queries import ask
from tests.dashboards.conftest import Open
from tests.dashboards.test_pages import texts
from tests.dashboards.test_queries import assert_documented

PANEL, IMPORTED = "Imported run", "imported-geneformer"


@pytest.fixture
def both(published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few_checks: None) -> Path:
    """A home with a run made here and, older, an imported atlas."""
    home = Path(shutil.copytree(published, tmp_path / "home", ignore=shutil.ignore_patterns(".opening-*")))
    run, folder = imported_atlas(home)
    warehouse.publish_run(home, run, [folder])
    monkeypatch.setenv("SCFM_HOME", str(home))
    return home


def test_figures_stand_beside_those_of_the_chosen_import(both: Path, open_page: Open) -> None:
    app = open_page("runs")
    assert not any("in_import" in frame.value.columns for frame in app.dataframe)
    app = next(box for box in app.selectbox if box.label == PANEL).select_index(0).run()
    assert not app.exception
    shown = next(frame.value for frame in app.dataframe if "in_import" in frame.value.columns)
    with warehouse.open_snapshot(both) as con:
        runs = {
            "run_id": con.sql("SELECT run_id FROM run WHERE NOT imported").fetchall()[0][0],
            "imported_run": IMPORTED,
        }
        assert_documented("figure_comparison", ask(con, "figure_comparison", runs).pl())
        wanted = con.sql("SELECT quantity, item, imported FROM figure_comparison").pl()
    whole = wanted.filter(item="all")
    assert dict(zip(shown["quantity"], shown["in_import"], strict=True)) == dict(
        whole.select("quantity", "imported").iter_rows()
    )
    app = next(box for box in app.selectbox if box.label == "Of").select("everything").run()
    every = next(frame.value for frame in app.dataframe if "in_import" in frame.value.columns)
    assert set(zip(every["quantity"], every["item"], strict=True)) == set(wanted.select("quantity", "item").iter_rows())
    assert len(every) == wanted.select(pl.struct("quantity", "item").n_unique()).item()


def test_without_an_import_it_says_how_to_get_one(home: Path, open_page: Open) -> None:
    app = open_page("runs")
    assert PANEL not in [box.label for box in app.selectbox]
    assert "scfm import-atlas" in texts(app)
