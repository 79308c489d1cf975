"""The dashboard in a browser: seconds until a page is complete, and until a search has its answer.

The warehouse is that in SCFM_HOME, or under ``--home``. Pages are opened from the navigation, as a user does, the
first time and again; a search ends when its program has ended and its answer is drawn.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page

from flows.home import scfm_home
from tests.benchmarks.machine import machine, machine_line, seconds
from tests.builders.browser import CHROMIUM, NAVIGATION, SIZE, chromium, served, settle
from warehouse import WarehouseError, open_snapshot

SEARCHES = ("CD79A", "ribosome", "LYZ", "cell cycle", "TP53", "mitochondrial", "B cell", "kinase")
BOXES = {"on Features": "Search (press Enter)", "on every page": "Find (key /)"}
COUNT_ENDS = """() => {  // how often the page's program has ended since now
    const app = document.querySelector('[data-testid=stApp]')
    const count = () => { window.ended += app.dataset.testScriptState === 'notRunning' }
    window.ended = 0
    new MutationObserver(count).observe(app, {attributeFilter: ['data-test-script-state']})
}"""
ADDRESS = "SELECT sae_id, feature FROM feature ORDER BY top_genes IS NULL, frequency DESC, sae_id, feature LIMIT 1"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--home", type=Path, help="home of the warehouse; SCFM_HOME if not given")
    parser.add_argument("--times", type=int, default=5, help="how often each page is opened")


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    if CHROMIUM is None:
        raise WarehouseError("there is no browser: apt-get install chromium")
    home = arguments.home or scfm_home()
    with open_snapshot(home) as con:
        n_features, runs = con.sql("SELECT count(*), count(DISTINCT run_id) FROM feature").fetchall()[0]
        sae_id, feature = con.sql(ADDRESS).fetchall()[0]
    with served(home) as address, chromium() as browser:
        page = browser.new_page(viewport=SIZE)
        page.set_default_timeout(60_000)
        page.goto(address)
        settle(page)
        titles = [link.inner_text().splitlines()[-1] for link in page.locator(NAVIGATION).all()]  # behind its icon
        page.evaluate(COUNT_ENDS)
        pages = {title: _opened(page, title, titles[0], arguments.times) for title in titles[1:]}
        one = f"{address}/feature?sae={sae_id}&feature={feature}"
        pages["a feature, by its address"] = _figures([seconds(lambda: _go(page, one)) for _ in range(arguments.times)])
        page.evaluate(COUNT_ENDS)
        _open(page, "Features")
        searches = {
            box: _figures([seconds(lambda text=text, label=label: _search(page, label, text)) for text in SEARCHES])
            for box, label in BOXES.items()
        }
    return {"machine": machine(), "features": n_features, "runs": runs, "pages": pages, "searches": searches}


def _opened(page: Page, title: str, other: str, times: int) -> dict[str, float]:
    """Open a page again and again, each time from another one."""
    found = []
    for _ in range(times):
        found.append(seconds(lambda: _open(page, title)))
        _open(page, other)
    return _figures(found)


def _open(page: Page, title: str) -> None:
    """Follow the link of exactly this name; the title of a page may be that of what it shows."""
    before = page.evaluate("window.ended")
    page.locator(NAVIGATION).filter(has=page.get_by_text(title, exact=True)).click()
    page.wait_for_function("before => window.ended > before", arg=before, polling=5)
    settle(page)


def _go(page: Page, address: str) -> None:
    page.goto(address)
    settle(page)


def _search(page: Page, label: str, text: str) -> None:
    before = page.evaluate("window.ended")
    field = page.get_by_label(label)
    field.fill(text)
    field.press("Enter")
    page.wait_for_function("before => window.ended > before", arg=before, polling=5)
    settle(page)


def _figures(took: list[float]) -> dict[str, float]:
    return {"first": took[0], "median": float(np.median(took)), "largest": max(took)}


def table(figures: dict[str, Any]) -> str:
    searches = {f"a search {box}, of {len(SEARCHES)}": row for box, row in figures["searches"].items()}
    rows = {**figures["pages"], **searches}
    return "\n".join(
        [
            machine_line(figures),
            f"{figures['features']:,} features in {figures['runs']} run{'s' * (figures['runs'] != 1)}",
            f"{'seconds':<32}{'first':>8}{'median':>8}{'largest':>9}",
            *(f"{name:<32}{row['first']:8.2f}{row['median']:8.2f}{row['largest']:9.2f}" for name, row in rows.items()),
        ]
    )
