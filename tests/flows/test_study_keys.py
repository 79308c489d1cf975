"""`scfm keys` and `scfm steps`: what a study may say, from the declarations themselves."""

import re

import pytest

from flows.cli.main import main
from flows.keys import sections, study_keys
from tasks.steps import STEPS


def test_every_key_has_a_meaning_and_a_type():
    keys = study_keys()
    assert len({key.key for key in keys}) == len(keys) > 120
    for key in keys:
        assert key.meaning, key.key
        assert not re.search(r"typing|class|Annotated|None", key.kind), key


def test_sections_are_those_of_the_steps():
    assert set(sections()) == {"study", "vocabulary", *(key.section for key in study_keys())}
    assert {step.name for step in STEPS if step.settings.model_fields} <= set(sections())


@pytest.mark.parametrize(
    ("key", "kind", "default"),
    [
        ("trace.target_layers", "all or next or list of whole numbers", '"all"'),
        ("model.mini.d_model", "whole number", "64"),
        ("combine.sets.members.layer", "whole number", ""),
        ("with.NAME.study", "text", ""),
        ("cells.label", "text", "unset"),
        ("sae.variant", None, '"topk"'),
    ],
)
def test_types_and_defaults_in_words(key, kind, default):
    (found,) = [each for each in study_keys() if each.key == key]
    assert found.default == default
    assert kind is None or found.kind == kind


def test_the_command_prints_one_section(capsys):
    assert main(["keys", "trace"]) == 0
    out = capsys.readouterr().out
    assert "trace.n_cells = 64  (whole number)" in out
    assert "combine." not in out


def test_an_unknown_section_is_one_line(capsys):
    assert main(["keys", "circus"]) == 2
    assert "no such section; sections are study, with, vocabulary, cells" in capsys.readouterr().err


def test_steps_are_listed_with_what_they_read_and_fill(capsys):
    assert main(["steps"]) == 0
    out = capsys.readouterr().out
    assert [line.split(":")[0] for line in out.splitlines() if not line.startswith(" ")] == [s.name for s in STEPS]
    assert "sae (source layer and its targets)" in out
