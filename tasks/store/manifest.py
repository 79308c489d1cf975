"""The manifest of a step folder: which step, under which key, with which units, and what the step says of itself."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tasks.store.ledger import LedgerLine


def dump_manifest(step: str, key: str, lines: dict[str, LedgerLine], reads: Sequence[str], info: dict[str, Any]) -> str:
    """The manifest's text, with a hash of the rest that tells whether it is still the same.

    ``reads``: names of the step folders that were read.
    """
    body = json.loads(
        json.dumps({"step": step, "key": key, "reads": sorted(reads), "info": info, "units": _units(lines)})
    )
    return json.dumps({**body, "seal": _seal(body)}, indent=1, sort_keys=True)


def is_manifest_of(path: Path, lines: dict[str, LedgerLine]) -> bool:
    """Whether the file is there, unaltered, and tells of exactly these units."""
    try:
        body = json.loads(path.read_text())
        seal, units = body.pop("seal"), body["units"]
    except (FileNotFoundError, ValueError, KeyError, AttributeError, TypeError):
        return False
    return bool(seal == _seal(body) and units == _units(lines))


def _units(lines: dict[str, LedgerLine]) -> list[dict[str, Any]]:
    return [lines[name].model_dump() for name in sorted(lines)]


def _seal(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
