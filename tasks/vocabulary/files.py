"""Files of models and autoencoders that are not there, cannot be opened, or are something else: one line for each."""

import json
from pathlib import Path
from typing import Any

from tasks.store import RequestError

COMPLETE = "give a complete model directory"
IMPOSTORS = {
    b"version https://git-lfs": "a Git LFS pointer to it, not the file itself: run git lfs pull",
    b"<!doctype html": "a web page: download the file itself",
    b"<html": "a web page: download the file itself",
    b"<?xml": "an answer of a web server: download the file itself",
}  # what a file that was not really downloaded begins with
LONGEST_MARK = 64  # bytes, blanks before them included


def opened(path: Path, advice: str = COMPLETE) -> Path:
    """The path of a file that can be read and may be what its name says.

    Raises RequestError if it is missing, a folder, empty, not to be read by this user, or a pointer or page in the
    place of the file.
    """
    try:
        with _there(path, advice).open("rb") as file:
            start = file.read(LONGEST_MARK).lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    except OSError as error:
        raise unreadable(path, error) from None
    if path.stat().st_size == 0:
        raise RequestError(f"{path} is empty: fetch it anew")
    for mark, what in IMPOSTORS.items():
        if start.startswith(mark):
            raise RequestError(f"{path} is {what}")
    return path


def unreadable(path: Path, error: OSError) -> RequestError:
    """The line for a file that the system does not let us read; it says nothing of damage."""
    if isinstance(error, PermissionError):
        return RequestError(f"{path} may not be read by this user (permission denied): change its permissions")
    return RequestError(f"{path} cannot be opened ({error.strerror or error})")


def read_json_dictionary(path: Path) -> dict[str, Any]:
    """A JSON object. Raises RequestError, naming the file, if it is missing, cannot be read or is none."""
    try:
        value = json.loads(opened(path).read_text(encoding="utf-8-sig"), object_pairs_hook=_once_each)
    except OSError as error:
        raise unreadable(path, error) from None
    except ValueError as error:
        raise RequestError(f"{path} is not a JSON dictionary ({error}): fetch it anew") from None
    if not isinstance(value, dict):
        raise RequestError(f"{path} is not a JSON dictionary but a {type(value).__name__}: fetch it anew")
    return value


def _there(path: Path, advice: str) -> Path:
    if path.is_dir():
        raise RequestError(f"{path} is a folder, and a file of this name is needed: {advice}")
    if path.is_symlink() and not path.exists():
        raise RequestError(f"{path} is a link to {path.readlink()}, which is not there: {advice}")
    if not path.is_file():
        raise RequestError(f"{path.parent} lacks {path.name}: {advice}")
    return path


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The members of a JSON object; of two with one name, JSON readers would take the last and say nothing."""
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise ValueError(f"it gives {name} twice")
        members[name] = value
    return members
