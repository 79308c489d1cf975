"""A site in a real browser, from a plain server of files: search, a feature, back and forward, hostile names."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright import sync_api

from tests.builders.browser import CHROMIUM, SIZE, chromium
from tests.builders.markup import MARK, hostile_copy
from tests.builders.static_site import go, read, served_files, wait_for
from warehouse import open_snapshot
from warehouse.export.site import publish_site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="apt-get install chromium"),
]
PHONE: sync_api.ViewportSize = {"width": 390, "height": 800}


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: sync_api.Browser) -> Iterator[sync_api.Page]:
    """A page on which nothing may be said to be wrong."""
    page = browser.new_page(viewport=SIZE)
    page.set_default_timeout(20_000)
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text) if line.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    page.close()
    assert not said, said


def test_search_a_feature_and_back(site: Path, page: sync_api.Page, published: Path) -> None:
    with open_snapshot(published) as con:
        symbol, n_features = con.sql(
            "SELECT symbol, count(*) FROM feature_gene WHERE shown GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1"
        ).fetchone()
    with served_files(site) as address:
        page.goto(f"{address}/")
        page.locator("main h1").wait_for()
        assert page.title().endswith("· scfm-atlas")
        page.keyboard.press("/")
        page.keyboard.type(symbol.lower())
        found = page.locator(f"#found[data-text={symbol.lower()!r}] [data-kind=gene]")
        assert "Genes (" in found.locator("h3").inner_text()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.locator("main h1", has_text=re.compile(f"^{symbol}$")).wait_for()
        assert f"{n_features} feature" in page.locator("main .note").first.inner_text()
        assert page.title() == f"{symbol} · scfm-atlas"
        first = page.locator("main tbody th a").last
        name = first.inner_text()
        first.click()
        wait_for(page, f"#/feature/{name}")
        assert page.title().startswith(name)
        assert symbol in page.locator("main").inner_text()
        page.go_back()
        page.locator("main h1", has_text=re.compile(f"^{symbol}$")).wait_for()
        page.go_forward()
        wait_for(page, f"#/feature/{name}")
        page.reload()  # a deep link
        wait_for(page, f"#/feature/{name}")
        page.close()  # before its server: the names to search are still being read


def test_every_kind_of_page_opens_on_a_phone_in_the_dark(site: Path, page: sync_api.Page) -> None:
    names, front = read(site, "names"), read(site, "front")
    library, term, _ = names["terms"][0]
    routes = ["#/layers", "#/layer/L0?sort=often", f"#/term/{library}/{term}".replace(" ", "%20"), "#/search/a"]
    routes += [f"#/type/{names['types'][0][0]}".replace(" ", "%20")]
    routes += ["#/modules", f"#/module/{names['modules'][0][0]}/{names['modules'][0][1]}"]
    traced = max(front["layers"], key=lambda layer: layer["edges_out_calibrated"])
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(PHONE)
    with served_files(site) as address:
        page.goto(f"{address}/")
        for route in [*routes, f"#/feature/{traced['key']}_F0", "#/"]:
            go(page, route)
            title = page.locator("main h1").inner_text()
            assert title not in ("Not in this run", "This page cannot be shown"), route
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), route
        go(page, "#/gene/NOBODY")
        assert "No feature of this run lists it" in page.locator("main").inner_text()
        go(page, "#/nothing/here")
        assert page.locator("main h1").inner_text() == "Not in this run"
        page.close()


def test_names_from_files_are_shown_as_they_are(page: sync_api.Page, published: Path, tmp_path: Path) -> None:
    publish_site(tmp_path / "site", hostile_copy(published, tmp_path / "home"))
    symbol, _ = read(tmp_path / "site", "names")["genes"][0]
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with served_files(tmp_path / "site") as address:
        page.goto(f"{address}/")
        page.locator("main h1").wait_for()
        assert MARK in page.locator("main h1").inner_text()
        page.locator("#find").fill(symbol)
        page.locator("#found [data-kind=gene] a").first.click()
        page.locator("main h1", has_text=symbol).wait_for()
        page.locator("main tbody th a").last.click()
        page.locator("main h1", has_text="_F").wait_for()
        assert MARK in page.locator("main").inner_text()
        assert page.locator("main img, main a[href^=http]").count() == 0
        assert not [url for url in asked if not url.startswith((address, "data:"))]
        page.close()
