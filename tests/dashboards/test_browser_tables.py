"""In a real browser: a row of a table of edges shows the cells behind it, and links in tables open features."""

import re

import pytest
from playwright import sync_api

from tests.builders.browser import NEEDED, TABLE, body, popup, reach, settle, spot, words

pytestmark = NEEDED
BOX, LINK = 16, 60  # pixels from the left: the box of a row that can be ticked, and the link after it
NAME = re.compile("#(L[0-9]+_F[0-9]+)$")


def names(table: sync_api.Locator, row: int) -> list[str]:
    """The features that a row links to."""
    return [found[1] for found in map(NAME.search, words(table, row)) if found]


def tick(page: sync_api.Page, table: sync_api.Locator, row: int) -> None:
    """Tick a row of a table; a table that is being drawn again does not hear the click."""
    settle(page)
    page.wait_for_timeout(500)
    page.mouse.click(*spot(table, row, BOX), delay=60)


def follow(page: sync_api.Page, table: sync_api.Locator, row: int, across: float) -> sync_api.Page:
    """The page that the first link of a row opens, once it shows that feature."""
    name = names(table, row)[0]
    opened = popup(page, *spot(table, row, across))
    opened.locator("h1", has_text=f"{name} ·").wait_for()
    settle(opened)
    return opened


def test_a_row_of_edges_shows_its_cells_and_links_lead_on(page: sync_api.Page, address: str) -> None:
    page.goto(f"{address}/circuits?rule=published")
    settle(page)
    edges = page.locator(TABLE).first
    for row in (0, 2):  # the first one is shown before a row is ticked
        if row:
            tick(page, edges, row)
        source, target = names(edges, row)
        page.get_by_text(re.compile(f"^{source} to {target} in each of the [0-9]+ cells")).wait_for()
    feature = follow(page, edges, 2, LINK)
    assert source in feature.locator("h1").inner_text()
    feature.close()


@pytest.mark.slow
def test_edges_of_a_feature_lead_to_the_next(page: sync_api.Page, address: str) -> None:
    page.goto(f"{address}/circuits?rule=published")
    settle(page)
    feature = follow(page, page.locator(TABLE).first, 0, LINK)
    own = feature.locator("h1").inner_text().split()[0]
    feature.goto(f"{feature.url.split('#')[0]}&tab=Edges&rule=published")
    settle(feature)
    outgoing = feature.locator(".st-key-edges_target").locator(TABLE)
    tick(feature, outgoing, 1)
    target = names(outgoing, 1)[0]
    feature.get_by_text(re.compile(f"^{own} to {target} in each of the [0-9]+ cells")).wait_for()
    further = follow(feature, outgoing, 1, LINK)
    reach(further, "/feature[?]")
    assert f"{target} ·" in further.locator("h1").inner_text()
    further.close()
    feature.close()


@pytest.mark.slow
def test_the_features_of_a_cell_type_are_opened(page: sync_api.Page, address: str) -> None:
    page.goto(f"{address}/cell_type")
    settle(page)
    told = re.search("The best of them all, (L[0-9]+_F[0-9]+),", body(page))
    best = page.locator(TABLE).first
    assert names(best, 0) == [told[1]]
    feature = follow(page, best, 0, 30)
    assert "/feature?" in feature.url
    feature.close()
