"""The page Can I claim this?, on a run made here and on an import, and where imported numbers stand."""

from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

import warehouse
from dashboards.standing import QUANTITIES
from tasks.atlas.known import standings
from tests.dashboards.conftest import Open
from tests.dashboards.test_pages import metric, texts
from warehouse.claims.item import items
from warehouse.contracts.contract import contracts

STATES = ("supported", "not supported", "cannot be told")


def table_with(app: AppTest, column: str) -> pl.DataFrame:
    """The first table on the page that has the column."""
    return next(pl.from_pandas(frame.value) for frame in app.dataframe if column in frame.value.columns)


def test_answers_are_those_of_the_audit(home: Path, open_page: Open) -> None:
    app = open_page("claims")
    verdicts = pl.from_arrow(warehouse.audit_run(home).verdicts)
    assert isinstance(verdicts, pl.DataFrame)
    for state in STATES:
        assert metric(app, state.capitalize()) == str(verdicts.filter(pl.col("verdict") == state).height)
    shown = texts(app)
    for row in verdicts.iter_rows(named=True):
        assert row["kind"] in {title.value for title in app.subheader}
        assert row["next"] is None or row["next"] in shown


def test_answers_can_be_narrowed(home: Path, open_page: Open) -> None:
    app = open_page("claims")
    before = texts(app).count("Claim:")
    narrowed = app.segmented_control[0].set_value("not supported").run()
    assert not narrowed.exception
    assert 0 < texts(narrowed).count("Claim:") < before


def test_numbers_are_those_of_the_chosen_question(home: Path, open_page: Open) -> None:
    app = open_page("claims")
    app = next(box for box in app.selectbox if box.label == "Question").select("zero_edit").run()
    found = table_with(app, "decides")
    with warehouse.open_snapshot(home) as con:
        expected = con.sql("SELECT part FROM claim_gate WHERE item = 'zero_edit' ORDER BY part").fetchall()
    assert found["part"].to_list() == [part for (part,) in expected]


def test_levels_stand_with_validation_and_enrichments(home: Path, open_page: Open) -> None:
    app = open_page("claims")
    assert set(table_with(app, "check_name")["level"]) <= {"agreement", "intervention-consistent", "mechanism"}
    assert set(table_with(app, "n_significant")["level"]) <= {"decoding", "agreement"}
    assert "Level of claim:" in texts(open_page("runs"))


def test_an_import_says_what_its_files_cannot_tell_and_where_numbers_stand(atlas_home: Path, open_page: Open) -> None:
    app = open_page("claims")
    shown = texts(app)
    assert "since the published files hold nothing of it" in shown
    assert "Claim:" in shown
    assert int(metric(app, "Cannot be told")) > len(items()) / 2
    assert set(table_with(app, "standing")["standing"].drop_nulls()) <= {
        "stands",
        "confounded",
        "untestable",
        "not_rerun",
    }


@pytest.mark.parametrize("page", ["overview", "features"])
def test_standing_is_said_beside_imported_numbers(atlas_home: Path, open_page: Open, page: str) -> None:
    app = open_page(page)
    assert not app.exception
    assert "Standing of the published numbers: **stands** (living features)" in texts(app)


def test_runs_made_here_have_no_standing(home: Path, open_page: Open) -> None:
    assert "Standing of the published numbers" not in texts(open_page("overview"))


def test_standings_are_of_tables_and_quantities_that_exist() -> None:
    assert set(QUANTITIES) <= set(contracts())
    assert {quantity for named in QUANTITIES.values() for quantity in named} <= set(standings())
