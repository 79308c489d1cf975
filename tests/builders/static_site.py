"""A folder of web pages as a plain server of files shows it, and its compressed JSON read back."""

import gzip
import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright import sync_api

from warehouse.export.site.front import BLOCKS


@contextmanager
def served_files(folder: Path) -> Iterator[str]:
    """The address of ``python -m http.server`` on the folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [sys.executable, "-m", "http.server", port, "--bind", "127.0.0.1", "--directory", str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(address)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)


def read(site: Path, name: str) -> Any:
    """The file ``data/<name>.json.gz``."""
    return json.loads(gzip.decompress((site / "data" / f"{name}.json.gz").read_bytes()))


def feature_data(site: Path, place: int, feature: int) -> Any:
    """What the page of a feature of the autoencoder at a place reads."""
    return read(site, f"features/{place}/{feature // BLOCKS['features']}")[str(feature)]


def listed_data(site: Path, kind: str, *name: str) -> Any:
    """What the page of a gene, or of a library's gene set, reads."""
    found = [row[: len(name)] for row in read(site, "names")[kind]]
    place = found.index(list(name))
    return read(site, f"{kind}/{place // BLOCKS[kind]}")[str(place)]


def bytes_of(folder: Path) -> dict[Path, bytes]:
    """Every file of a folder."""
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def go(page: sync_api.Page, route: str) -> None:
    """Show another page of the site and wait for it."""
    page.evaluate("route => { window.location.hash = route }", route)
    wait_for(page, route)


def wait_for(page: sync_api.Page, route: str) -> None:
    """Wait until the page shows what an address names."""
    page.locator(f"main[data-shown={json.dumps(route)}] h1").wait_for()


def _wait_for(url: str) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(f"{url} does not answer")
