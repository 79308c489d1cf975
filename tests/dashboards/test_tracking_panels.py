"""Directions carried on over layers: queries against slow twins, the tab, a feature's list, the edges left out."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.builders.dashboard_queries import WIDE, ask, edge_params
from tests.builders.study_tracking import CARRIED
from tests.dashboards.conftest import Open
from tests.dashboards.test_pages import texts


@pytest.fixture
def params(snapshot: duckdb.DuckDBPyConnection) -> dict[str, object]:
    return {**WIDE, **edge_params(snapshot)}


def test_edges_say_whether_they_join_one_direction(
    snapshot: duckdb.DuckDBPyConnection, params: dict[str, object]
) -> None:
    ends = dict.fromkeys(("source_sae", "source_feature", "target_sae", "target_feature"))
    frame = ask(snapshot, "edges", {**params, **ends, "criterion": "published"}).pl()
    lives = {
        (sae, feature): life
        for sae, feature, life in snapshot.sql("SELECT sae_id, feature, life FROM feature_life").fetchall()
    }
    for row in frame.iter_rows(named=True):
        source, target = (lives.get((row[f"{end}_sae"], row[f"{end}_feature"])) for end in ("source", "target"))
        assert row["carried_on"] == (None if source is None or target is None else source == target)
    assert frame["carried_on"].sum() > 0


def test_pairs_of_one_direction_are_counted(snapshot: duckdb.DuckDBPyConnection, params: dict[str, object]) -> None:
    sizes = snapshot.sql("SELECT count(*) AS n FROM feature_life GROUP BY run_id, life").fetchall()
    (found,) = ask(snapshot, "carried_pairs", params).fetchall()[0]
    assert found == sum(n * (n - 1) // 2 for (n,) in sizes) > 0


def test_a_feature_is_listed_with_all_that_carry_it_on(
    snapshot: duckdb.DuckDBPyConnection, params: dict[str, object]
) -> None:
    sae = snapshot.sql("SELECT min(sae_id) FROM feature_life").fetchall()[0][0]
    frame = ask(snapshot, "feature_life", {**params, "sae_id": sae, "feature": CARRIED[0]}).pl()
    assert frame["layer"].to_list() == [0, 1, 2]
    assert frame["feature"].to_list() == [CARRIED[0]] * 3
    assert frame["cosine"].to_list() == [None, 0.8, 0.8]


def test_persistence_shows_rules_null_and_interval(home: Path, open_page: Open) -> None:
    app = open_page("across")
    assert not app.exception
    assert any({"null_rate", "low", "high"} <= set(frame.value.columns) for frame in app.dataframe)
    rule = next(box for box in app.radio if box.label == "Rule")
    rule.set_value("published").run()
    assert not app.exception
    assert "absolute cosine of 0.7" in texts(app)


def test_a_ceiling_that_is_not_known_is_said_to_be_so(
    changed: Callable[[str], duckdb.DuckDBPyConnection], open_page: Open
) -> None:
    changed("UPDATE stored.persistence SET seed_rate = NULL")
    assert "no other seed of these autoencoders was trained" in texts(open_page("across"))


def test_the_list_of_edges_can_leave_carried_on_ones_out(home: Path, open_page: Open) -> None:
    app = open_page("circuits")
    next(box for box in app.selectbox if box.label == "Rule").select("published").run()
    carried = [frame.value["carried_on"] for frame in app.dataframe if "carried_on" in frame.value.columns]
    assert carried
    assert carried[0].any()
    next(box for box in app.toggle if box.label == "Leave out carried-on features").set_value(True).run()
    assert not app.exception
    left = [frame.value for frame in app.dataframe if "source_genes" in frame.value.columns]
    assert left
    assert not any(frame["carried_on"].any() for frame in left if "carried_on" in frame.columns)
