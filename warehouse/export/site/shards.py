"""Data of a site: compressed JSON, many small pages a file, so that a page is one request and a folder few files."""

import zlib
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

import orjson

GZIP = 31  # zlib's window bits for a gzip file without name and time: the same rows give the same bytes
LEVEL = 6
Page = tuple[int, str]  # its number and its text


def write_json(path: Path, value: object) -> None:
    """Anything that JSON can hold; what is no number becomes null."""
    _write(path, orjson.dumps(value))


def write_blocks(folder: Path, pages: Iterable[Page], per_block: int) -> None:
    """Pages in the order of their numbers: those of ``<number // per_block>.json.gz`` in one file."""
    for block, group in groupby(pages, key=lambda page: page[0] // per_block):
        write_pages(folder / f"{block}.json.gz", group)


def write_pages(path: Path, pages: Iterable[Page]) -> None:
    """One object of pages by number; each page is the text of its JSON."""
    texts = [f'"{number}":{text}' for number, text in pages]
    _write(path, f"{{{','.join(texts)}}}".encode())


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(zlib.compress(data, LEVEL, GZIP))
