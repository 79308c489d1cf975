"""The page Ask the warehouse: every worked question is offered, with its query and its answer."""

from pathlib import Path

import pytest

from tests.dashboards.conftest import Open
from warehouse.examples import examples

GROUPS = {"Runs made here": False, "Published atlas": True}


@pytest.mark.parametrize("group", GROUPS)
def test_questions_are_offered_and_answered(
    group: str, published: Path, atlas: Path, monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    monkeypatch.setenv("SCFM_HOME", str(atlas if GROUPS[group] else published))
    page = open_page("ask")
    page.segmented_control[0].set_value(group).run()
    wanted = [example for example in examples() if example.of_atlas == GROUPS[group]]
    assert page.radio[0].options == [example.title for example in wanted]
    for example in (wanted[0], wanted[-1]):
        page.radio[0].set_value(example).run()
        assert not page.exception
        assert page.subheader[0].value == example.title
        assert page.code[0].value == example.sql.strip()
        assert len(page.dataframe[0].value) > 0


def test_without_such_a_run_it_says_how_to_get_one(atlas_home: Path, open_page: Open) -> None:
    page = open_page("ask")
    assert "make demo" in page.info[0].value
