"""Keys: what each setting decides, and what decides nothing."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from flows.planning import _key
from tasks.steps import STEPS
from tasks.trace.step import STEP as TRACE
from tests.builders.plans import by_step, plan

RECORD = json.loads((Path(__file__).parent / "key_dependence.json").read_text())
RECORDED = ("cells", "model", "activations", "sae", "compare", "references", "describe", "trace", "combine", "validate")
ALL_STEPS = {
    "compare": {"variants": ["gated"], "layers": [1]},
    "combine": {"drawn": 2, "layers": [2, 3]},
    "trace": {"source_layers": [2, 3], "effects": ["total", "direct"]},
}


@pytest.mark.parametrize("key", RECORD)
def test_each_setting_changes_the_folders_that_it_decides_and_no_other(tmp_path, key):
    """Recorded before steps declared what they read: a forgotten dependence would reuse numbers of other settings."""
    changed = json.loads(json.dumps(ALL_STEPS))
    *sections, name = key.split(".")
    place = changed
    for section in sections:
        place = place.setdefault(section, {})
    place[name] = RECORD[key]["value"]
    before, after = by_step(plan(tmp_path, **ALL_STEPS)), by_step(plan(tmp_path, **changed))
    assert sorted(step for step in RECORDED if before[step] != after[step]) == sorted(RECORD[key]["changes"])


def test_a_setting_at_its_default_is_no_part_of_a_key(tmp_path):
    """So that a setting added later, with a default that changes nothing, invalidates nothing."""
    assert plan(tmp_path, sae={"k": 8}, trace={"n_flips": 1000}).folders() == plan(tmp_path).folders()


def test_how_work_is_spread_is_no_part_of_a_key(tmp_path):
    spread = {"runner": "ray", "workers": 8, "address": "ray://head:10001", "trace": {"parts": 8, "devices": ["cpu"]}}
    assert plan(tmp_path, **spread).folders() == plan(tmp_path).folders()
    assert plan(tmp_path, **spread).run_id == plan(tmp_path).run_id


def test_no_default_changes_its_meaning_unnoticed():
    """A default is no part of a key: one that changes must raise its step's version. Then record it here anew."""
    recorded = json.loads((Path(__file__).parent / "defaults.json").read_text())
    for step in STEPS:
        known = recorded.get(step.name, {"version": 0, "defaults": {}})
        now = json.loads(step.settings().model_dump_json(by_alias=True))
        changed = {key for key, value in known["defaults"].items() if key in now and now[key] != value}
        assert not changed or step.version > known["version"], f"{step.name}: {changed}"
        assert step.version >= known["version"]


def test_a_read_that_was_added_moves_no_key_where_nothing_is_read(tmp_path):
    """Trace reads what describe knows of features only where sources are chosen by it."""
    (unit,) = plan(tmp_path).of("trace")
    reads = {name: read for name, read in TRACE.reads.items() if name != "describe"}
    inputs = replace(unit.inputs, steps={name: unit.inputs.steps[name] for name in reads})
    assert unit.inputs.steps["describe"] == {}
    assert unit.key == _key(replace(TRACE, reads=reads), unit.settings, inputs)
    (ranked,) = plan(tmp_path, trace={"sources": {"rule": "ranked"}}).of("trace")
    assert list(ranked.inputs.steps["describe"]) == [2]
    (drawn,) = plan(tmp_path, trace={"sources": {"rule": "random"}}).of("trace")
    assert drawn.inputs.steps["describe"] == {}
    (quiet,) = plan(tmp_path, trace={"least_explained": 0.1}).of("trace")
    assert quiet.key == unit.key
    assert len({unit.key, ranked.key, drawn.key}) == 3
