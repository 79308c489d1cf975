"""In a real browser: a click on a feature of the graph opens its card, which pins it; the graph is saved as a file."""

from pathlib import Path

import pytest

from tests.builders.browser import CHROMIUM, SIZE, chromium, served, settle

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="apt-get install chromium"),
]


def test_a_click_opens_a_card_that_pins_and_the_graph_is_saved(published: Path) -> None:
    with served(published) as address, chromium() as browser:
        page = browser.new_page(viewport={**SIZE, "height": 1400})
        page.set_default_timeout(60_000)
        page.goto(f"{address}/circuits?tab=Graph&rule=published")
        settle(page)
        graph = page.locator(".js-plotly-plot").first
        graph.locator(".scatterlayer path.point").first.wait_for()
        page.wait_for_timeout(1000)
        boxes = [one.bounding_box() for one in graph.locator(".scatterlayer path.point").all()]
        last = [box for box in boxes if box and box["width"] > 12][-1]  # middles of edges are smaller
        page.mouse.click(last["x"] + last["width"] / 2, last["y"] + last["height"] / 2, delay=60)
        page.wait_for_url("**node=L*")
        settle(page)
        page.locator(".st-key-graph_pinned button").click()
        page.wait_for_url("**pinned=*")
        settle(page)
        with page.expect_download() as saved:
            page.get_by_role("button", name="JSON for circuit-tracer").click()
        assert '"qParams"' in Path(saved.value.path()).read_text()
