"""The filter by a label of the cells: its choices against the tables, its state in the address."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

import warehouse
from tests.builders.dashboard_queries import WIDE, ask
from tests.dashboards.conftest import Open
from tests.dashboards.test_pages import texts

CALLED = "SELECT DISTINCT sae_id, feature FROM feature_cell_type WHERE coalesce(called, significant) AND cell_type = ?"
MARKED = "SELECT DISTINCT sae_id, feature FROM feature_label WHERE significant AND NOT conditional AND label = ?"


@pytest.fixture
def tissues(changed: Callable[[str], duckdb.DuckDBPyConnection]) -> duckdb.DuckDBPyConnection:
    """The published home, but for labels that are no cell types any more."""
    return changed("UPDATE stored.feature_label SET obs_column = 'tissue'")


def features(con: duckdb.DuckDBPyConnection, **asked: str | None) -> list[tuple[str, int]]:
    run = con.execute("SELECT run_id FROM run").fetchone()[0]
    found = ask(con, "feature_search", {**WIDE, "run_id": run, "sae_id": None, **asked}).pl()
    return sorted(found.select("sae_id", "feature").iter_rows())


def choices(con: duckdb.DuckDBPyConnection, sae_id: str | None = None) -> dict[tuple[str, str], int]:
    run = con.execute("SELECT run_id FROM run").fetchone()[0]
    rows = ask(con, "marked_labels", {"run_id": run, "sae_id": sae_id}).fetchall()
    assert [row[:2] for row in rows] == sorted(row[:2] for row in rows)
    return {(column, label): n for column, label, n in rows}


def test_every_choice_finds_as_many_features_as_it_says(tissues: duckdb.DuckDBPyConnection) -> None:
    found = choices(tissues)
    assert {column for column, _ in found} == {"cell type", "tissue"}
    for (column, label), n in found.items():
        own = tissues.execute(CALLED if column == "cell type" else MARKED, [label]).fetchall()
        assert features(tissues, marks_column=column, marks_label=label) == sorted(own)
        assert len(own) == n > 0
    saes = [sae for (sae,) in tissues.sql("SELECT sae_id FROM sae WHERE described").fetchall()]
    parts = [choices(tissues, sae) for sae in saes]
    assert {one: sum(part[one] for part in parts) for one in found} == found


def test_the_label_column_of_the_cells_is_asked_for_once(snapshot: duckdb.DuckDBPyConnection) -> None:
    assert snapshot.sql("SELECT DISTINCT obs_column FROM feature_label").fetchall() == [("cell_type",)]
    assert {column for column, _ in choices(snapshot)} == {"cell type"}


def test_the_address_names_the_label_and_the_box_writes_it(tissues: duckdb.DuckDBPyConnection, open_page: Open) -> None:
    n = len(tissues.execute(MARKED, ["B cell"]).fetchall())
    app = open_page("features", label="tissue: B cell")
    assert f"**{n}** features match" in texts(app)
    box = app.selectbox(key="label_choice")
    assert f"tissue: B cell ({n} features)" in box.options
    called = len(tissues.execute(CALLED, ["Platelet"]).fetchall())
    app = box.select("cell type: Platelet").run()
    assert app.query_params["label"] == "cell type: Platelet"
    assert f"**{called}** features match" in texts(app)
    assert "no label nothing" in texts(open_page("features", label="nothing"))


def test_an_atlas_is_filtered_by_what_it_says_is_significant(atlas_home: Path, open_page: Open) -> None:
    with warehouse.open_snapshot(atlas_home) as con:
        n = len(con.execute(CALLED, ["B cell"]).fetchall())
        assert choices(con)["cell type", "B cell"] == n > 0
    assert f"**{n}** features match" in texts(open_page("features", label="cell type: B cell"))
