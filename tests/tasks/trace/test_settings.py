"""Contradictions are refused when settings are made."""

import pytest
from pydantic import ValidationError

from tasks.trace.ablation_settings import sense_of
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
        ({"multiplier": 1}, "multiplier = 1 changes nothing"),
        ({"ablation": "scale"}, "needs a multiplier"),
        (
            {"ablation": "zero", "multiplier": 2},
            'multiplier = 2 is the dose of ablation = "scale", and ablation is zero',
        ),
        ({"ablation": "mean", "multiplier": 0.5}, "and ablation is mean"),
        ({"ablation": "median"}, "ablation"),
        ({"positions": "silent", "effects": ["total", "direct"]}, "positions = silent needs total effects"),
        ({"positions": "all", "effects": ["direct"]}, "Leave direct out"),
    ],
)
def test_a_contradiction_is_refused(fields, line):
    with pytest.raises(ValidationError, match=line):
        TraceSettings(**fields)


def test_a_dose_alone_scales():
    assert TraceSettings(multiplier=2) == TraceSettings(ablation="scale", multiplier=2)
    assert TraceSettings(multiplier=0) == TraceSettings(ablation="zero") == TraceSettings()


@pytest.mark.parametrize(
    ("ablation", "multiplier", "sense"),
    [
        (None, None, -1),
        ("zero", None, -1),
        ("mean", None, -1),
        ("resample", None, 0),
        ("scale", 0.5, -1),
        ("scale", 2, 1),
    ],
)
def test_the_sign_through_which_a_source_supports_its_target(ablation, multiplier, sense):
    assert sense_of(ablation, multiplier) == sense


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({}, ""),
        ({"ablation": "mean"}, "features set to their mean"),
        ({"multiplier": 2.5}, "features multiplied by 2.5"),
        ({"positions": "silent"}, "features taken out; effects read where the source is silent"),
        (
            {"ablation": "resample", "positions": "all"},
            "features set to other values of theirs; effects read at all genes of the cell",
        ),
    ],
)
def test_what_is_not_usual_is_said(asked, words):
    assert TraceSettings(**asked).unusual == words


def test_every_setting_is_described():
    assert all(field.description for field in TraceSettings.model_fields.values())
