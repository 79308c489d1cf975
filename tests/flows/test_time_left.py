"""What is said of the time that a run will take: the demo's proportions, at the pace of the run."""

import pytest

from flows.plan import PUBLISH
from flows.planning import make_plan
from flows.study import load_study
from flows.time_left import PUBLISH_S, TimeLeft, rounded, time_left
from tasks.steps import step_named
from tasks.vocabulary.mini_settings import MiniSettings
from tasks.vocabulary.model_settings import ModelSettings
from tests.flows.test_run import MINI


def test_a_run_that_is_twice_as_slow_as_the_demo_has_twice_as_much_left():
    left = TimeLeft({"cells": 100.0, "sae": 1000.0, "trace": 3000.0})
    assert left.seconds() == 4100
    left.reached("cells", 200.0)
    left.reached("sae", 2000.0)
    assert left.seconds() == pytest.approx(6000, rel=0.01)
    assert left.words() == "about 2 h left"
    left.reached("trace", 6000.0)
    assert left.seconds() == 0
    assert left.words() == ""


def test_steps_that_were_done_before_say_nothing_of_the_pace():
    left = TimeLeft({"trace": 600.0})
    left.reached("cells", 0.01)
    left.reached("sae", 0.01)
    assert left.words() == "about 10 min left"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(17, "20 s"), (89, "90 s"), (91, "2 min"), (40 * 60, "40 min"), (95 * 60, "2 h"), (30 * 3600, "30 h")],
)
def test_an_estimate_has_no_more_digits_than_it_deserves(seconds, words):
    assert rounded(seconds) == words


def test_a_plan_counts_what_is_not_done_up_to_where_it_ends(tmp_path):
    plan = make_plan(load_study(MINI), tmp_path)
    whole, cells = time_left(plan), time_left(plan.until("cells"), "cells")
    sections = plan.study.sections
    expected = sum(step_named(unit.step).expected_seconds(sections[unit.step]) for unit in plan.needed())
    assert whole.seconds() == pytest.approx(expected + PUBLISH_S)
    assert cells.seconds() == pytest.approx(step_named("cells").seconds)
    assert PUBLISH not in [unit.step for unit in plan.needed()]


def test_training_takes_longer_than_a_model_that_lies_there():
    model = step_named("model")
    trained, more, read = (
        model.expected_seconds(ModelSettings(**given))
        for given in ({"mini": {"steps": 1000}}, {"mini": {"steps": 2000}}, {"path": "somewhere"})
    )
    assert more == pytest.approx(2 * trained)
    assert read == model.expected_seconds(ModelSettings(path="somewhere", mini=MiniSettings(steps=900)))
