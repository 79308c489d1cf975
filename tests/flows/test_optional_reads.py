"""Steps that read another one if the study has it."""

from dataclasses import replace

from flows.planning import make_plan
from flows.study import Study
from tasks.combine.step import STEP as COMBINE
from tasks.steps import STEPS
from tests.builders.plans import plan


def test_a_step_reads_another_that_the_study_may_do_without(tmp_path):
    """Tracking reads what compare trained, if anything; a study that compares nothing tracks all the same."""
    tracked = {"tracking": {"wanted": True}}
    (alone,) = plan(tmp_path, **tracked).of("tracking")
    (beside,) = plan(tmp_path, compare={"seeds": [7], "layers": [2]}, **tracked).of("tracking")
    assert alone.inputs.layers("compare") == {}
    assert list(beside.inputs.layers("compare")) == [2]
    assert alone.key != beside.key


def test_a_read_that_was_added_later_is_no_part_of_a_key_until_it_is_asked_for(tmp_path):
    """Step combine reads descriptions for designed sets alone, and had folders before it did."""
    drawn = {"drawn": 2, "layers": [1, 2]}
    (found,) = plan(tmp_path, combine=drawn).of("combine")
    (designed,) = plan(tmp_path, combine={**drawn, "design": {"layers": [1, 2]}}).of("combine")
    assert found.inputs.layers("describe") == {}
    assert list(designed.inputs.layers("describe")) == [1, 2]
    reads = {name: each for name, each in COMBINE.reads.items() if name != "describe"}
    steps = [replace(one, reads=reads) if one is COMBINE else one for one in STEPS]
    study = Study.model_validate({"name": "a", "device": "cpu", "combine": drawn})
    (before,) = make_plan(study, tmp_path, steps).of("combine")
    assert before.key == found.key != designed.key
