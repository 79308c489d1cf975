"""An atlas where it lies, or fetched from the data directory of its site."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import HTTPError
from urllib.request import urlopen

from tasks.atlas.files import SUMMARY, possible_files
from tasks.atlas.summary import read_summary
from tasks.store import Progress, RequestError, ScfmError

SCHEMES = ("http://", "https://")
TIMEOUT_S = 60.0
GONE = (404, 410)


def is_url(source: str) -> bool:
    """Whether the atlas has to be fetched."""
    return source.startswith(SCHEMES)


@contextmanager
def local_atlas(source: str, home: Path) -> Iterator[Path]:
    """The folder of an atlas: a directory itself, or what was fetched from a URL into the home, gone afterwards.

    Raises RequestError if there is no atlas, ScfmError if a file cannot be fetched: nothing half fetched is used.
    """
    if not is_url(source):
        if not Path(source).is_dir():
            raise RequestError(f"no directory at {source}: give the folder of the atlas's JSON files, or its URL")
        yield Path(source)
        return
    home.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=home, prefix="atlas-fetched-") as name:
        fetch(source, Path(name))
        yield Path(name)


def fetch(url: str, folder: Path) -> None:
    """Every file of the atlas at ``url`` into ``folder``; files that the site has not are left out."""
    base = url.rstrip("/")
    if not _fetch_one(f"{base}/{SUMMARY}", folder / SUMMARY):
        raise RequestError(f"no published atlas at {url}: it has no {SUMMARY}; give the URL of the data directory")
    names = [file.name for file in possible_files(read_summary(folder).n_layers) if file.name != SUMMARY]
    with Progress("fetch", total=len(names), unit="file") as bar:
        for name in names:
            _fetch_one(f"{base}/{name}", folder / name)
            bar.advance(1, last=name)


def _fetch_one(url: str, target: Path) -> bool:
    """Fetch one file; False if the site has none. Sites of one page answer with that page what they have not."""
    try:
        with urlopen(url, timeout=TIMEOUT_S) as answer:
            body: bytes = answer.read()
    except HTTPError as error:
        if error.code in GONE:
            return False
        raise ScfmError(f"{url} answers {error.code} {error.reason}: try again later, or fetch the files") from None
    except (OSError, HTTPException, ValueError) as error:
        raise ScfmError(f"{url} could not be fetched ({error}): see that the address is right and try again") from None
    if body.lstrip()[:1] == b"<":
        return False
    target.write_bytes(body)
    return True
