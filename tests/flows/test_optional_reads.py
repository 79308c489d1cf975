"""Steps that read another one if the study has it."""

from tests.builders.plans import plan


def test_a_step_reads_another_that_the_study_may_do_without(tmp_path):
    """Tracking reads what compare trained, if anything; a study that compares nothing tracks all the same."""
    tracked = {"tracking": {"wanted": True}}
    (alone,) = plan(tmp_path, **tracked).of("tracking")
    (beside,) = plan(tmp_path, compare={"seeds": [7], "layers": [2]}, **tracked).of("tracking")
    assert alone.inputs.layers("compare") == {}
    assert list(beside.inputs.layers("compare")) == [2]
    assert alone.key != beside.key
