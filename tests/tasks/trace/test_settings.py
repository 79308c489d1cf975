"""Contradictions are refused when settings are made."""

import pytest
from pydantic import ValidationError

from tasks.trace.settings import TraceSettings


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"target_layers": []}, "target_layers is empty"),
        ({"source_layers": [4], "target_layers": [2, 4]}, "no target layer of .* follows a source layer"),
        ({"null_flips": 600, "n_flips": 500}, "null_flips .* exceeds n_flips"),
        ({"n_flips": 499}, "n_flips"),
        ({"n_cells": 1}, "n_cells"),
        ({"source_layers": []}, "source_layers"),
        ({"consistency_min": 1.0}, "consistency_min"),
        ({"flips": 3}, "flips"),
    ],
)
def test_a_contradiction_is_refused(fields, line):
    with pytest.raises(ValidationError, match=line):
        TraceSettings(**fields)


def test_every_setting_is_described():
    assert all(field.description for field in TraceSettings.model_fields.values())
