"""Every page on an imported atlas, whose panels stand where their topic is."""

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
    assert "a density, untested" in texts(app)
    assert [one.value for one in app.subheader] == [
        "Genes", "Gene sets", "Cell types", "Strongest activations", "Links across layers", "Gene networks",
    ]  # fmt: skip
    assert any("odds_ratio" in frame.value.columns for frame in app.dataframe)


@pytest.mark.parametrize(("sae", "feature"), [(LAST, "0"), (LAST, "1"), (LAST, "3"), ("L00-published40", "4")])
def test_feature_without_some_evidence_is_shown(atlas_home: Path, open_page: Open, sae: str, feature: str) -> None:
    app = open_page("feature", sae=sae, feature=feature)
    assert not app.exception
    assert not app.error


TABS = {
    "features": ["Table", "Map", "Heat map", "Modules", "Without annotation"],
    "across": ["Links between layers", "Flow", "Persistence", "Lifecycle", "Against PCA"],
    "interventions": ["Causal patching", "Perturbation response"],
    "runs": ["Runs", "Steps", "Timings", "Ledger", "Quality", "Refused", "Parity", "Imported files"],
    "circuits": [],
}


@pytest.mark.parametrize("page", TABS)
def test_panels_of_an_atlas_stand_where_their_topic_is(atlas_home: Path, open_page: Open, page: str) -> None:
    assert [tab.label for tab in open_page(page).tabs] == TABS[page]


def test_parity_counts_what_agrees(atlas_home: Path, open_page: Open) -> None:
    assert metric(open_page("runs"), "Agrees") == "6"


def test_tables_without_a_picture_are_shown_by_default(atlas_home: Path, open_page: Open) -> None:
    app = open_page("tables")
    assert [tab.label for tab in app.tabs] == ["Cell type", "Cell type summary", "Gene", "Gene index", "Ontology index"]
    assert all(len(frame.value) for frame in app.dataframe)


def test_perturbed_gene_can_be_chosen(atlas_home: Path, open_page: Open) -> None:
    app = open_page("interventions")
    box = next(box for box in app.selectbox if box.label == "Gene switched off")
    app = box.select("WDR4").run()
    assert "No feature answered" in texts(app)


def test_parity_can_be_narrowed(atlas_home: Path, open_page: Open) -> None:
    app = open_page("runs")
    app = next(box for box in app.selectbox if box.label == "State").select("file missing").run()
    shown = next(frame.value for frame in app.dataframe if "tolerance" in frame.value.columns)
    assert set(shown["quantity"]) == {"twenty_gene_rows"}


def test_search_finds_by_published_cell_type(atlas_home: Path, open_page: Open) -> None:
    app = open_page("features")
    app = next(box for box in app.selectbox if box.label == "Cell type").select("B cell").run()
    assert "**111** features match" in texts(app)


def test_an_atlas_of_few_files_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_page: Open, few_checks: None
) -> None:
    run, folder = imported_atlas(tmp_path, "scgpt", without=("modules.json", "layer_01_celltypes.json"))
    warehouse.publish_run(tmp_path, run, [folder])
    monkeypatch.setenv("SCFM_HOME", str(tmp_path))
    said = ""
    for page in ("features", "across", "interventions"):
        app = open_page(page)
        assert not app.exception
        said += next(text.value for text in app.caption if text.value.startswith("Not in the published files: "))
    missing = ("module", "novel\\_summary", "persistence", "lifecycle", "svd\\_layer", "perturbation\\_target")
    assert [table for table in missing if f"({table})" not in said] == []
    assert "causal" not in said
    assert not open_page("feature", sae="L01-published40", feature="5").exception
