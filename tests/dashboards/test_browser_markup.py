"""In a real browser: text from files as an adversary would write it is shown on pages, and nothing of it is run."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright import sync_api

from dashboards.text import NO_BREAK
from tests.builders.browser import NEEDED, saved, served, settle
from tests.builders.markup import ELSEWHERE, MARK, hostile_copy

pytestmark = NEEDED
PAGES = ("feature", "circuits?tab=Graph&rule=published", "cell_type", "pathway", "gene", "cell", "claims", "runs", "")
MADE = f"[href^='{ELSEWHERE}'], [src^='{ELSEWHERE}'], .katex"  # what the mark would become if it were read


@pytest.fixture(scope="module")
def hostile(shown: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A dashboard on a home in which every text from files ends in MARK."""
    with served(hostile_copy(shown, tmp_path_factory.mktemp("markup") / "home")) as address:
        yield address


@pytest.mark.parametrize("name", [PAGES[0], *(pytest.param(name, marks=pytest.mark.slow) for name in PAGES[1:])])
def test_text_stays_text(page: sync_api.Page, hostile: str, name: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{hostile}/{name}")
    settle(page)
    assert page.locator(MADE).count() == 0
    assert len(asked) > 10
    assert [url for url in asked if not url.startswith((hostile, "data:", "blob:"))] == []
    if name == PAGES[0]:
        assert MARK in page.locator("h1").inner_text().replace(NO_BREAK, "")
        page.get_by_role("button", name="Take away").first.click()
        _, drawn = saved(page, page.get_by_role("button", name="SVG", exact=True).first)
        assert b"<img" not in drawn
        assert b"<a href" not in drawn
