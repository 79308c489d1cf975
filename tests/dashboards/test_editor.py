"""The editor of the page SQL: its vocabulary, where an error is, and in a browser: colours, completion, marks."""

import json
from pathlib import Path

import pytest
from playwright import sync_api

from dashboards.editor import line_of, vocabulary
from tests.builders.browser import CHROMIUM, SIZE, chromium, served, settle
from tests.dashboards.conftest import Open
from warehouse import run_user_sql
from warehouse.errors import QueryRefused


def test_all_that_is_completed_can_be_asked(home: Path) -> None:
    words = vocabulary()
    assert {"feature", "human_label", "claim_verdict"} <= words["columns"].keys() == words["tables"].keys()
    assert {"edges_of", "features_with_gene", "newest_run"} <= words["macro"].keys()
    assert {"SELECT", "FROM", "QUALIFY"} <= words["keyword"].keys()
    assert {"count", "string_agg"} <= words["function"].keys()
    for table in ("human_label", "feature_list", "feature"):
        asked = run_user_sql(home, f"SELECT {', '.join(words['columns'][table])} FROM {table}", limit=1)
        assert asked.column_names == list(words["columns"][table])


@pytest.mark.parametrize(("sql", "line"), [("SELECT 1\nFROM nowhere", 2), ("SELECT nothing\n\nFROM run", 1), ("", 0)])
def test_the_line_of_an_error_is_read_from_what_the_sandbox_says(home: Path, sql: str, line: int) -> None:
    with pytest.raises(QueryRefused) as refused:
        run_user_sql(home, sql)
    assert line_of(str(refused.value)) == line


def test_what_was_typed_never_ends_the_script(home: Path, open_page: Open) -> None:
    app = open_page("sql")
    app.text_area[0].input("SELECT '</script><script>alert(1)</script>' FROM")
    app = app.button[0].click().run()
    (script,) = [one.proto.body for one in app.get("html") if "window.sqlEditor =" in one.proto.body]
    assert script.count("</script>") == 1
    line = script.split("window.sqlEditor = ")[1].splitlines()[0]
    assert json.loads(line.rstrip(";"))["refused"].startswith("SELECT '</script>")


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="apt-get install chromium")
def test_the_editor_colours_completes_and_marks(published: Path) -> None:
    with served(published) as address, chromium() as browser:
        asked: list[str] = []
        page = browser.new_page(viewport=SIZE)
        page.set_default_timeout(60_000)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{address}/sql")
        settle(page)
        colours_and_completes(page)
        marks_the_line(page)
        assert not [url for url in asked if not url.startswith((address, "data:", "blob:"))]


def colours_and_completes(page: sync_api.Page) -> None:
    box, offered = page.locator("textarea"), page.locator(".sql-offers li")
    box.fill("SELECT <b> FROM feature AS f -- 'x'\nWHERE f.")
    page.locator(".sql-colours .table", has_text="feature").wait_for()
    assert "\n".join(page.locator(".sql-colours > div").all_text_contents()) == box.input_value()
    assert page.locator(".sql-colours .comment").inner_text() == "-- 'x'"
    box.press("End")
    box.press_sequentially("top_ce")
    page.keyboard.press("Control+ ")
    offered.first.wait_for()
    assert {"top_cell_type", "top_cell_type_auroc"} <= {one.split("column")[0] for one in offered.all_inner_texts()} | {
        one.split("\n")[0] for one in offered.all_inner_texts()
    }
    box.press("Tab")
    assert box.input_value().endswith("WHERE f.top_cell_type")
    box.fill("FROM ")
    box.press_sequentially("features_w")
    offered.first.wait_for()
    box.press("ArrowDown")
    box.press("ArrowUp")
    box.press("Enter")
    assert box.input_value() == "FROM features_with_gene("
    box.press_sequentially("'LYZ') LIMIT 5")
    box.press("Control+Enter")
    page.get_by_role("button", name="Download CSV").wait_for()
    settle(page)


def marks_the_line(page: sync_api.Page) -> None:
    box, wrong = page.locator("textarea"), page.locator(".sql-colours .wrong")
    box.fill("SELECT 1,\n  nothing\nFROM run")
    box.press("Control+Enter")
    wrong.wait_for()
    assert wrong.inner_text().strip() == "nothing"
    assert "nothing" in (wrong.get_attribute("data-said") or "")
    box.press_sequentially(" ")
    wrong.wait_for(state="detached")
