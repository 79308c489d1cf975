"""The address holds what a page shows: run, filters, tab, text; what it names and is not there is said."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

import dashboards.links
import dashboards.panel
from tests.dashboards.conftest import Open, sae_of
from tests.dashboards.test_pages import metric, texts

SECOND_RUN = """
INSERT INTO stored.run
SELECT * REPLACE ('second' AS run_id, 'another' AS study, finished + INTERVAL 1 DAY AS finished) FROM stored.run;
INSERT INTO stored.run_step SELECT * REPLACE ('second' AS run_id) FROM stored.run_step;
"""  # of the same steps


@pytest.fixture
def two_runs(changed: Callable[[str], duckdb.DuckDBPyConnection]) -> duckdb.DuckDBPyConnection:
    """The published home with a second, newer run."""
    return changed(SECOND_RUN)


def test_every_page_names_its_run_and_keeps_the_chosen_one(
    two_runs: duckdb.DuckDBPyConnection, open_page: Open
) -> None:
    (first,) = two_runs.sql("SELECT run_id FROM run WHERE run_id <> 'second'").fetchone()
    app = open_page("overview")
    assert app.query_params["run"] == "second"
    app = app.sidebar.selectbox(key="run_id").select(first).run()
    assert app.query_params["run"] == first
    app.query_params.clear()  # as a link of the menu does
    app = app.switch_page("pages/gene.py").run()
    assert app.query_params["run"] == first
    app.query_params["run"] = "second"  # a followed link
    assert app.run().sidebar.selectbox(key="run_id").value == "second"


def test_an_unknown_run_is_said_and_no_other_run_is_shown(home: Path, open_page: Open) -> None:
    app = open_page("features", run="nope*", search="CD79A")
    assert [title.value for title in app.title] == ["This run is not here"]
    assert "the run nope\\*, which this warehouse does not hold" in app.warning[0].value
    assert not app.dataframe
    assert app.query_params["run"] == "nope*"
    box = app.sidebar.selectbox(key="run_id")
    assert box.value is None
    (run,) = duckdb_runs(home)
    app = box.select(run).run()
    assert app.title[0].value == "Features"
    assert app.query_params["run"] == run
    assert app.text_input(key="search").value == "CD79A"


def duckdb_runs(home: Path) -> list[str]:
    import warehouse

    with warehouse.open_snapshot(home) as con:
        return [run for (run,) in con.sql("SELECT run_id FROM run").fetchall()]


def test_filters_stand_in_the_address_and_come_back_from_it(home: Path, open_page: Open) -> None:
    app = open_page("features")
    assert set(app.query_params) == {"run"}
    app.text_input(key="search").input("CD79A")
    app.selectbox(key="features.tier").select("normal")
    app.toggle(key="features.alive").set_value(False)
    app.number_input(key="features.frequency").set_value(0.001)
    app = app.selectbox(key="features.sort").select("outgoing edges").run()
    asked = dict(app.query_params)
    kept = {"search": "CD79A", "tier": "normal", "alive": "no", "frequency": "0.001", "sort": "outgoing edges"}
    assert asked == kept | {"run": asked["run"]}
    there = open_page("features", **asked)
    assert texts(there) == texts(app)
    assert there.selectbox(key="features.sort").value == "outgoing edges"
    app.query_params.clear()
    app.query_params["run"] = asked["run"]  # back in the browser's history
    app = app.run()
    assert (app.text_input(key="search").value, app.selectbox(key="features.tier").value) == ("", "any")


def test_a_page_reached_by_the_menu_shows_what_it_showed_last(home: Path, open_page: Open) -> None:
    app = open_page("features", search="LYZ", sort="outgoing edges")
    app.query_params.clear()
    app = app.switch_page("pages/gene.py").run()
    app.query_params.clear()
    app = app.switch_page("pages/features.py").run()
    assert app.text_input(key="search").value == "LYZ"
    assert app.query_params["sort"] == "outgoing edges"


@pytest.mark.parametrize(
    ("parameter", "word"),
    [("tier", "<b>x</b>"), ("frequency", "2"), ("frequency", "many"), ("alive", "perhaps"), ("tab", "None")],
)
def test_a_word_that_no_box_knows_is_said(home: Path, open_page: Open, parameter: str, word: str) -> None:
    app = open_page("features", **{parameter: word})
    assert not app.exception
    assert app.warning[0].value.startswith(f"This run has no {parameter} ")
    assert "<b>" not in app.warning[0].value
    assert parameter not in app.query_params


def test_only_the_open_tab_is_drawn_and_the_address_names_it(
    home: Path, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dashboards.panel, "is_drawn", lambda tab: bool(tab.open))
    app = open_page("features")
    assert [tab.label for tab in app.tabs if tab.children] == ["Table"]
    assert "tab" not in app.query_params
    app = open_page("features", tab="Map", matching="yes", colour="tier")
    assert [tab.label for tab in app.tabs if tab.children] == ["Map"]
    assert app.selectbox(key="features.colour").value == "tier"
    assert app.query_params["tab"] == "Map"


def test_a_feature_of_another_run_is_said(home: Path, open_page: Open, snapshot: duckdb.DuckDBPyConnection) -> None:
    app = open_page("feature", sae="L02-published40", feature="8")
    assert "No autoencoder L02\\-published40 in this run" in app.warning[0].value
    assert not app.title[0].value.endswith("_F8")
    assert app.query_params["sae"] in {sae_of(snapshot, layer) for layer in (0, 1, 2)}
    assert app.query_params["feature"] == str(app.number_input(key="feature_number").value)


def test_the_link_to_copy_is_the_address(home: Path, open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dashboards.links, "is_open", lambda menu: True)
    app = open_page("features", search="CD79A")
    (link,) = [code.value for code in app.sidebar.code]
    assert link.partition("?")[2] == f"run={app.query_params['run']}&search=CD79A"
    assert metric(open_page("overview"), "Cells") == "144"


def bring(app: AppTest, address: dict[str, str]) -> None:
    """Let the next message of the browser bring this address."""
    app.query_params.clear()
    for parameter, word in address.items():
        app.query_params[parameter] = word


def test_a_click_that_brings_the_address_before_takes_nothing_back(home: Path, open_page: Open) -> None:
    app = open_page("features")
    before = dict(app.query_params)
    app = app.selectbox(key="features.tier").select("normal").run()
    bring(app, before)  # the browser has not got the new address yet
    app = app.selectbox(key="features.sort").select("outgoing edges").run()
    assert dict(app.query_params) == before | {"tier": "normal", "sort": "outgoing edges"}
    bring(app, before | {"tier": "normal"})
    assert app.run().selectbox(key="features.sort").value != "outgoing edges"  # a step back, without a click


def test_a_statement_sent_twice_is_not_taken_back(home: Path, open_page: Open) -> None:
    app = open_page("sql")
    before = dict(app.query_params)
    app.text_area(key="sql").input("SELECT * FROM read_text('/etc/passwd')")
    app = app.button[0].click().run()
    bring(app, before)
    app = app.button[0].click().run()
    assert app.error[0].value.startswith("query refused")
    assert app.text_area(key="sql").value == "SELECT * FROM read_text('/etc/passwd')"


def test_a_click_while_a_step_back_is_drawn_stays_there(home: Path, open_page: Open) -> None:
    app = open_page("features")
    before = dict(app.query_params)
    app = app.selectbox(key="features.tier").select("normal").run()
    bring(app, before)
    app = app.run()
    app = app.selectbox(key="features.sort").select("outgoing edges").run()
    assert dict(app.query_params) == before | {"sort": "outgoing edges"}
