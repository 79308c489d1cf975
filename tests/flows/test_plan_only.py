"""Parts of a plan: the steps that are named, what they read, and what their rows refer to."""

import pytest

from flows.planning import make_plan
from flows.study import load_study
from tasks.steps import STEPS, step_named
from tasks.store import RequestError
from tests.builders.plans import plan
from tests.conftest import MINI_STUDY
from warehouse.contracts.contract import contracts


def test_only_some_steps_and_what_they_read(tmp_path):
    whole = plan(tmp_path, trace={"source_layers": [2]})
    part = whole.only(["codes"])
    assert [unit.step for unit in part.units] == ["cells", "model", "activations", *["sae"] * 6, *["codes"] * 6]
    assert part.run_id != whole.run_id
    assert whole.only([]) is whole


def test_features_that_are_traced_are_described_though_the_trace_does_not_read_it(tmp_path):
    part = plan(tmp_path, trace={"source_layers": [2]}).only(["trace"])
    assert [unit.layer for unit in part.of("sae")] == [2, 3, 4, 5]
    assert [unit.layer for unit in part.of("describe")] == [2, 3, 4, 5]
    assert part.of("modules") == []


@pytest.mark.parametrize("step", [step.name for step in STEPS if step.tables and not step.reads_others])
def test_rows_of_a_step_alone_refer_to_rows_that_are_there(tmp_path, step):
    part = make_plan(load_study(MINI_STUDY), tmp_path).only([step])
    tables = {table for unit in part.units for table in step_named(unit.step).tables}
    referred = {reference.table for table in tables for reference in contracts()[table].references}
    by_steps = {table for step in STEPS for table in step.tables}
    assert part.of(step)
    assert referred & by_steps <= tables


def test_a_step_that_the_study_does_without_says_how_to_ask_for_it(tmp_path):
    with pytest.raises(RequestError, match=r"--only combine, which this study does without: name sets of features"):
        plan(tmp_path).only(["combine"])
    with pytest.raises(RequestError, match="there is no step circus; steps are cells, references,"):
        plan(tmp_path).only(["circus"])
