"""The manifest of a step folder: which step, under which key, with which units, and what the step says of itself."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tasks.store.ledger import LedgerLine

MANIFEST = "manifest.json"


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
    return bool(_unaltered_units(path) == _units(lines))


def manifest_lines(path: Path) -> dict[str, LedgerLine] | None:
    """The units that the manifest tells of, by name; None if the file is not there, or altered."""
    try:
        units = _unaltered_units(path)
        return None if units is None else {unit["unit"]: LedgerLine.model_validate(unit) for unit in units}
    except (ValidationError, KeyError, TypeError):
        return None


def _unaltered_units(path: Path) -> Any:  # noqa: ANN401 - whatever JSON holds
    try:
        body = json.loads(path.read_text())
        seal, units = body.pop("seal"), body["units"]
    except (FileNotFoundError, ValueError, KeyError, AttributeError, TypeError):
        return None
    return units if seal == _seal(body) else None


def _units(lines: dict[str, LedgerLine]) -> list[dict[str, Any]]:
    return [lines[name].model_dump() for name in sorted(lines)]


def _seal(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
