"""Every page on a published synthetic warehouse, without a browser."""

import json
from pathlib import Path

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

import warehouse
from dashboards.menu import MENU
from tests.builders.study_shards import make_study
from tests.dashboards.conftest import APP, Open, sae_of

PAGES = [page.name for page in MENU]


def texts(app: AppTest) -> str:
    """All prose on a page."""
    kinds = (app.title, app.caption, app.markdown, app.info, app.warning, app.error, app.success)
    return "\n".join(element.value for kind in kinds for element in kind)


def metric(app: AppTest, label: str) -> str:
    return next(element.value for element in app.metric if element.label == label)


@pytest.mark.parametrize("page", PAGES)
def test_page_shows_no_error(home: Path, open_page: Open, page: str) -> None:
    app = open_page(page)
    assert not app.exception
    assert not app.error
    assert app.title[0].value


def test_overview_counts_what_the_tables_hold(home: Path, open_page: Open, snapshot: duckdb.DuckDBPyConnection) -> None:
    app = open_page("overview")
    alive, edges = snapshot.sql(
        "SELECT (SELECT count(*) FROM feature WHERE alive), "
        "(SELECT count(*) FROM edge WHERE effect = 'total' AND criterion = 'specific')"
    ).fetchall()[0]
    assert metric(app, "Living features") == f"{alive:,}"
    assert metric(app, "Edges, specific") == f"{edges:,}"
    assert metric(app, "Cells") == "144"
    assert "stand-in" in app.warning[0].value


def test_search_narrows_the_table(home: Path, open_page: Open, snapshot: duckdb.DuckDBPyConnection) -> None:
    app = open_page("features")
    app = app.text_input(key="search").input("CD79A").run()
    found = snapshot.sql(
        "SELECT count(DISTINCT (sae_id, feature)) FROM feature_gene WHERE symbol = 'CD79A' AND shown"
    ).fetchone()
    assert found is not None
    assert f"**{found[0]}** features match" in texts(app)
    table = next(frame.value for frame in app.dataframe if "page" in frame.value.columns)
    assert table["page"].str.startswith("feature?run=").all()
    assert "No feature matches" in texts(app.text_input(key="search").input("no such gene").run())


def test_deep_link_opens_the_feature(home: Path, open_page: Open, snapshot: duckdb.DuckDBPyConnection) -> None:
    sae = sae_of(snapshot, 1)
    app = open_page("feature", sae=sae, feature="3")
    assert app.title[0].value.startswith("L1_F3 ·")
    expected = snapshot.execute("SELECT fire_count FROM feature WHERE sae_id = ? AND feature = 3", [sae]).fetchone()
    assert expected is not None
    assert metric(app, "Firings") == f"{expected[0]:,}"


def test_boxes_change_feature_and_address(home: Path, open_page: Open, snapshot: duckdb.DuckDBPyConnection) -> None:
    app = open_page("feature", sae=sae_of(snapshot, 1), feature="3")
    for number in (5, 6, 7):
        app = app.number_input(key="feature_number").set_value(number).run()
        assert app.title[0].value.startswith(f"L1_F{number} ·")
        assert app.query_params["feature"] == str(number)
    app = app.selectbox(key="feature_sae").select(sae_of(snapshot, 2)).run()
    assert app.title[0].value.startswith("L2_F7 ·")
    app.query_params["feature"] = "9"
    assert app.run().title[0].value.startswith("L2_F9 ·")


@pytest.mark.parametrize("number", ["9" * 5000, "-1", "1e3", "999999999999", "٣" * 20])
def test_a_number_that_is_no_feature_is_said_in_one_line(home: Path, open_page: Open, number: str) -> None:
    app = open_page("feature", feature=number)
    assert not app.exception
    assert app.warning[0].value.startswith("No feature ")
    assert len(app.warning[0].value) < 200
    assert app.title[0].value.startswith("L0_F0 ·")


def test_deep_link_as_the_first_thing_a_server_sees(home: Path, snapshot: duckdb.DuckDBPyConnection) -> None:
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.query_params["sae"], app.query_params["feature"] = sae_of(snapshot, 0), "1"
    app = app.switch_page("pages/feature.py").run()
    assert not app.exception
    assert app.title[0].value.startswith("L0_F1 ·")


@pytest.mark.parametrize(
    ("sae", "feature", "says"),
    [("L99-none", "1", "No autoencoder"), (None, "4000", "No feature"), (None, "x'--", "No feature")],
)
def test_wrong_deep_link_says_so(
    home: Path, open_page: Open, snapshot: duckdb.DuckDBPyConnection, sae: str | None, feature: str, says: str
) -> None:
    app = open_page("feature", sae=sae or sae_of(snapshot, 0), feature=feature)
    assert not app.exception
    assert says in texts(app)


def test_dead_feature_says_so(home: Path, open_page: Open, snapshot: duckdb.DuckDBPyConnection) -> None:
    app = open_page("feature", sae=sae_of(snapshot, 0), feature="39")
    assert not app.exception
    assert "dead" in app.warning[0].value


def test_circuit_filters_count(home: Path, open_page: Open, snapshot: duckdb.DuckDBPyConnection) -> None:
    app = open_page("circuits")
    app = next(box for box in app.selectbox if box.label == "Sign").select("target falls (-)").run()
    counted = snapshot.sql(
        "SELECT count(*) FROM edge WHERE effect = 'total' AND criterion = 'specific' AND mean < 0"
    ).fetchone()
    assert counted is not None
    assert f"**{counted[0]:,}** edges" in texts(app)
    for rule, number in snapshot.sql(
        "SELECT criterion, count(*) FROM edge WHERE effect = 'total' GROUP BY 1"
    ).fetchall():
        assert f"**{number:,}** {rule}" in texts(app)
    app = next(box for box in app.selectbox if box.label == "Rule").select("measured").run()
    assert not app.exception


def test_quality_page_tells_the_validation_sentence(home: Path, open_page: Open) -> None:
    app = open_page("runs")
    assert "No more known targets than chance" in texts(app)
    assert json.loads(app.json[0].value)["seed"] == 0


def test_missing_warehouse_is_a_friendly_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_page: Open) -> None:
    monkeypatch.setenv("SCFM_HOME", str(tmp_path))
    app = AppTest.from_file(str(APP), default_timeout=60).run()
    assert not app.exception
    assert "no warehouse" in app.info[0].value


@pytest.mark.slow
def test_new_publish_is_seen_and_runs_can_be_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_page: Open, few_checks: None
) -> None:
    monkeypatch.setenv("SCFM_HOME", str(tmp_path))
    first, folders = make_study(tmp_path / "runs", n_features=12)
    warehouse.publish_run(tmp_path, first, folders)
    app = open_page("overview")
    assert metric(app, "Autoencoders") == "3"
    second, folders = make_study(tmp_path / "runs", seed=1, n_features=12, layers=(0, 1), labelled=False)
    warehouse.publish_run(tmp_path, second | {"finished": first["finished"].replace(year=2027)}, folders)
    app = open_page("overview")
    assert metric(app, "Autoencoders") == "2"
    assert "No cell labels" in texts(app)
    app = open_page("overview", run=first["run_id"])
    app = app.sidebar.selectbox(key="run_id").select(first["run_id"]).run()
    assert metric(app, "Autoencoders") == "3"
