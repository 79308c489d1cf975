"""``scfm import-atlas``: from files to a published run, and what it refuses."""

import json
import shutil
from pathlib import Path

import pytest

import warehouse
from tests.builders.atlas_files import make_atlas
from tests.builders.browser import CHROMIUM, chromium
from tests.builders.static_site import served_files
from tests.builders.steering_deposit import write_deposit
from tests.flows.test_cli import last_line
from tests.shared import shared_path
from warehouse.export.site import publish_site


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    return make_atlas(tmp_path_factory.mktemp("scgpt") / "data", "scgpt", without=("layer_00_annotations.json",))


@pytest.fixture(scope="module")
def imported(source, scfm, tmp_path_factory):
    """A home with the tiny atlas imported, and what the command said."""
    home = tmp_path_factory.mktemp("imported") / "home"
    finished = scfm(home, "import-atlas", str(source))
    assert finished.status == 0, finished.err
    return home, finished


def test_an_atlas_becomes_an_imported_run(imported, source):
    home, finished = imported
    assert "layer_00_annotations.json: no such file" in finished.out
    assert "nothing to compare" in finished.out
    with warehouse.open_snapshot(home) as con:
        about, imported_flag, seed = con.sql("SELECT study_json, imported, seed FROM run").fetchall()[0]
        assert (imported_flag, seed) == (True, None)
        assert con.sql("SELECT count(*) FROM feature").fetchall() == [(120,)]
        assert con.sql("SELECT count(*) FROM quality_result WHERE NOT success").fetchall() == [(0,)]
    files = json.loads(about)["files"]
    assert set(files) == {path.name for path in source.glob("*.json")}
    assert str(source.parent) not in about


def test_importing_again_changes_nothing(imported, source, scfm):
    home, _ = imported
    before = warehouse.snapshot_path(home).stat().st_mtime_ns
    finished = scfm(home, "import-atlas", str(source))
    assert finished.status == 0, finished.err
    assert "nothing to do" in finished.out
    assert warehouse.snapshot_path(home).stat().st_mtime_ns == before


@pytest.mark.slow
def test_checks_pass_on_an_imported_run(imported, scfm):
    finished = scfm(imported[0], "check")
    assert finished.status == 0, finished.out


def test_what_is_no_atlas_publishes_nothing(tmp_path, scfm):
    home = tmp_path / "home"
    for words, message in (
        (str(tmp_path), "is no published atlas"),
        (str(tmp_path / "nowhere"), "no directory at"),
        ("http://127.0.0.1:9/data", "could not be fetched"),
    ):
        finished = scfm(home, "import-atlas", words)
        assert finished.status == (1 if words.startswith("http") else 2)
        assert message in last_line(finished)
    assert not warehouse.snapshot_path(home).exists()


@pytest.mark.parametrize("damage", ["truncated", pytest.param("repeated", marks=pytest.mark.slow)])
def test_a_damaged_file_publishes_nothing(source, tmp_path, scfm, damage):
    files = tmp_path / "files"
    shutil.copytree(source, files)
    path = files / "layer_01_features.json"
    if damage == "truncated":
        path.write_bytes(path.read_bytes()[:-9])
    else:
        rows = json.loads(path.read_text())
        path.write_text(json.dumps([*rows[:-1], rows[-2]]))
    finished = scfm(tmp_path / "home", "import-atlas", str(files))
    assert finished.status == 2
    assert "layer_01_features.json" in last_line(finished)
    assert not warehouse.snapshot_path(tmp_path / "home").exists()


@pytest.fixture(scope="module")
def geneformer(scfm, tmp_path_factory):
    """A home with the whole published atlas of Geneformer. Read only."""
    home = tmp_path_factory.mktemp("geneformer") / "home"
    finished = scfm(home, "import-atlas", str(shared_path("published/geneformer_atlas")))
    assert finished.status == 0, finished.err
    return home


@pytest.mark.slow
def test_the_published_geneformer_atlas_agrees_with_what_was_published(geneformer):
    with warehouse.open_snapshot(geneformer) as con:
        states = dict(con.sql("SELECT state, count(*) FROM parity GROUP BY state").fetchall())
        living, annotated = con.sql(
            "SELECT count(*) FILTER (alive), count(*) FILTER (published_annotations > 0) FROM feature"
        ).fetchall()[0]
    assert (living, annotated) == (82_525, 43_268)
    assert set(states) == {"agrees", "not in atlas files"}
    assert states["agrees"] == 629


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="apt-get install chromium")
def test_a_site_of_the_whole_atlas_is_searched_in_a_browser(geneformer, tmp_path):
    report = publish_site(tmp_path / "site", geneformer)
    assert (report.n_features, report.n_modules) == (82_944, 141)
    with served_files(tmp_path / "site") as address, chromium() as browser:
        page = browser.new_page()
        page.goto(f"{address}/")
        page.locator("#find").fill("DNA replication")
        page.locator("#found [data-kind=feature] a").first.click()
        page.locator("main h1", has_text="DNA Replication").wait_for()
        page.go_back()
        page.locator("main h1", has_text="Geneformer").wait_for()


@pytest.mark.slow
def test_deposited_steering_becomes_an_imported_run(scfm, tmp_path):
    """80 files as the specification prints them: as many rows as it counts, all checks passed."""
    home, source = tmp_path / "home", write_deposit(tmp_path / "P2_steering")
    finished = scfm(home, "import-atlas", str(source))
    assert finished.status == 0, finished.err
    assert "model not named" in finished.out
    with warehouse.open_snapshot(home) as con:
        assert con.sql("SELECT count(*) FROM steering_summary").fetchall() == [(1536,)]
        assert con.sql("SELECT imported, code_version FROM run").fetchall() == [(True, '{"deposit": 2}')]
        assert con.sql("SELECT count(*) FROM quality_result WHERE NOT success").fetchall() == [(0,)]
    path = source / "features" / "L0_F25.json"
    path.write_text(path.read_text().replace('"kind": "ON"', '"kind": "OFF"'))
    refused = scfm(tmp_path / "other", "import-atlas", str(source))
    assert refused.status == 2
    assert "L0_F25.json is not as the deposit of a steering study writes it: kind OFF" in last_line(refused)
