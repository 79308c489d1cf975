"""Every page on an imported atlas, and the page that only such a run fills."""

from pathlib import Path

import pytest

import warehouse
from tests.builders.atlas_runs import imported_atlas
from tests.dashboards.conftest import Open
from tests.dashboards.test_pages import PAGES, metric, texts

LAST = "L02-published40"


@pytest.mark.parametrize("page", PAGES)
def test_page_shows_an_imported_run(atlas_home: Path, open_page: Open, page: str) -> None:
    app = open_page(page)
    assert not app.exception
    assert not app.error


def test_overview_says_what_was_published_and_what_was_not(atlas_home: Path, open_page: Open) -> None:
    app = open_page("overview")
    assert metric(app, "Living features") == "117"
    assert metric(app, "Cells") == "–"
    assert "published (not re-validated)" in texts(app)
    assert "Loss recovered is not in the published files" in texts(app)


def test_feature_shows_its_published_evidence(atlas_home: Path, open_page: Open) -> None:
    app = open_page("feature", sae=LAST, feature="8")
    assert not app.exception
    assert metric(app, "Largest") == "–"
    assert "Evidence: published (not re-validated)" in texts(app)
    assert "a density, no p-value" in texts(app)
    assert any("odds_ratio" in frame.value.columns for frame in app.dataframe)


@pytest.mark.parametrize(("sae", "feature"), [(LAST, "0"), (LAST, "1"), (LAST, "3"), ("L00-published40", "4")])
def test_feature_without_some_evidence_is_shown(atlas_home: Path, open_page: Open, sae: str, feature: str) -> None:
    app = open_page("feature", sae=sae, feature=feature)
    assert not app.exception
    assert not app.error


def test_atlas_page_has_every_panel(atlas_home: Path, open_page: Open) -> None:
    app = open_page("atlas")
    assert [tab.label for tab in app.tabs][:2] == ["Modules", "Cross-layer flow"]
    assert len(app.tabs) == 9
    assert "not in the published files" not in texts(app)
    assert metric(app, "Agrees") == "6"


def test_perturbed_gene_can_be_chosen(atlas_home: Path, open_page: Open) -> None:
    app = open_page("atlas")
    box = next(box for box in app.selectbox if box.label == "Gene switched off")
    app = box.select("WDR4").run()
    assert "No feature answered" in texts(app)


def test_parity_can_be_narrowed(atlas_home: Path, open_page: Open) -> None:
    app = open_page("atlas")
    app = next(box for box in app.selectbox if box.label == "State").select("file missing").run()
    shown = next(frame.value for frame in app.dataframe if "tolerance" in frame.value.columns)
    assert set(shown["quantity"]) == {"twenty_gene_rows"}


def test_search_finds_by_published_cell_type(atlas_home: Path, open_page: Open) -> None:
    app = open_page("features")
    app = next(box for box in app.selectbox if box.label == "Cell type").select("B cell").run()
    assert "**111** features match" in texts(app)


def test_atlas_page_of_an_own_run_says_what_to_do(home: Path, open_page: Open) -> None:
    assert "scfm import-atlas" in texts(open_page("atlas"))


def test_an_atlas_of_few_files_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_page: Open) -> None:
    run, folder = imported_atlas(tmp_path, "scgpt", without=("modules.json", "layer_01_celltypes.json"))
    warehouse.publish_run(tmp_path, run, [folder])
    monkeypatch.setenv("SCFM_HOME", str(tmp_path))
    app = open_page("atlas")
    assert not app.exception
    assert (
        texts(app).count("not in the published files") == 5
    )  # modules, persistence, perturbations, novel clusters, SVD
    assert not open_page("feature", sae="L01-published40", feature="5").exception
