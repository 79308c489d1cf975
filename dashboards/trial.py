"""A feature tried in a cell, in a process of its own: this one never loads a model, and time and number are bounded."""

import json
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from warehouse.parent import release, start_child

TIMEOUT_S = 120.0
WORKER = "import sys; sys.path.append(sys.argv[1]); from flows.trial_worker import main; sys.exit(main())"
_ONE = threading.Lock()  # a model at a time, whoever asks


class TrialRefused(Exception):
    """Why nothing was tried, in one line."""


@dataclass(frozen=True)
class Asked:
    """A feature by name (L2_F17), what its activations are multiplied by, and the cell; None: where it is strongest."""

    run_id: str
    feature: str
    multiplier: float
    cell: int | None


def try_in_model(asked: Asked, timeout_s: float = TIMEOUT_S) -> dict[str, Any]:
    """What the command ``scfm try`` finds. Raises TrialRefused if it refuses, fails, or takes too long."""
    if not _ONE.acquire(timeout=timeout_s):
        raise TrialRefused("others are trying features: try again in a minute")
    try:
        return _answer(asked, timeout_s)
    finally:
        _ONE.release()


def _answer(asked: Asked, timeout_s: float) -> dict[str, Any]:
    pipe = subprocess.PIPE
    words = [sys.executable, "-P", "-c", WORKER, str(Path(__file__).parents[1])]
    child = start_child(words, stdin=pipe, stdout=pipe, stderr=pipe)
    try:
        answer, complaint = child.communicate(json.dumps(asdict(asked)).encode(), timeout=timeout_s)
    except subprocess.TimeoutExpired:
        raise TrialRefused(f"stopped after {timeout_s:g} s: this model takes longer; `scfm try` has no limit") from None
    finally:
        release(child)
    if child.returncode != 0:
        lines = complaint.decode(errors="replace").strip().splitlines()
        raise TrialRefused(
            lines[-1] if lines else f"the worker was stopped (signal {-child.returncode}): out of memory?"
        )
    found: dict[str, Any] = json.loads(answer)
    return found
