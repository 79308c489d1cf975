"""In a real browser: the flows of the other files on an imported atlas, which holds no cells and other tables."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright import sync_api

import warehouse
from dashboards.menu import MENU
from tests.builders.browser import NEEDED, body, open_page, open_tab, reach, saved, served, settle
from tests.dashboards.conftest import sae_of

pytestmark = [*NEEDED, pytest.mark.slow]
TELLING = "SELECT feature, top_genes FROM feature WHERE sae_id = ? AND label IS NOT NULL ORDER BY feature LIMIT 1"


@pytest.fixture(scope="module")
def imported(atlas: Path) -> Iterator[str]:
    """A dashboard on the imported atlas."""
    with served(atlas) as address:
        yield address


def test_every_page_opens_by_the_menu(page: sync_api.Page, imported: str) -> None:
    page.goto(imported)
    settle(page)
    for one in MENU[1:]:
        open_page(page, one.title)
        assert "run=imported-geneformer" in page.url


def test_a_feature_is_found_read_and_taken_away(page: sync_api.Page, imported: str, atlas: Path) -> None:
    with warehouse.open_snapshot(atlas) as con:
        sae = sae_of(con, 1)
        feature, genes = con.execute(TELLING, [sae]).fetchone()
    gene = genes.split(",")[0]
    page.goto(f"{imported}/features")
    settle(page)
    page.keyboard.press("/")
    page.keyboard.type(gene)
    page.keyboard.press("Enter")
    page.get_by_test_id("stSidebar").get_by_text(f"{gene} (").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    reach(page, f"/gene[?].*gene={gene}")
    page.goto(f"{imported}/feature?sae={sae}&feature={feature}")
    settle(page)
    assert "Evidence: published (not re-validated)" in body(page)
    page.get_by_role("button", name="Take away").first.click()
    _, rows = saved(page, page.get_by_role("button", name="CSV", exact=True).first)
    assert gene in rows.decode()
    page.keyboard.press("Escape")
    other = page.get_by_role("tab").nth(1).inner_text()
    open_tab(page, other)
    assert page.get_by_role("tab", selected=True).first.inner_text() == other
    page.go_back()
    page.wait_for_url(lambda url: "tab=" not in url)
