"""Lines of reference files, plain or gzipped."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from tasks.store import RequestError

ENCODING = "utf-8-sig"  # drops a byte order mark, which would become part of the first name


def numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Lines that are not blank, with their number from 1.

    Raises RequestError, naming the file and the last good line, if the file cannot be read or is no text.
    """
    number = 0
    try:
        with gzip.open(path, "rt", encoding=ENCODING) if path.suffix == ".gz" else path.open(encoding=ENCODING) as text:
            for number, line in enumerate(text, start=1):
                if line.strip():
                    yield number, line
    except UnicodeDecodeError as error:
        raise RequestError(f"{path}, after line {number}: not UTF-8 text; is it a reference file?") from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise RequestError(f"{path}, after line {number}: damaged gzip file; fetch it again") from error
    except OSError as error:
        raise RequestError(f"cannot read {path}: {error.strerror}; correct the path") from error


def read_genes(path: Path) -> frozenset[str]:
    """The genes of a file with one gene a line. Raises RequestError for a line of several fields, or no line."""
    genes = set()
    for number, line in numbered_lines(path):
        gene = line.strip()
        if any(mark in gene for mark in "\t,;"):
            raise RequestError(f"{path}, line {number}: several fields; a universe lists one gene a line")
        genes.add(gene)
    if not genes:
        raise RequestError(f"{path} holds no gene; list one gene a line")
    return frozenset(genes)
