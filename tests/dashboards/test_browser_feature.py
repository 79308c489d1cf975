"""In a real browser: a feature's tabs, whole cells gene by gene, the features before and after it, two side by side."""

import re
from pathlib import Path

import pytest
from playwright import sync_api

import warehouse
from tests.builders.browser import NEEDED, body, enter, open_tab, reach, settle
from tests.dashboards.conftest import sae_of

pytestmark = NEEDED
FEATURE = 3
TABS = {  # a heading of each
    "What it is": "Contexts",
    "In which cells": "Strongest activations",
    "Edges": "Edges",
    "Labels and networks": "Labels",
    "Like it": "Nearest directions",
}
STRONGEST = "SELECT max(max_activation) FROM feature WHERE (sae_id, feature) = (?, ?)"
AT = "([x, y]) => document.elementFromPoint(x, y).title"


@pytest.fixture
def sae(shown: Path) -> str:
    """The autoencoder of layer 0."""
    with warehouse.open_snapshot(shown) as con:
        return sae_of(con, 0)


@pytest.fixture
def feature(page: sync_api.Page, address: str, sae: str) -> sync_api.Page:
    """The page of one feature."""
    page.goto(f"{address}/feature?sae={sae}&feature={FEATURE}")
    settle(page)
    return page


@pytest.mark.slow
def test_each_tab_shows_its_panels(feature: sync_api.Page) -> None:
    assert feature.get_by_role("tab").all_inner_texts() == list(TABS)
    for name, heading in TABS.items():
        if name != "What it is":  # open at first
            open_tab(feature, name)
        feature.get_by_role("heading", name=heading, exact=True).wait_for()


def test_a_cell_is_a_strip_whose_boxes_say_gene_and_value(feature: sync_api.Page, shown: Path, sae: str) -> None:
    with warehouse.open_snapshot(shown) as con:
        highest = con.execute(STRONGEST, [sae, FEATURE]).fetchone()[0]
    strip = feature.locator(".scfm-strip").first
    told = re.findall(r"(\S+) ([\d.]+)(?:,|$)", strip.get_attribute("aria-label").split("strongest: ")[1])
    symbol, value = max(told, key=lambda one: float(one[1]))
    assert value == f"{highest:.3g}"  # the first cell is the one in which the feature is most active
    box = strip.locator("b", has_text=re.compile(f"^{symbol}$")).first
    box.hover()
    where = box.bounding_box()
    told = feature.evaluate(AT, [where["x"] + where["width"] / 2, where["y"] + where["height"] / 2])
    assert re.fullmatch(rf"{symbol}, place \d+: {value}", told), told
    cell = feature.locator(".scfm-cell").first
    barcode = cell.inner_text()
    cell.click()
    reach(feature, "/cell[?].*cell=")
    assert feature.locator("h1").inner_text() == f"Cell {barcode}"


def test_before_and_after_keep_the_tab_and_the_other_feature(feature: sync_api.Page) -> None:
    open_tab(feature, "Edges")
    enter(feature, "Compare with", "l1_f20")
    reach(feature, "with=l1_f20")
    feature.get_by_role("heading", name=re.compile(r"^L1_F20 · ")).wait_for()
    assert feature.get_by_role("heading", name=re.compile(rf"^L0_F{FEATURE} · ")).count() == 2  # title and its side
    assert re.search(r"Among the genes listed of each, \d+ are shared", body(feature))
    main = feature.get_by_test_id("stMain")
    for number in (FEATURE + 1, FEATURE):  # each way keeps what the address says beside
        main.locator("[data-testid=stPageLink] a", has_text=f"L0_F{number}").first.click()
        reach(feature, f"[?&]feature={number}(&|$)")
        feature.locator("h1", has_text=f"L0_F{number} ·").wait_for()
        assert "tab=Edges" in feature.url
        assert "with=l1_f20" in feature.url
    feature.go_back()
    reach(feature, f"[?&]feature={FEATURE + 1}(&|$)")
    feature.locator("h1", has_text=f"L0_F{FEATURE + 1} ·").wait_for()
    enter(feature, "Compare with", "L77_F1")
    feature.get_by_text("This run has no feature L77_F1").wait_for()
