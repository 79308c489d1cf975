"""In a real browser: back and forward, tabs, the search box and its key, Ctrl+Enter, a phone's menu, the dark theme."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright import sync_api

from tests.builders.browser import CHROMIUM, NAVIGATION, SIZE, chromium, served, settle

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="apt-get install chromium"),
]
SEARCH = "Search (press Enter)"
DARK = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
SMALL: sync_api.ViewportSize = {"width": 390, "height": 844}


def until(page: sync_api.Page, asked: Callable[[str], bool]) -> None:
    """Wait for an address, and for its page to be complete."""
    page.wait_for_url(lambda url: asked(str(url)))
    page.wait_for_timeout(500)
    settle(page)


@pytest.mark.slow
def test_the_address_follows_what_is_done_and_is_followed(published: Path) -> None:
    with served(published) as address, chromium() as browser:
        page = browser.new_page(viewport=SIZE)
        page.set_default_timeout(60_000)
        page.goto(f"{address}/features")
        until(page, lambda url: "run=" in url)
        search = page.get_by_label(SEARCH)
        search.fill("CD79A")
        search.press("Enter")
        until(page, lambda url: "search=CD79A" in url)
        page.get_by_role("tab", name="Map").click()
        until(page, lambda url: "tab=Map" in url)
        page.go_back()
        until(page, lambda url: "tab=Map" not in url)
        assert page.get_by_role("tab", selected=True).first.inner_text() == "Table"
        assert search.input_value() == "CD79A"
        page.go_forward()
        until(page, lambda url: "tab=Map" in url)
        page.locator(NAVIGATION, has_text="Gene").first.click()
        until(page, lambda url: "/gene" in url and "run=" in url)
        page.locator(NAVIGATION, has_text="Features").first.click()
        until(page, lambda url: "search=CD79A" in url and "tab=Map" in url)
        page.locator("h1").click()
        page.keyboard.press("/")
        page.keyboard.type("CD79A")
        page.keyboard.press("Enter")
        page.get_by_test_id("stSidebar").get_by_text("CD79A (").wait_for()
        for key in ("ArrowDown", "ArrowDown", "ArrowUp", "Enter"):
            page.keyboard.press(key)
        until(page, lambda url: "/gene" in url and "gene=CD79A" in url)
        page.goto(f"{address}/sql")
        settle(page)
        page.locator("textarea").fill("SELECT 42 AS answer")
        page.locator("textarea").press("Control+Enter")
        page.get_by_role("button", name="Download CSV").wait_for()
        until(page, lambda url: "sql=" in url)
        on_a_phone(browser, address)


def on_a_phone(browser: sync_api.Browser, address: str) -> None:
    """A choice closes the menu, which otherwise covers the page; the page is as dark as the system."""
    page = browser.new_context(viewport=SMALL, is_mobile=True, has_touch=True, color_scheme="dark").new_page()
    page.set_default_timeout(60_000)
    page.goto(address)
    settle(page)
    assert max(map(int, page.evaluate(DARK)[4:-1].split(",")[:3])) < 60
    page.get_by_test_id("stExpandSidebarButton").click()
    page.locator(NAVIGATION, has_text="Features").first.click()
    page.get_by_role("heading", name="Features").wait_for()
    page.wait_for_function("document.querySelector('[data-testid=stSidebar]').getBoundingClientRect().right <= 0")
