"""The dashboard as a user has it: its server on a free port, Debian's chromium, and when a page is complete."""

import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright import sync_api

from dashboards.launch import command

CHROMIUM = shutil.which("chromium")
SIZE: sync_api.ViewportSize = {"width": 1440, "height": 900}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]
TROUBLE = "[data-testid=stException], [data-testid=stAlertContentError]"
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


def open_page(page: sync_api.Page, title: str) -> None:
    """Follow a link of the navigation and wait until its page is complete."""
    page.locator(NAVIGATION, has_text=title).first.click()
    page.locator("h1", has_text=title).wait_for()
    settle(page)


def _wait_for(url: str) -> None:
    for _ in range(240):
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            time.sleep(0.25)
    raise TimeoutError(f"{url} does not answer")
