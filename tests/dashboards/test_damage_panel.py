"""Tab Hubs: damage: what stands there are the tables' numbers, and a changed number changes the picture."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.dashboards.conftest import Open, sae_of
from tests.dashboards.test_pages import texts
from tests.dashboards.test_queries import ask

TAB = "Hubs: damage"
Change = Callable[[str], duckdb.DuckDBPyConnection]


def charts(app: object) -> str:
    return str([chart.proto for chart in app.get("plotly_chart")])  # type: ignore[attr-defined]


def test_hubs_stand_beside_matches_and_controls(home: Path, open_page: Open) -> None:
    app = open_page("circuits")
    assert not app.exception
    assert TAB in {tab.label for tab in app.tabs}
    shown = {column for frame in app.dataframe for column in frame.value.columns}
    assert {"imbalance", "given_frequency", "n_active"} & shown >= {"imbalance", "n_active"}
    assert "a feature that fires as often" in texts(app)
    assert all(
        name in charts(app) for name in ("hubs, random direction", "random features", "reconstruction", "nothing")
    )


def test_costs_of_features_are_means_over_cells(snapshot: duckdb.DuckDBPyConnection) -> None:
    run_id = snapshot.sql("SELECT run_id FROM run").fetchall()[0][0]
    sae_id = sae_of(snapshot, 0)
    frame = ask(snapshot, "damage_features", {"run_id": run_id, "source_sae": sae_id}).pl()
    cells = snapshot.sql("FROM lm_damage WHERE change = 'ablated' AND place > 0").pl()
    assert frame.height == cells.select("arm", "place").unique().height == 18
    for row in frame.iter_rows(named=True):
        own = cells.filter(arm=row["arm"], place=row["place"])
        assert row["cost"] == pytest.approx((own["ce_ablated"] - own["ce_clean"]).mean())
        assert (row["n_active"], row["n_cells"]) == (own["active"].sum(), own.height)


def test_the_sentence_follows_the_test(changed: Change, open_page: Open) -> None:
    changed("UPDATE stored.damage_test SET q = 1, p = 1, statistic = -1, first = 2.5 WHERE test = 'hub_matched'")
    said = texts(open_page("circuits"))
    assert "adds **2.5** nat" in said
    assert "which chance gives as well (q 1)" in said


def test_a_run_without_the_step_has_no_such_tab(changed: Change, open_page: Open) -> None:
    changed("DELETE FROM stored.damage_test")
    app = open_page("circuits")
    assert not app.exception
    assert TAB not in {tab.label for tab in app.tabs}
