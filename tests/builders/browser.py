"""The dashboard as a user has it: its server on a free port, Debian's chromium, and when a page is complete."""

import os
import re
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright import sync_api

from dashboards.launch import command

PICTURES = os.environ.get("SCFM_SCREENSHOTS")  # the folder that pictures of pages are written to, if any
CHROMIUM = shutil.which("chromium")
NEEDED = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="apt-get install chromium")]
SIZE: sync_api.ViewportSize = {"width": 1440, "height": 900}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]
TROUBLE = "[data-testid=stException], [data-testid=stAlertContentError]"
TABLE = "[data-testid=stDataFrame]"
LINE = 35  # pixels of a table's row, as of its heading
NAVIGATION = "[data-testid=stSidebarNavLink]"


@contextmanager
def served(home: Path) -> Iterator[str]:
    """The address of a running dashboard."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(command(home, port, headless=True), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/_stcore/health")
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)


@contextmanager
def chromium() -> Iterator[sync_api.Browser]:
    """A browser without a window."""
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def settle(page: sync_api.Page) -> None:
    """Wait until Streamlit has drawn the page and runs no more."""
    page.wait_for_selector("h1")
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_selector("[data-testid=stSkeleton]", state="detached")
    assert page.locator(TROUBLE).count() == 0, page.locator(TROUBLE).first.inner_text()


def reach(page: sync_api.Page, address: str) -> None:
    """Wait until the page's address holds this regular expression and the page is complete."""
    page.wait_for_url(re.compile(address))
    settle(page)


def open_tab(page: sync_api.Page, name: str) -> None:
    """Open a tab of the page and wait until the address names it."""
    page.get_by_role("tab", name=name, exact=True).click()
    reach(page, f"tab={name.replace(' ', '(%20|[+])')}")


def body(page: sync_api.Page) -> str:
    """All words of the page but its sidebar, and after them what stands in its boxes."""
    main = page.get_by_test_id("stMain")
    return "\n".join([main.inner_text(), *main.locator("input").evaluate_all("boxes => boxes.map(box => box.value)")])


def enter(page: sync_api.Page, label: str, text: str) -> None:
    """Type a line of text into a box and press Enter."""
    box = page.get_by_role("textbox", name=label)
    box.fill(text)
    box.press("Enter")


def choose(page: sync_api.Page, label: str, begin: str) -> None:
    """Choose by keyboard what the box ``label`` offers for ``begin``."""
    box = page.get_by_role("combobox", name=label)
    box.click()
    box.fill(begin)
    page.get_by_role("option").filter(has_text=begin).first.wait_for()
    box.press("Enter")


def saved(page: sync_api.Page, button: sync_api.Locator) -> tuple[str, bytes]:
    """Name and bytes of the file that a button saves."""
    with page.expect_download() as download:
        button.click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def open_page(page: sync_api.Page, title: str) -> None:
    """Follow a link of the navigation and wait until its page is complete."""
    page.locator(NAVIGATION, has_text=title).first.click()
    page.locator("h1", has_text=title).wait_for()
    settle(page)


def words(table: sync_api.Locator, row: int) -> list[str]:
    """What stands in the cells of a table's row, the first row being 0; of links their addresses."""
    cells = table.locator(f"[id^=glide-cell-][id$='-{row}']")
    cells.first.wait_for(state="attached")
    return [text for text in cells.all_text_contents() if text]


def spot(table: sync_api.Locator, row: int, across: float = 30) -> tuple[float, float]:
    """Where on the screen a row is, ``across`` pixels from the left: tables are drawn on a canvas."""
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    assert box is not None
    return box["x"] + across, box["y"] + LINE * (row + 1.5)


def popup(page: sync_api.Page, x: float, y: float) -> sync_api.Page:
    """The page that a click opens; a table that is being drawn again at that moment does not hear the first one."""
    for tries_left in (2, 1, 0):
        page.mouse.move(x, y)
        page.wait_for_timeout(500)
        try:
            with page.expect_popup(timeout=10_000) as opened:
                page.mouse.click(x, y, delay=60)
            return opened.value
        except sync_api.TimeoutError:
            if not tries_left:
                raise
    raise AssertionError


def _wait_for(url: str) -> None:
    for _ in range(240):
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            time.sleep(0.25)
    raise TimeoutError(f"{url} does not answer")
