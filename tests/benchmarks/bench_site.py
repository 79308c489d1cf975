"""A site of web pages from a published run: seconds, bytes and memory to write it, seconds until it shows and finds.

The run is the newest of ``--home``, or invented at the size of a published atlas. Pages come from a plain server of
files; each first view is a new browser's, and the search begins with it, before any name has been read.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page

from tests.benchmarks.machine import machine, machine_line, seconds
from tests.benchmarks.publish_times import publish
from tests.builders.browser import CHROMIUM, SIZE, chromium
from tests.builders.large_study import make_large_study
from tests.builders.static_site import go, read, served_files
from warehouse import WarehouseError

SEARCHES = ("CD79A", "ribosome", "LYZ", "cell cycle", "TP53", "mitochondrial", "G1", "kinase")
WRITER = """
import json, sys, time
from dataclasses import asdict
from pathlib import Path
from tests.benchmarks.machine import peak_gib
from warehouse.export.site import publish_site
begun = time.perf_counter()
done = publish_site(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] or None)
print(json.dumps(asdict(done) | {"seconds": time.perf_counter() - begun, "gib": peak_gib()}))
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--home", type=Path, help="home of a warehouse; an invented run if not given")
    parser.add_argument("--run", default="", help="with --home: the run; the newest one made here if not given")
    parser.add_argument("--layers", type=int, default=18)
    parser.add_argument("--features", type=int, default=4608, help="of each layer")
    parser.add_argument("--rows", type=int, default=1_000_000, help="measured pairs of the invented run")
    parser.add_argument("--times", type=int, default=5)


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    if CHROMIUM is None:
        raise WarehouseError("there is no browser: apt-get install chromium")
    with tempfile.TemporaryDirectory() as scratch:
        home, site = arguments.home or Path(scratch) / "home", Path(scratch) / "site"
        if arguments.home is None:
            size = {"n_layers": arguments.layers, "n_features": arguments.features}
            publish(home, *make_large_study(home / "runs", arguments.rows, modules=True, **size))
        words = [sys.executable, "-c", WRITER, str(site), str(home), arguments.run]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        with served_files(site) as address, chromium() as browser:
            shown = _shown(browser, address, site, arguments.times)
    return {"machine": machine(), "written": json.loads(done.stdout.splitlines()[-1]), "shown": shown}


def _shown(browser: Browser, address: str, site: Path, times: int) -> dict[str, dict[str, float]]:
    """Seconds by what is shown."""
    key = read(site, "front")["layers"][-1]["key"]
    views, colds, features = [], [], []
    for number in range(times):
        with browser.new_context(viewport=SIZE) as context:
            page = context.new_page()
            page.set_default_timeout(60_000)
            views.append(seconds(lambda page=page: _first_view(page, address)))
            colds.append(seconds(lambda page=page: _search(page, SEARCHES[0])))
            route = f"#/feature/{key}_F{number}"
            features.append(seconds(lambda page=page, route=route: go(page, route)))
            warm = [seconds(lambda page=page, text=text: _search(page, text)) for text in SEARCHES[1:]]
    found = {"first view": views, "first search, at once": colds, "a search": warm, "a feature": features}
    return {name: {"median": float(np.median(took)), "largest": max(took)} for name, took in found.items()}


def _first_view(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("main h1").wait_for()


def _search(page: Page, text: str) -> None:
    page.locator("#find").fill(text)
    page.locator(f"#found[data-text={json.dumps(text)}]").wait_for()


def table(figures: dict[str, Any]) -> str:
    written = figures["written"]
    return "\n".join(
        [
            machine_line(figures),
            f"{written['n_features']:,} features, {written['n_genes']:,} genes, {written['n_terms']:,} gene sets: "
            f"{written['n_bytes'] / 1e6:.1f} MB in {written['n_files']:,} files, written in {written['seconds']:.1f} s "
            f"with {written['gib']:.2f} GiB",
            f"{'seconds':<32}{'median':>8}{'largest':>9}",
            *(f"{name:<32}{row['median']:8.2f}{row['largest']:9.2f}" for name, row in figures["shown"].items()),
        ]
    )
