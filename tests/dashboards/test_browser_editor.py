"""In a real browser: the editor completes words, marks the line of an error, keeps a history, and shares by link."""

import pytest
from playwright import sync_api

from tests.builders.browser import NEEDED, SIZE, choose, reach, settle

pytestmark = NEEDED
OFFERS = "ul.sql-offers li"
RUN = "Run (Ctrl+Enter)"


def write(page: sync_api.Page, sql: str) -> None:
    """Put a statement into the editor."""
    page.locator("textarea").fill(sql)


def run(page: sync_api.Page) -> None:
    """Run it by keyboard."""
    page.locator("textarea").press("Control+Enter")


def test_tables_columns_and_macros_are_completed(page: sync_api.Page, address: str) -> None:
    page.goto(f"{address}/sql")
    settle(page)
    write(page, "SELECT ")
    page.locator(".sql-colours .keyword", has_text="SELECT").wait_for()
    write(page, "SELECT f. FROM feature_gene f")
    area = page.locator("textarea")
    area.press("Home")
    for _ in "SELECT f.":
        area.press("ArrowRight")
    area.press_sequentially("sym")
    page.locator(OFFERS, has_text="symbol").wait_for()
    assert "column: VARCHAR" in page.locator(OFFERS).first.inner_text()
    area.press("Tab")
    assert area.input_value() == "SELECT f.symbol FROM feature_gene f"
    area.press("End")
    area.press_sequentially(" JOIN feat")
    page.locator(OFFERS, has_text="table").first.wait_for()
    offered = [words.split()[0] for words in page.locator(OFFERS).all_inner_texts()]
    assert "feature" in offered
    for _ in range(offered.index("feature")):
        area.press("ArrowDown")
    area.press("Tab")
    assert area.input_value().endswith(" JOIN feature")
    area.press_sequentially("_x")
    page.locator(OFFERS).first.wait_for(state="detached")


def test_an_error_stands_beside_its_line(page: sync_api.Page, address: str) -> None:
    page.goto(f"{address}/sql")
    settle(page)
    write(page, "SELECT symbol\nFROM feature_gene\nWHERE nonsense = 1")
    run(page)
    page.locator("[data-testid=stAlertContentError]").wait_for()
    wrong = page.locator(".sql-colours > div.wrong")
    wrong.wait_for()
    assert wrong.inner_text() == "WHERE nonsense = 1"
    assert "nonsense" in wrong.get_attribute("data-said")
    write(page, "SELECT 1")
    wrong.wait_for(state="detached")


@pytest.mark.slow
def test_what_was_run_is_kept_and_shared(page: sync_api.Page, address: str, browser: sync_api.Browser) -> None:
    page.goto(f"{address}/sql")
    settle(page)
    for answer in (41, 42):
        write(page, f"SELECT {answer} AS answer")
        run(page)
        reach(page, f"sql=SELECT.{answer}|sql=SELECT%20{answer}")
        page.get_by_role("button", name="Download CSV").wait_for()
    choose(page, "Run before in this visit", "SELECT 41")
    reach(page, "SELECT(%20|[+])41")
    assert page.locator("textarea").input_value() == "SELECT 41 AS answer"
    other = browser.new_page(viewport=SIZE)
    other.goto(page.url)
    settle(other)
    assert other.locator("textarea").input_value() == "SELECT 41 AS answer"
    other.close()
