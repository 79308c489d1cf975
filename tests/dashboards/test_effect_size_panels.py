"""Panels of effects by rule and target layer, and of the traced cells: every figure has its null beside it."""

from collections.abc import Callable
from pathlib import Path

import duckdb

from tests.dashboards.conftest import Open
from tests.dashboards.test_pages import texts

TABS = {
    "attenuation": "Attenuation",
    "effect_size_summary": "Effect sizes",
    "split_half": "Replication",
    "target_response": "Responsive targets",
    "traced_fit": "Traced cells",
    "transfer_summary": "Transfer",
}
COLUMNS = ("mean_with_edges", "null_negative", "jaccard_chance", "mean_abs_response")


def test_each_table_has_a_tab_with_its_numbers_and_its_null(home: Path, open_page: Open) -> None:
    app = open_page("circuits")
    assert not app.exception
    assert set(TABS.values()) <= {tab.label for tab in app.tabs}
    shown = {column for frame in app.dataframe for column in frame.value.columns}
    assert set(COLUMNS[:-1]) <= shown
    figures = str([chart.proto for chart in app.get("plotly_chart")])
    assert "sources exchanged" in texts(app)
    for null in ("published, by chance", "sign flips", "held-out cells"):
        assert null in figures
    assert "those without any included" in texts(app)
    assert "belong to special tokens" in texts(app)


def test_targets_are_shown_by_the_chosen_rule(home: Path, open_page: Open) -> None:
    app = open_page("circuits")
    rule = next(box for box in app.selectbox if box.label == "Rule")
    app = rule.select("calibrated").run()
    assert not app.exception
    assert "answers to anything" in texts(app)


def test_features_of_special_tokens_are_listed(
    changed: Callable[[str], duckdb.DuckDBPyConnection], open_page: Open
) -> None:
    changed("UPDATE stored.trace_source SET special = true, special_share = 0.9 WHERE rowid < 2")
    app = open_page("circuits")
    assert not app.exception
    assert "Features that belong to special tokens: 2, of which 2 are traced" in texts(app)
    assert any("special_share" in frame.value.columns for frame in app.dataframe)


def test_a_run_without_these_tables_has_none_of_the_tabs(
    changed: Callable[[str], duckdb.DuckDBPyConnection], open_page: Open
) -> None:
    changed("; ".join(f"DELETE FROM stored.{table}" for table in TABS))
    app = open_page("circuits")
    assert not app.exception
    assert not set(TABS.values()) & {one.label for one in app.tabs}
