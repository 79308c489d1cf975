"""The overview's rates beside baselines: any of them, and those that a run of an earlier version lacks."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from dashboards.panels.baselines import RATES
from tests.dashboards.conftest import Open
from tests.dashboards.test_pages import texts


def choose(app: AppTest, rate: str) -> AppTest:
    return next(box for box in app.selectbox if box.label == "Share of features").select(rate).run()


@pytest.mark.parametrize("rate", RATES)
def test_each_rate_names_its_null(home: Path, open_page: Open, rate: str) -> None:
    app = choose(open_page("overview"), rate)
    assert not app.exception
    assert RATES[rate][2] in texts(app)
    assert any("n_named" in frame.value.columns for frame in app.dataframe)


def test_a_run_of_an_earlier_version_has_no_names(
    changed: Callable[[str], duckdb.DuckDBPyConnection], open_page: Open
) -> None:
    changed("UPDATE stored.baseline SET n_named = NULL, named_fraction = NULL, null_named = NULL")
    app = open_page("overview")
    assert any("n_with_type" in frame.value.columns for frame in app.dataframe)
    assert not any("n_named" in frame.value.columns for frame in app.dataframe)
    app = choose(app, "with a name")
    assert not app.exception
    assert "a run of an earlier version" in texts(app)
