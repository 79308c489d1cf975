"""Reference data that lies beside the checkout, in ``../shared``, on some machines only."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def shared_path(relative: str) -> Path:
    path = ROOT.parent / "shared" / relative
    if not path.exists():
        pytest.skip(f"reference data ../shared/{relative} is not on this machine")
    return path
