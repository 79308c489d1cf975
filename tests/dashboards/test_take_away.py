"""What a panel shows can be taken away: its figures, and all rows behind it."""

import io
from pathlib import Path

import polars as pl
import pytest

from dashboards import behind, links, take_away
from dashboards.panels import circuits
from tests.dashboards.conftest import Open


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, object]]:
    """Files that a page offers: their names and what makes them; all menus are open."""
    files: list[tuple[str, object]] = []
    monkeypatch.setattr(take_away, "is_open", lambda menu: True)
    noted = take_away._buttons

    def note(text: str, own: dict[str, tuple[str, str, object]], key: str) -> None:
        files.extend((name, made) for name, _, made in own.values())
        noted(text, own, key)

    monkeypatch.setattr(take_away, "_buttons", note)
    return files


def test_a_panel_offers_its_figure_and_all_its_rows(
    home: Path, open_page: Open, opened: list[tuple[str, object]]
) -> None:
    app = open_page("gene", gene="CD79A")
    assert not app.exception
    run_id = app.session_state["run_id"]
    assert all(name.startswith(f"{run_id}_") for name, _ in opened)
    own = [one for one in opened if one[0].startswith(f"{run_id}_gene_")]  # the app opened on another page
    made = {name.rsplit(".", 1)[1]: make() for name, make in reversed(own)}
    assert made.keys() == {"svg", "png", "pdf", "csv", "parquet"}
    assert made["svg"].startswith(b"<?xml")
    assert made["csv"].count(b"\n") == pl.read_parquet(io.BytesIO(made["parquet"])).height + 1


def test_rows_that_a_table_leaves_out_are_taken_along(
    home: Path, open_page: Open, opened: list[tuple[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(circuits, "N_ROWS", 3)
    open_page("circuits")
    found = next(make for name, make in opened if name.endswith("_edges.parquet"))
    rows = pl.read_parquet(io.BytesIO(found()))
    assert rows.height == rows["n_matching"][0]


def test_lists_become_texts_in_csv(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(take_away, "all_rows", lambda query, values: pl.DataFrame({"a": [1], "genes": [["X", "Y"]]}))
    assert take_away.csv("any", {}) == b"a,genes\n1,X; Y\n"


def test_statement_and_link_are_written_once_they_are_asked_for(
    home: Path, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not open_page("gene", gene="CD79A").code
    for module in (behind, links):
        monkeypatch.setattr(module, "is_open", lambda part: True)
    statement, address = (part.value for part in open_page("gene", gene="CD79A").code)
    assert "gene=CD79A" in address
    assert "FROM" in statement
    assert "$run_id" not in statement


def test_nothing_is_made_before_the_menu_is_opened(home: Path, open_page: Open) -> None:
    app = open_page("gene", gene="CD79A")
    assert not app.get("download_button")
