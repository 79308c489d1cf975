"""In a real browser: the flows of the other files on an imported atlas, which holds no cells and other tables."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright import sync_api

import warehouse
from dashboards.menu import MENU
from tests.builders.browser import NEEDED, body, open_page, open_tab, reach, saved, served, settle
from tests.dashboards.conftest import sae_of, writable_copy

pytestmark = [*NEEDED, pytest.mark.slow]
TELLING = "SELECT feature, top_genes FROM feature WHERE sae_id = ? AND label IS NOT NULL ORDER BY feature LIMIT 1"


@pytest.fixture(scope="module")
def imported(atlas: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A dashboard on a copy of the imported atlas, in which lists may be made."""
    home = tmp_path_factory.mktemp("atlas") / "home"
    writable_copy(atlas, home)
    with served(home) as address:
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


def test_circuits_say_why_there_is_no_graph(page: sync_api.Page, imported: str) -> None:
    page.goto(f"{imported}/circuits?tab=Graph")
    settle(page)
    assert "Not in the published files: Edges (feature_degree, edge_stat); Graph (" in body(page)
    assert page.get_by_role("tab").count() == 0


def test_sql_answers_and_a_figure_is_drawn(page: sync_api.Page, imported: str, atlas: Path) -> None:
    page.goto(f"{imported}/sql")
    settle(page)
    page.locator("textarea").fill("SELECT count(*) AS n FROM feature")
    page.locator("textarea").press("Control+Enter")
    _, rows = saved(page, page.get_by_role("button", name="Download CSV"))
    with warehouse.open_snapshot(atlas) as con:
        assert rows.decode().split() == ["n", str(con.sql("SELECT count(*) FROM feature").fetchone()[0])]
    open_page(page, "Figures")
    page.get_by_role("heading", name="Annotated features by layer").wait_for()
    page.locator(".barlayer .point").first.wait_for()
    legend = page.locator(".legendtext").all_text_contents()
    assert "random gene sets" in legend


def test_a_list_is_made_and_read_back(page: sync_api.Page, imported: str) -> None:
    page.goto(f"{imported}/lists?features=L0_F3,L1_F6")
    settle(page)
    page.get_by_label("Keep them as a list called").fill("For the talk")
    page.get_by_role("button", name="Keep", exact=True).click()
    page.get_by_role("heading", name="For the talk: 2 features").wait_for()
    page.goto(f"{imported}/features?list=For the talk&alive=no")
    settle(page)
    assert "2 features match" in body(page)
