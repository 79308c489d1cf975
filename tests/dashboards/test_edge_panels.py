"""Panels of what follows from edges: each names its rule and its null, and says where there is nothing to say."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.dashboards.conftest import Open
from tests.dashboards.test_pages import texts

TABS = ("Tails", "Annotated hubs", "Coherence")
COLUMNS = ("null_mean", "verdict", "favoured", "odds_ratio", "residual")


def test_each_analysis_has_a_tab_with_its_numbers(home: Path, open_page: Open) -> None:
    app = open_page("circuits")
    assert not app.exception
    assert set(TABS) <= {tab.label for tab in app.tabs}
    shown = {column for frame in app.dataframe for column in frame.value.columns}
    assert set(COLUMNS) <= shown
    assert "join two annotated features" in texts(app)
    assert "too few features far out to tell" in texts(app)
    assert "features that fire as often" in str([chart.proto for chart in app.get("plotly_chart")])


def test_without_annotated_ends_there_is_nothing_to_share(
    changed: Callable[[str], duckdb.DuckDBPyConnection], open_page: Open
) -> None:
    changed("UPDATE stored.coherence SET n_pairs = 0, n_shared = 0, share = NULL, null_mean = NULL, fold = NULL")
    app = open_page("circuits")
    assert not app.exception
    assert "No edge joins two annotated features" in texts(app)


@pytest.mark.parametrize("table", ["coherence", "tail_fit", "enrichment_test"])
def test_a_run_without_an_analysis_has_no_tab_of_it(
    changed: Callable[[str], duckdb.DuckDBPyConnection], open_page: Open, table: str
) -> None:
    changed(f"DELETE FROM stored.{table}")
    app = open_page("circuits")
    assert not app.exception
    tab = dict(zip(("tail_fit", "enrichment_test", "coherence"), TABS, strict=True))[table]
    assert tab not in {one.label for one in app.tabs}
