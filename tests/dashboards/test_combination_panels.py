"""Features changed together: queries against slow twins, and the tab."""

from pathlib import Path

import duckdb
import pytest

import warehouse
from tests.builders.study_shards import make_study
from tests.dashboards.conftest import Open
from tests.dashboards.test_pages import texts
from tests.dashboards.test_queries import ask


def asked(snapshot: duckdb.DuckDBPyConnection, **more: str) -> dict[str, str]:
    return {"run_id": snapshot.sql("SELECT run_id FROM run").fetchall()[0][0], **more}


def test_every_member_of_every_set_is_described(snapshot: duckdb.DuckDBPyConnection) -> None:
    frame = ask(snapshot, "combinations", asked(snapshot)).pl()
    assert frame["combination"].to_list() == ["set-1", "set-1", "set-2", "set-2"]
    assert frame["member"].to_list() == [1, 2, 1, 2]
    assert frame["drawn"].to_list() == [False, False, True, True]
    assert frame["top_genes"].null_count() < 4


@pytest.mark.parametrize("combination", ["set-1", "set-2"])
def test_sums_and_joint_effects_stand_side_by_side(snapshot: duckdb.DuckDBPyConnection, combination: str) -> None:
    frame = ask(snapshot, "combination_targets", asked(snapshot, combination=combination)).pl()
    stats = snapshot.execute("SELECT * FROM combination_stat WHERE combination = ?", [combination]).pl()
    means = {(r["kind"], r["members"], r["target_feature"]): r["mean"] for r in stats.to_dicts()}
    assert frame.height == stats.filter(kind="effect")["target_feature"].n_unique() > 5
    for row in frame.iter_rows(named=True):
        one, two, both = (means.get(("effect", name, row["target_feature"]), 0) for name in ("1", "2", "1+2"))
        assert row["sum_of_singles"] == pytest.approx(one + two, abs=1e-6)
        assert row["joint"] == pytest.approx(both, abs=1e-6)
        assert row["interaction"] == pytest.approx(both - one - two, abs=1e-5)


def test_what_was_made_to_interact_does_and_nothing_else(snapshot: duckdb.DuckDBPyConnection) -> None:
    """The study's joint effects are half as large again on the first four targets, and sums on the others."""
    frame = ask(snapshot, "combination_targets", asked(snapshot, combination="set-1")).pl()
    assert set(frame.filter(frame["q"] <= 0.05)["target_feature"]) == {0, 1, 2, 3}
    assert frame.filter(frame["interaction"] != 0)["target_feature"].max() <= 3


def test_tab_shows_members_and_targets(home: Path, open_page: Open) -> None:
    app = open_page("interventions")
    assert not app.exception
    tables = [set(frame.value.columns) for frame in app.dataframe]
    assert any({"sum_of_singles", "joint", "interaction"} <= columns for columns in tables)
    assert any({"member", "multiplier", "page"} <= columns for columns in tables)
    assert "The members interact on 4 of 10 target features" in texts(app)
    sets = next(box for box in app.selectbox if box.label == "Set of features")
    assert sets.options == ["set-1", "set-2"]
    sets.select("set-2").run()
    assert not app.exception


@pytest.mark.parametrize("combination", ["set-1", "set-2"])
def test_ratios_of_targets_are_those_that_were_published(snapshot: duckdb.DuckDBPyConnection, combination: str) -> None:
    """By the query and by the step, whose medians stand in combination_ratio."""
    frame = ask(snapshot, "target_ratios", asked(snapshot, combination=combination)).pl()
    row = snapshot.execute("FROM combination_ratio WHERE combination = ?", [combination]).pl().row(0, named=True)
    assert frame.height == row["n_targets"] > 3
    assert frame["ratio"].median() == pytest.approx(row["ratio"], abs=1e-6)
    assert (frame["ratio"] < 0.8).sum() == row["n_sub"]


def test_both_lines_of_additive_sets_are_drawn(home: Path, open_page: Open) -> None:
    app = open_page("interventions")
    drawn = str([chart.proto for chart in app.get("plotly_chart")])
    assert "pairs that add up: 0.71" in drawn
    assert "triples that add up: 0.58" in drawn
    assert "by chance, signs of cells flipped" in drawn
    assert "of 2 sets do not add up" in texts(app)


@pytest.mark.slow
def test_a_run_without_sets_has_no_such_panel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_page: Open) -> None:
    monkeypatch.setenv("SCFM_HOME", str(tmp_path))
    run, folders = make_study(tmp_path / "runs", n_features=24, layers=(0, 1))
    kept = [folder for folder in folders if not folder.name.startswith("combine")]
    warehouse.publish_run(tmp_path, run, kept)
    app = open_page("interventions")
    assert not app.exception
    assert [tab.label for tab in app.tabs] == [
        "Causal patching",
        "Cost by layer",
        "Named interventions",
        "Try a feature",
    ]
