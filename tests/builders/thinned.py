"""Cases of a parametrised test, of which a few always run and all with the slow tests."""

from collections.abc import Iterable
from typing import Any

import pytest


def thinned(cases: Iterable[Any], every: int) -> list[Any]:
    """``cases`` (tuples are several arguments), all but each ``every``-th marked slow."""
    found = []
    for place, case in enumerate(cases):
        values = case if isinstance(case, tuple) else (case,)
        found.append(pytest.param(*values, marks=() if place % every == 0 else pytest.mark.slow))
    return found
