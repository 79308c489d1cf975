"""The page SQL: what it refuses, what it keeps, and what it shows of which query."""

from pathlib import Path

import pytest

from tests.dashboards.conftest import Open
from tests.dashboards.test_pages import texts

HOSTILE = [
    "SELECT * FROM read_csv('/etc/passwd')",
    "DROP TABLE feature",
    "COPY feature TO '/tmp/stolen.csv'",
    "SELECT nothing FROM nowhere",
    "SELEC 1",
    "INSTALL httpfs",
    "",
]


@pytest.mark.parametrize("sql", HOSTILE)
def test_hostile_sql_is_one_line(home: Path, open_page: Open, sql: str) -> None:
    app = open_page("sql")
    app.text_area[0].input(sql)
    app = app.button[0].click().run()
    assert not app.exception
    assert len(app.error) == 1
    assert "\n" not in app.error[0].value


def test_sql_answers_and_examples_fill_the_editor(home: Path, open_page: Open) -> None:
    app = open_page("sql")
    app.text_area[0].input("SELECT count(*) AS n FROM feature")
    app = app.button[0].click().run()
    assert "**1** rows" in texts(app)
    answer = next(frame.value for frame in app.dataframe if list(frame.value.columns) == ["n"])
    assert answer["n"][0] == 120
    box = app.selectbox(key="example")
    app = box.select(box.options[1]).run()
    assert app.text_area[0].value.startswith(f"-- {box.options[1]}")


def test_sql_keeps_what_was_typed_and_shows_no_answer_of_another_query(home: Path, open_page: Open) -> None:
    app = open_page("sql")
    own = "SELECT count(*) AS n FROM feature"
    app.text_area[0].input(own)
    app = app.button[0].click().run()
    assert app.selectbox(key="example").value == "your own"
    assert app.query_params["sql"] == own
    shared = dict(app.query_params)
    app.query_params.clear()
    app = app.switch_page("pages/overview.py").run()
    app.query_params.clear()
    app = app.switch_page("pages/sql.py").run()
    assert app.text_area[0].value == own
    assert "**1** rows" in texts(app)
    box = app.selectbox(key="example")
    app = box.select(box.options[1]).run()
    assert "rows" not in texts(app).replace("Rows of all runs", "")
    app = app.selectbox(key="earlier").select(own).run()
    assert app.text_area[0].value == own
    there = open_page("sql", **shared)
    assert there.text_area[0].value == own
    assert "**1** rows" not in texts(there)  # it is shown there, and run by whoever wants to
