"""Fetching an atlas from a site: what is there, what is not, and what goes wrong on the way."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tasks.atlas.atlas import open_atlas
from tasks.atlas.fetch import local_atlas
from tasks.store import RequestError, ScfmError
from tests.builders.atlas_files import make_atlas

Answer = Callable[["Site"], bool]  # whether it has answered in place of the site


class Site(SimpleHTTPRequestHandler):
    """A site of static files that a test may make misbehave."""

    instead: Answer | None = None

    def do_GET(self) -> None:
        if Site.instead is None or not Site.instead(self):
            super().do_GET()

    def log_message(self, *_: object) -> None:
        pass

    def reply(self, status: int, body: bytes, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def source(tmp_path) -> Path:
    return make_atlas(tmp_path / "files", without=("layer_00_annotations.json", "svd_comparison.json"))


@pytest.fixture
def url(source) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Site, directory=str(source)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    Site.instead = None


def test_fetched_is_what_lies_there(source, url, tmp_path):
    with local_atlas(f"{url}/", tmp_path / "home") as files:
        assert open_atlas(files).files == open_atlas(source).files
        assert files.parent == tmp_path / "home"
    assert list((tmp_path / "home").iterdir()) == []


def test_a_page_in_place_of_a_file_is_a_missing_file(url, tmp_path):
    def page(site: Site) -> bool:
        if "positions" not in site.path:
            return False
        site.reply(200, b"\n<!DOCTYPE html><title>Atlas</title>")
        return True

    Site.instead = page
    with local_atlas(url, tmp_path) as files:
        assert {file.kind for file in open_atlas(files).missing()} == {"annotations", "svd_comparison", "positions"}


def test_a_site_without_summary_is_no_atlas(url, tmp_path):
    with pytest.raises(RequestError, match="no published atlas at"), local_atlas(f"{url}/elsewhere", tmp_path):
        pass


def fail(status: int, body: bytes = b"", length: int | None = None) -> Answer:
    def answer(site: Site) -> bool:
        if "modules" not in site.path:
            return False
        site.reply(status, body, length)
        return True

    return answer


@pytest.mark.parametrize(
    ("answer", "words"),
    [(fail(500), "answers 500"), (fail(403), "answers 403"), (fail(200, b"[", 99), "IncompleteRead")],
)
def test_a_file_that_fails_ends_the_import(url, tmp_path, answer, words):
    Site.instead = answer
    with pytest.raises(ScfmError, match=words) as caught, local_atlas(url, tmp_path / "home"):
        pass
    assert "modules.json" in str(caught.value)
    assert list((tmp_path / "home").iterdir()) == []


def test_nobody_answers(tmp_path):
    with pytest.raises(ScfmError, match="could not be fetched"), local_atlas("http://127.0.0.1:9/data", tmp_path):
        pass


def test_no_directory_is_a_wrong_request(tmp_path):
    with pytest.raises(RequestError, match="no directory at"), local_atlas(str(tmp_path / "nowhere"), tmp_path):
        pass
