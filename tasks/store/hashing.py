"""Content keys: what makes two pieces of work the same piece of work."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path

KEY_LENGTH = 16  # hex digits: 64 bits, ample for the folders of one warehouse


def sha256_file(path: Path) -> str:
    """SHA-256 of a file's bytes, as 64 hex digits."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def sha256_once(path: Path) -> str:
    """SHA-256 of a file, read once a process as long as its size and time stay the same."""
    stat = path.stat()
    return _sha256(path, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=256)
def _sha256(path: Path, _size: int, _mtime: int) -> str:
    return sha256_file(path)


def content_key(value: object) -> str:
    """A short key of any JSON value: SHA-256 of its canonical form (sorted keys, no spaces)."""
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:KEY_LENGTH]
