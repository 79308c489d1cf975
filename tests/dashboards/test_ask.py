"""The page Ask the warehouse: every worked question is offered, with its query and its answer."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Selectbox

from tests.dashboards.conftest import Open
from tests.dashboards.test_address import SECOND_RUN
from tests.dashboards.test_pages import texts
from warehouse.examples import examples

GROUPS = {"Runs made here": False, "Published atlas": True}


def box(page: AppTest) -> Selectbox:
    """The choice of a question."""
    return next(one for one in page.selectbox if one.label == "Question")


@pytest.mark.parametrize("group", GROUPS)
def test_questions_are_offered_and_answered(
    group: str, published: Path, atlas: Path, monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    monkeypatch.setenv("SCFM_HOME", str(atlas if GROUPS[group] else published))
    page = open_page("ask")
    page.segmented_control[0].set_value(group).run()
    wanted = [example for example in examples() if example.of_atlas == GROUPS[group]]
    assert box(page).options == [example.title for example in wanted]
    for example in (wanted[0], wanted[-1]):
        box(page).set_value(example.name).run()
        assert not page.exception
        assert page.subheader[0].value == example.title
        assert page.code[0].value == example.sql.strip()
        assert len(page.dataframe[0].value) > 0


def test_without_such_a_run_it_says_how_to_get_one(atlas_home: Path, open_page: Open) -> None:
    page = open_page("ask", about="Runs made here")
    assert "make demo" in page.info[0].value


def test_answers_are_of_the_chosen_run(changed: Callable[[str], duckdb.DuckDBPyConnection], open_page: Open) -> None:
    """The newer of two runs lacks the step that describes, so only the older one can answer."""
    con = changed(SECOND_RUN + "DELETE FROM stored.run_step WHERE run_id = 'second' AND step = 'describe'")
    (first,) = con.sql("SELECT run_id FROM run WHERE run_id <> 'second'").fetchone()
    asked = {"question": "01_cell_type_features"}
    assert not open_page("ask", run="second", **asked).dataframe
    page = open_page("ask", run=first, **asked)
    assert len(page.dataframe[0].value) > 0
    assert "of the run in the sidebar" in texts(page)
