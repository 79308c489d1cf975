"""In a real browser: the search box by keyboard alone, to a gene, a gene set, a cell type and a feature."""

import re

from playwright import sync_api

from tests.builders.browser import NEEDED, body, reach, settle

pytestmark = NEEDED
LINKS = "[data-testid=stSidebar] [data-testid=stPageLink] a"
WANTED = {  # what is typed: the heading it stands under, what the link says, the address it opens, what is read there
    "CD79A": ("Genes", "CD79A (", "/gene[?].*gene=CD79A", "CD79A ("),
    "NK cell progr": ("Gene sets", "NK cell programme (", "/pathway[?].*term=.*NK", "NK cell programme ("),
    "Platelet": ("Cell types", "Platelet (", "/cell_type[?].*type=.*Platelet", "mark Platelet"),
    "L1_F2": ("Features", "L1_F2 ", "/feature[?].*feature=2(&|$)", "L1_F2 ·"),
}


def walk(page: sync_api.Page, text: str, words: str) -> None:
    """Type after the key /, and go down to the link with these words, never touching the mouse."""
    page.keyboard.press("/")
    page.keyboard.press("Control+a")
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    page.locator(LINKS, has_text=words).first.wait_for()
    settle(page)
    for _ in range(page.locator(LINKS).count()):
        page.keyboard.press("ArrowDown")
        if words in page.evaluate("document.activeElement.innerText"):
            return
    raise AssertionError(f"the arrows do not reach {words}")


def test_the_keyboard_leads_to_each_kind_of_thing(page: sync_api.Page, address: str) -> None:
    page.goto(f"{address}/runs")
    settle(page)
    for text, (heading, words, asked, read) in WANTED.items():
        page.locator("h1").first.click()  # nothing has the focus
        walk(page, text, words)
        headings = page.get_by_test_id("stSidebar").get_by_text(re.compile(rf"^{heading} \(\d")).count()
        assert headings == 1, (text, heading)
        page.keyboard.press("Enter")
        reach(page, asked)
        assert read in body(page), text


def test_arrows_stop_at_both_ends_and_the_key_types_in_a_box(page: sync_api.Page, address: str) -> None:
    page.goto(f"{address}/sql")
    settle(page)
    page.locator("h1").click()
    walk(page, "CD79A", "All features that match")
    page.keyboard.press("ArrowDown")
    assert "All features that match" in page.evaluate("document.activeElement.innerText")
    for _ in range(page.locator(LINKS).count() + 2):
        page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.value") == "CD79A"
    page.locator("textarea").fill("SELECT 4")
    page.locator("textarea").press("/")
    assert page.locator("textarea").input_value() == "SELECT 4/"


def test_what_nobody_is_called_is_said(page: sync_api.Page, address: str) -> None:
    page.goto(f"{address}/runs?search=1")
    settle(page)
    page.keyboard.press("/")
    page.keyboard.type("**no** <b>such</b> thing")
    page.keyboard.press("Enter")
    page.get_by_text("Nothing is called **no** <b>such</b> thing.").wait_for()
    assert page.locator(LINKS).count() == 0
