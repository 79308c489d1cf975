"""In a real browser: the five stops of the tour and its end, and the figures of the papers."""

import re
import xml.etree.ElementTree as ET

import pytest
from playwright import sync_api

from dashboards.tour import STOPS
from tests.builders.browser import NEEDED, body, reach, saved, settle

pytestmark = NEEDED


def test_the_tour_has_five_stops_and_an_end(page: sync_api.Page, address: str) -> None:
    page.goto(address)
    settle(page)
    page.get_by_role("link", name="New here? A tour of 5 stops").click()
    for number, stop in enumerate(STOPS, 1):
        reach(page, f"tour={number}(&|$)")
        page.get_by_text(f"Stop {number} of 5: {stop.title}.").wait_for()
        settle(page)
        assert number == 1 or f"/{stop.page}?" in page.url
        if number < len(STOPS):
            page.get_by_role("link", name=f"Next: {STOPS[number].title}").click()
    page.get_by_role("link", name="Back", exact=True).click()
    reach(page, "/circuits[?].*tour=4")
    page.get_by_role("link", name="End the tour").click()
    page.wait_for_url(lambda url: "tour=" not in url)
    page.get_by_text("Stop 4 of 5").wait_for(state="detached")


@pytest.mark.slow
def test_a_figure_is_chosen_read_beside_the_published_one_and_saved(page: sync_api.Page, address: str) -> None:
    page.goto(f"{address}/figures")
    settle(page)
    box = page.get_by_role("combobox", name=re.compile("^Figure of "))
    first = box.input_value()
    box.click()
    box.press("ArrowDown")
    box.press("Enter")
    reach(page, "_figure=")
    assert box.input_value() != first
    assert "Published:" in body(page)
    assert "Mind:" in body(page)
    page.locator("svg.main-svg").first.wait_for()
    page.get_by_role("button", name="Take away").first.click()
    name, drawn = saved(page, page.get_by_role("button", name="SVG", exact=True).first)
    assert name.endswith(".svg")
    assert ET.fromstring(drawn).tag.endswith("svg")
