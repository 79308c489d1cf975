"""Panels: there if their tables have rows, a default one for tables without, and a line about what was not made."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import duckdb
import pytest

import warehouse
from dashboards.menu import MENU
from dashboards.pages.tables import without_panel
from tests.builders.study_shards import make_study
from tests.dashboards.conftest import Open, writable_copy
from tests.dashboards.test_pages import texts
from warehouse.contracts.contract import contracts

ANALYSES = """
INSERT INTO stored.run_analysis
SELECT run.run_id, listed.*
FROM run, (VALUES
    ('modules', 'group features that fire together', 'module,module_feature, module_label', false,
     'set modules.wanted = true in the study'),
    ('svd', 'compare with *singular* vectors', 'svd_summary', false, 'set svd.wanted = true in the study'),
    ('cells', 'choose cells', 'cell,gene', true, ''),
    ('probe', 'fit probes', 'gene_index', false, 'set probe.wanted = true in the study')
) AS listed (step, title, tables, made, how);
"""
PANELS = [panel for page in MENU for panel in page.panels]


def knowing_analyses(published: Path, home: Path) -> Path:
    """A copy of the published home in whose snapshot analyses are listed."""
    with duckdb.connect(str(writable_copy(published, home))) as con:
        con.execute(ANALYSES)
    return home


@pytest.fixture
def with_analyses(published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The published home, in which it is known which analyses were made."""
    home = knowing_analyses(published, tmp_path / "home")
    monkeypatch.setenv("SCFM_HOME", str(home))
    return home


def test_panels_name_tables_that_exist() -> None:
    named = {table for panel in PANELS for table in panel.shown}
    assert named <= contracts().keys()
    assert named.isdisjoint(without_panel())
    assert named | set(without_panel()) == contracts().keys()


@pytest.mark.slow
def test_own_runs_have_panels_for_what_they_hold_and_no_others(home: Path, open_page: Open) -> None:
    tabs = {page.name: [tab.label for tab in open_page(page.name).tabs] for page in MENU}
    assert tabs["features"] == ["Table", "Map", "Heat map", "Modules", "Without annotation"]
    assert tabs["across"] == ["Links between layers", "Flow", "Persistence", "Lifecycle", "Against PCA"]
    shown = ["Combinations", "Do sets add up?", "Causal patching", "Cost by layer", "Named interventions"]
    shown += ["Try a feature"]
    assert tabs["interventions"] == shown
    runs = ["Runs", "Steps", "Timings", "Ledger", "Quality", "Refused", "Validation", "References", "Beside an import"]
    assert tabs["runs"] == runs


def test_every_table_with_rows_is_on_some_page(home: Path, open_page: Open) -> None:
    """On the page More tables exactly those that no panel of another page claims."""
    with warehouse.open_snapshot(home) as con:
        rows = {table: con.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in contracts()}
    left = [table for table in without_panel() if rows[table]]
    described = ["cell_type", "cell_type_summary", "gene", "gene_index", "label_summary", "null_draw"]
    assert left == [*described, "ontology_index"]
    app = open_page("tables")
    assert [tab.label for tab in app.tabs] == [table.replace("_", " ").capitalize() for table in left]
    assert [len(frame.value) for frame in app.dataframe] == [min(rows[table], 1_000) for table in left]
    assert contracts()["gene"].meaning in texts(app).replace("\\", "")


def test_default_panel_says_how_many_rows_it_leaves_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_page: Open, few_checks: None
) -> None:
    run, folders = make_study(tmp_path / "runs", n_features=12, layers=(0, 1), n_genes=1_200)
    warehouse.publish_run(tmp_path, run, folders)
    monkeypatch.setenv("SCFM_HOME", str(tmp_path))
    app = open_page("tables")
    assert not app.exception
    shown = next(frame.value for frame in app.dataframe if "gene_id" in frame.value)
    assert len(shown) == 1_000
    assert shown["gene_id"].is_monotonic_increasing
    assert "first 1,000 of 1,200 rows of table gene." in texts(app).replace("\\", "")


def test_columns_carry_the_contracts_meaning(home: Path, open_page: Open) -> None:
    columns = next(frame.proto.columns for frame in open_page("tables").dataframe if "gene_id" in frame.value)
    meaning = next(column.meaning for column in contracts()["gene"].columns if column.name == "mean_count")
    assert meaning in columns.replace("\\", "")


def test_line_names_analyses_that_were_not_made_and_how_to_make_them(with_analyses: Path, open_page: Open) -> None:
    line = caption(open_page)("features")
    assert line == ("Not made in this run: group features that fire together (set modules.wanted = true in the study).")
    assert "*singular* vectors (set svd.wanted = true in the study)" in caption(open_page)("across")
    assert "fit probes" in caption(open_page)("tables")
    assert "choose cells" not in caption(open_page)("overview")


def caption(open_page: Open) -> Callable[[str], str]:
    """The line about analyses on a page, its escapes taken out; empty if there is none."""

    @cache
    def line(page: str) -> str:
        app = open_page(page)
        assert not app.exception
        found = [text.value for text in app.caption if text.value.startswith("Not made")]
        return found[0].replace("\\", "") if found else ""

    return line


def test_text_of_analyses_is_text(with_analyses: Path, open_page: Open) -> None:
    lines = [text.value for text in open_page("across").caption]
    assert any(r"\*singular\*" in line for line in lines)


def test_without_the_table_there_is_no_line(home: Path, open_page: Open) -> None:
    assert "Not made" not in texts(open_page("features"))


def test_tables_stand_under_the_title_of_their_analysis(
    atlas: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    monkeypatch.setenv("SCFM_HOME", str(knowing_analyses(atlas, tmp_path / "home")))
    app = open_page("tables")
    assert not app.exception
    assert [one.value for one in app.subheader] == ["Other tables", "Choose cells", "Fit probes"]


@pytest.mark.slow
def test_panel_without_rows_is_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_page: Open, few_checks: None
) -> None:
    run, folders = make_study(tmp_path / "runs", n_features=12, layers=(0, 1))
    kept = [folder for folder in folders if folder.name.startswith(("cells", "model", "sae", "describe"))]
    warehouse.publish_run(tmp_path, run, kept)
    monkeypatch.setenv("SCFM_HOME", str(tmp_path))
    app = open_page("overview")
    assert not app.exception
    shown = [one.value for one in app.subheader]
    assert {"Cells", "Annotation, real against random"} <= set(shown)
    assert "Edges between layers" not in shown
