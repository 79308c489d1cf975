"""In a real browser: the graph is clicked, pinned, searched, gathered, shown full screen, and saved as files."""

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright import sync_api

from dashboards.style import RED
from tests.builders.browser import NEEDED, SIZE, TABLE, body, choose, enter, reach, saved, settle, words

pytestmark = NEEDED
GRAPH = "circuits?tab=Graph&rule=published"
POINTS = ".scatterlayer path.point"
FOUND = f"rgb{tuple(bytes.fromhex(RED[1:]))}"  # the ring of what the search finds
RINGS = f"points => points.filter(point => getComputedStyle(point).stroke === '{FOUND}').length"
SUPER = "[...document.querySelectorAll('.textpoint text')].some(text => / [(][0-9]+[)]$/.test(text.textContent))"
GRAPHML = "{http://graphml.graphdrawing.org/xmlns}"


@pytest.fixture
def graph(page: sync_api.Page, address: str) -> sync_api.Page:
    """The page of circuits with the graph drawn."""
    page.set_viewport_size({**SIZE, "height": 1400})
    page.goto(f"{address}/{GRAPH}")
    settle(page)
    page.locator(POINTS).first.wait_for()
    return page


def counted(page: sync_api.Page) -> tuple[int, int]:
    """How many features and edges the page says that it draws."""
    features, edges = re.search(r"([\d,]+) features and ([\d,]+) edges by the rule", body(page)).groups()
    return int(features.replace(",", "")), int(edges.replace(",", ""))


@pytest.mark.slow
def test_a_click_opens_a_card_that_pins(graph: sync_api.Page) -> None:
    boxes = [one.bounding_box() for one in graph.locator(POINTS).all()]
    last = [box for box in boxes if box and box["width"] > 12][-1]  # middles of edges are smaller
    graph.mouse.click(last["x"] + last["width"] / 2, last["y"] + last["height"] / 2, delay=60)
    reach(graph, "node=L")
    graph.locator(".st-key-graph_pinned button").click()
    reach(graph, "pinned=")
    asked = parse_qs(urlsplit(graph.url).query)
    assert asked["pinned"][0].split(", ")[-1] == asked["node"][0]
    graph.locator(".st-key-graph_pinned button", has_text="Unpin").wait_for()


@pytest.mark.slow
def test_one_hop_more_from_a_card_grows_it(graph: sync_api.Page) -> None:
    before = counted(graph)
    name = words(graph.locator(TABLE).first, 0)[0].split("#")[-1]  # what the pinned feature acts on most
    choose(graph, "Card of", name)
    reach(graph, f"node={name}")
    grow = graph.locator(".st-key-graph_grow button")
    grow.filter(has_text="Grow from here").click()
    reach(graph, f"grow={name}")
    grow.filter(has_text="Do not grow").wait_for()
    settle(graph)
    after = counted(graph)
    assert after[0] > before[0]
    assert after[1] > before[1]
    enter(graph, "One hop more from", "")
    grow.filter(has_text="Grow from here").wait_for()
    settle(graph)
    assert counted(graph) == before


@pytest.mark.parametrize(
    ("button", "parsed"),
    [
        pytest.param("JSON for circuit-tracer", lambda data: (json.loads(data)["nodes"], json.loads(data)["links"])),
        pytest.param(
            "GraphML",
            lambda data: [list(ET.fromstring(data).iter(f"{GRAPHML}{kind}")) for kind in ("node", "edge")],
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "JSON, node-link",
            lambda data: (json.loads(data)["nodes"], json.loads(data)["links"]),
            marks=pytest.mark.slow,
        ),
    ],
)
def test_files_hold_what_is_shown(
    graph: sync_api.Page, button: str, parsed: Callable[[bytes], tuple[list[object], list[object]]]
) -> None:
    name, data = saved(graph, graph.get_by_role("button", name=button))
    nodes, edges = parsed(data)
    assert (len(nodes), len(edges)) == counted(graph)
    assert name.endswith(".graphml" if button == "GraphML" else ".json")


@pytest.mark.slow
def test_it_is_searched_gathered_and_shown_full_screen(graph: sync_api.Page) -> None:
    assert graph.locator(POINTS).evaluate_all(RINGS) == 0
    enter(graph, "Find in the graph", "LYZ")
    reach(graph, "find=LYZ")
    found = int(re.search(r"Found LYZ at (\d+) of \d+ features", body(graph)).group(1))
    assert found > 0
    graph.wait_for_function(f"([...document.querySelectorAll('{POINTS}')].length > 0)")
    assert graph.locator(POINTS).evaluate_all(RINGS) == found
    choose(graph, "Names", "none")
    reach(graph, "names=none")
    graph.wait_for_function("![...document.querySelectorAll('.textpoint text')].some(text => text.textContent)")
    choose(graph, "Names", "all")
    reach(graph, "names=all")
    graph.wait_for_function("[...document.querySelectorAll('.textpoint text')].some(text => text.textContent)")
    graph.goto(f"{graph.url}&hops=2&each=20")
    settle(graph)
    choose(graph, "Gather by", "cell type")
    reach(graph, "group=cell")
    graph.wait_for_function(SUPER)  # super-nodes say how many they hold
    small = graph.locator(".js-plotly-plot").first.bounding_box()["width"]
    graph.locator(".modebar-btn").first.hover()
    graph.locator(".modebar-btn[data-title=Fullscreen]").first.click()
    graph.wait_for_function(f"document.querySelector('.js-plotly-plot').getBoundingClientRect().width > {small + 100}")
