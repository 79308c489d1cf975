"""In a real browser: back and forward, tabs, the search box and its key, Ctrl+Enter, a phone's menu, the dark theme."""

from collections.abc import Callable

import pytest
from playwright import sync_api

from tests.builders.browser import NAVIGATION, NEEDED, SIZE, body, enter, open_tab, reach, settle

pytestmark = NEEDED
SEARCH = "Search (press Enter)"
DARK = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
COVERED = """() => [...document.querySelectorAll("[data-testid=stElementToolbar], .modebar")].flatMap(bar => {
  const own = bar.getBoundingClientRect();
  return [...document.querySelectorAll("[data-testid=stMain] p, .legendtext, [data-testid=stTab]")].filter(one => {
    const { left, right, top, bottom } = one.getBoundingClientRect();
    return left < own.right && right > own.left && top < own.bottom && bottom > own.top + 1;
  }).map(one => one.textContent);
})"""  # words that the buttons of a table or a figure lie on
SMALL: sync_api.ViewportSize = {"width": 390, "height": 844}


def until(page: sync_api.Page, asked: Callable[[str], bool]) -> None:
    """Wait for an address, and for its page to be complete."""
    page.wait_for_url(lambda url: asked(str(url)))
    page.wait_for_timeout(500)
    settle(page)


@pytest.mark.slow
def test_the_address_follows_what_is_done_and_is_followed(page: sync_api.Page, address: str) -> None:
    page.goto(f"{address}/features")
    until(page, lambda url: "run=" in url)
    search = page.get_by_label(SEARCH)
    search.fill("CD79A")
    search.press("Enter")
    until(page, lambda url: "search=CD79A" in url)
    page.get_by_role("tab", name="Map", exact=True).click()
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


@pytest.mark.slow
def test_a_phone_in_the_dark(browser: sync_api.Browser, address: str) -> None:
    """A choice closes the menu, which else covers the page; it is as dark as the system; no button covers words."""
    page = browser.new_context(viewport=SMALL, is_mobile=True, has_touch=True, color_scheme="dark").new_page()
    page.set_default_timeout(60_000)
    page.goto(address)
    settle(page)
    assert max(map(int, page.evaluate(DARK)[4:-1].split(",")[:3])) < 60
    page.get_by_test_id("stExpandSidebarButton").click()
    page.locator(NAVIGATION, has_text="Features").first.click()
    page.get_by_role("heading", name="Features").wait_for()
    page.wait_for_function("document.querySelector('[data-testid=stSidebar]').getBoundingClientRect().right <= 0")
    page.goto(f"{address}/feature?feature=3")
    settle(page)
    boxes = page.get_by_test_id("stMetric").evaluate_all("found => found.map(one => one.getBoundingClientRect().top)")
    assert boxes[0] == boxes[1] < boxes[2]  # two by two
    page.locator(".modebar").first.wait_for()
    assert page.evaluate(COVERED) == []
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= SMALL["width"]
    page.close()


def test_a_copied_link_opens_the_same_view_elsewhere(
    page: sync_api.Page, address: str, browser: sync_api.Browser
) -> None:
    page.goto(f"{address}/features")
    settle(page)
    enter(page, SEARCH, "CD79A")
    reach(page, "search=CD79A")
    open_tab(page, "Modules")
    page.get_by_role("button", name="Copy link").click()
    page.get_by_test_id("stPopoverBody").locator("[data-testid=stCode]").hover()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy to clipboard").last.click()
    copied = page.evaluate("navigator.clipboard.readText()")
    other = browser.new_page(viewport=SIZE)
    other.goto(copied)
    settle(other)
    assert other.get_by_label(SEARCH).input_value() == "CD79A"
    assert other.get_by_role("tab", selected=True).first.inner_text() == "Modules"
    page.keyboard.press("Escape")
    assert body(other) == body(page)
    other.close()
