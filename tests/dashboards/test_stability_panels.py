"""Panels of stability: draws of cells, co-expression, least effects and other studies, each beside chance."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import pytest

from dashboards.panels.edges import too_few_draws
from tests.dashboards.conftest import Open
from tests.dashboards.test_pages import texts

TABS = {"run_pair_stability": "Stability", "regression_summary": "Co-expression", "fdr_threshold": "Least effects"}
COLUMNS = ("r_se", "r_chance", "slope", "d_bonferroni", "min_rejections", "share_negative", "other_factor")
Changed = Callable[[str], duckdb.DuckDBPyConnection]


def test_each_table_has_a_tab_with_its_numbers(home: Path, open_page: Open) -> None:
    app = open_page("circuits")
    assert not app.exception
    assert set(TABS.values()) <= {tab.label for tab in app.tabs}
    shown = {column for frame in app.dataframe for column in frame.value.columns}
    assert set(COLUMNS) - {"share_negative"} <= shown
    assert "Disjoint draws of the traced cells" in texts(app)
    assert "turns the ratio round" in texts(app)
    assert "dealt anew" in texts(app).replace("\n", " ")


def test_types_are_compared_with_one_type_where_labels_are_there(changed: Changed, open_page: Open) -> None:
    changed("UPDATE stored.run_pair_stability SET kind = 'label_within', criterion = 'tested' WHERE kind = 'cells'")
    app = open_page("circuits")
    assert not app.exception
    assert "Types differ in circuits where draws" in texts(app)


def test_pairs_that_no_draw_could_call_are_named(changed: Changed, open_page: Open) -> None:
    changed("UPDATE stored.fdr_threshold SET n_called = 0, n_at_smallest = 1")
    app = open_page("circuits")
    assert not app.exception
    assert any("have the smallest p that sign flips of so few can give" in warning.value for warning in app.warning)


def test_edges_that_share_a_term_are_listed_with_it(changed: Changed, open_page: Open) -> None:
    changed(
        "INSERT INTO stored.annotation BY NAME SELECT step_key, sae_id, feature, 'own' AS library, 'a term' AS term, "
        "true AS significant FROM stored.feature; UPDATE stored.coherence SET criterion = 'published', effect = 'total'"
    )
    app = open_page("circuits")
    assert any("shared_terms" in frame.value.columns for frame in app.dataframe)


@pytest.mark.parametrize("table", TABS)
def test_a_run_without_an_analysis_has_no_tab_of_it(changed: Changed, open_page: Open, table: str) -> None:
    changed(f"DELETE FROM stored.{table}")
    app = open_page("circuits")
    assert not app.exception
    assert TABS[table] not in {one.label for one in app.tabs}


@pytest.mark.parametrize(
    ("p", "n_null", "said"),
    [
        ([0.01, 0.4, 0.6], 99, ""),  # one of three suffices: 3 x 0.01 is below 0.05
        ([0.01] + [0.5] * 16, 99, "unless 4 of 17 tests have the smallest p, 0.01; 1 have it"),
        ([0.01] * 5 + [0.5] * 12, 99, ""),  # four of them suffice
        ([0.1, 0.5], 9, "unless 4 of 2 tests"),
        ([], 99, ""),
    ],
)
def test_too_few_draws_are_told_from_a_negative_answer(p: list[float], n_null: int, said: str) -> None:
    frame = pl.DataFrame({"p": p, "q": [0.2] * len(p), "n_null": [n_null] * len(p)}, schema_overrides={"p": pl.Float64})
    line = too_few_draws(frame, "coherence.n_draws")
    assert said in line
    assert bool(line) == bool(said)


def test_a_q_that_was_reached_needs_no_more_draws() -> None:
    assert too_few_draws(pl.DataFrame({"p": [0.01], "q": [0.05], "n_null": [9]}), "x") == ""
