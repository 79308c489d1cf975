"""The ledger of a step folder: one JSON line a finished unit, appended and fsynced."""

import json
import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from tasks.store.atomic import explain_full_disk, write_text


class Shard(BaseModel):
    """One file of a unit. ``table`` is the warehouse table it feeds, or None for tensors and files."""

    model_config = ConfigDict(frozen=True)

    path: str  # relative to the step folder
    table: str | None
    rows: int | None
    bytes: int
    sha256: str


class LedgerLine(BaseModel):
    """A unit of work that is done: its name, its shards, when, and how many seconds it took."""

    model_config = ConfigDict(frozen=True)

    unit: str
    shards: list[Shard]
    seconds: float
    committed: str


def read_ledger(path: Path) -> dict[str, LedgerLine]:
    """Units by name. A torn last line (the process died while appending) is no line."""
    if not path.exists():
        return {}
    lines: dict[str, LedgerLine] = {}
    for text in path.read_text().splitlines():
        try:
            line = LedgerLine.model_validate_json(text)
        except ValidationError:
            continue
        lines[line.unit] = line
    return lines


def append_line(path: Path, line: LedgerLine) -> None:
    """Append one line and force it to the disk; a torn predecessor is closed off by a newline."""
    with explain_full_disk(path), path.open("ab") as handle:
        if handle.tell() and not _ends_with_newline(path):
            handle.write(b"\n")
        handle.write(line.model_dump_json().encode() + b"\n")
        handle.flush()
        os.fsync(handle.fileno())


def rewrite_ledger(path: Path, lines: dict[str, LedgerLine]) -> None:
    """Replace the ledger, for units whose shards were found damaged."""
    write_text(path, "".join(line.model_dump_json() + "\n" for line in lines.values()))


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as handle:
        handle.seek(-1, os.SEEK_END)
        return handle.read(1) == b"\n"


def dump_manifest(step: str, key: str, lines: dict[str, LedgerLine], info: dict[str, object]) -> str:
    """The manifest's text: which step, under which key, with which shards."""
    body = {
        "step": step,
        "key": key,
        "info": info,
        "units": [lines[name].model_dump() for name in sorted(lines)],
    }
    return json.dumps(body, indent=1, sort_keys=True)
