"""The dashboard in a real browser: every page, a search, a followed link.

With SCFM_SCREENSHOTS=FOLDER every page's picture is written there, of the warehouse in SCFM_HOME if that is set.
"""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from playwright import sync_api

import warehouse
from dashboards.menu import MENU
from tests.builders.browser import NAVIGATION, NEEDED, PICTURES, SIZE, TABLE, open_page, popup, served, settle, spot
from tests.builders.study_shards import make_study
from tests.dashboards.conftest import sae_of
from tests.warehouse.shards import edit_table

TALLEST = 1600  # pixels of a picture
NAME = "**B** <b>cell</b> $x^2$ :red[r] ![p](http://elsewhere.invalid/p.png)"

pytestmark = NEEDED


def picture(page: sync_api.Page, name: str) -> None:
    """Write the page's picture, if pictures are wanted."""
    if PICTURES:
        page.wait_for_timeout(1500)  # charts fade in
        height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
        page.set_viewport_size({**SIZE, "height": min(max(height, SIZE["height"]), TALLEST)})
        page.wait_for_timeout(1500)
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"))
        page.set_viewport_size(SIZE)


TELLING = """
SELECT source_feature
FROM edge
JOIN feature ON (edge.run_id, source_sae, source_feature) = (feature.run_id, sae_id, feature)
WHERE source_sae = ?
ORDER BY label IS NULL, abs(g) DESC, source_feature
LIMIT 1
"""  # the annotated feature with the strongest edge


@pytest.mark.slow
def test_deep_link_first_then_every_page(page: sync_api.Page, address: str, shown: Path) -> None:
    with warehouse.open_snapshot(shown) as con:
        sae = sae_of(con, con.sql("SELECT min(source_layer) FROM edge").fetchone()[0])
        feature = con.execute(TELLING, [sae]).fetchone()[0]
    page.goto(f"{address}/feature?sae={sae}&feature={feature}")
    settle(page)
    assert f"_F{feature} ·" in page.locator("h1").inner_text()
    assert page.locator(NAVIGATION).count() == len(MENU)
    picture(page, "feature")
    page.goto(address)
    for one in MENU:
        if one.name != "feature":  # opened above, where there is more to see than on the first feature
            open_page(page, one.title)
            picture(page, one.name)


@pytest.mark.slow
def test_every_tab_opens(page: sync_api.Page, address: str) -> None:
    for name in (one.name for one in MENU[1:]):
        page.goto(f"{address}/{name}")
        settle(page)
        for tab in page.get_by_role("tab").all()[1:]:
            tab.click()
            settle(page)
            picture(page, f"{name}_{tab.inner_text().split()[0].lower()}")


def test_the_flow_between_modules_is_drawn(page: sync_api.Page, address: str) -> None:
    page.goto(f"{address}/across")
    settle(page)
    page.get_by_role("tab", name="Flow").click()
    page.locator(".sankey .sankey-link").first.wait_for()
    assert page.locator(".sankey .sankey-node").count() >= 2


def test_search_and_follow_a_link(page: sync_api.Page, address: str) -> None:
    page.goto(f"{address}/features")
    settle(page)
    search = page.get_by_label("Search (press Enter)")
    search.fill("LYZ")
    search.press("Enter")
    page.wait_for_timeout(1000)
    settle(page)
    assert "features match" in page.locator("[data-testid=stMain]").inner_text()
    opened = popup(page, *spot(page.locator(TABLE).first, 0))
    settle(opened)
    assert "/feature?" in opened.url
    assert "LYZ" in opened.locator("[data-testid=stMain]").inner_text()
    opened.close()


def test_sql_answers_and_refuses(page: sync_api.Page, address: str) -> None:
    page.goto(f"{address}/sql")
    settle(page)
    page.get_by_role("button", name="Run (Ctrl+Enter)").click()
    page.get_by_role("button", name="Download CSV").wait_for()
    settle(page)
    picture(page, "sql_answer")
    page.locator("textarea").fill("SELECT * FROM read_text('/etc/passwd')")
    page.locator("textarea").press("Control+Enter")
    page.get_by_role("button", name="Run (Ctrl+Enter)").click()
    refusal = page.locator("[data-testid=stAlertContentError] p")
    refusal.wait_for()
    assert refusal.inner_text().startswith("query refused:")
    assert "\n" not in refusal.inner_text()


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A dashboard on a run whose B cells have a name that is Markdown, LaTeX and HTML."""
    home = tmp_path_factory.mktemp("hostile")
    run, folders = make_study(home / "runs", n_features=12, layers=(0, 1))
    columns = [("cell", "label"), ("feature_cell_type", "cell_type"), ("feature", "top_cell_type"), ("feature", "name")]
    columns += [("feature_label_quantile", "label")]
    for table, column in columns:
        edit_table(folders, table, pl.col(column).str.replace("B cell", NAME, literal=True))
    warehouse.publish_run(home, run, folders)
    with served(home) as address:
        yield address


@pytest.mark.slow
def test_names_from_files_are_shown_as_they_are(page: sync_api.Page, hostile: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{hostile}/features")
    settle(page)
    page.goto(f"{hostile}/feature")
    settle(page)
    page.locator("svg.main-svg text", has_text="cell").first.wait_for()
    assert NAME in page.locator("svg.main-svg text").all_text_contents()
    page.goto(hostile)
    settle(page)
    page.locator("svg.main-svg text", has_text="Monocyte").first.wait_for()
    assert NAME in page.locator("svg.main-svg text").all_text_contents()
    assert len(asked) > 10
    assert not [url for url in asked if not url.startswith((hostile, "data:", "blob:"))]  # nothing is asked of others
