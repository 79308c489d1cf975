"""Every trap is told from the same tables with a truth in them, whatever the draw."""

import numpy as np
import pytest

from tests.builders.claim_cases import Case, cases
from tests.builders.planted_claims import answers, open_planted, plant
from warehouse.claims.item import items

SEEDS = range(3)


@pytest.fixture(scope="module")
def verdicts() -> dict[tuple[str, str], str]:
    """Verdicts of all cases, each in runs of its own."""
    with open_planted() as con:
        for case in cases():
            runs = {f"{case.name}-{seed}": case.build(np.random.default_rng(seed)) for seed in SEEDS}
            plant(con, runs, case.study)
        return answers(con)


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_the_answer_is_known(verdicts, case: Case):
    assert [verdicts[f"{case.name}-{seed}", case.item] for seed in SEEDS] == [case.expected] * len(SEEDS)


def test_every_trap_is_found_and_no_truth_is_doubted(verdicts):
    found = {truth: [] for truth in (False, True)}
    for case in cases():
        found[case.is_truth] += [verdicts[f"{case.name}-{seed}", case.item] == "supported" for seed in SEEDS]
    assert len(found[False]) >= 120
    assert len(found[True]) >= 75
    assert not any(found[False])
    assert all(found[True])


def test_truths_and_traps_come_in_pairs():
    asked = {truth: {case.item for case in cases() if case.is_truth == truth} for truth in (False, True)}
    assert asked[True] <= asked[False]
    assert {case.item for case in cases()} <= {item.name for item in items()}


def test_nothing_is_told_of_a_run_without_rows(verdicts):
    with open_planted() as con:
        plant(con, {"empty": {}})
        plant(con, {"import": {}}, imported=True)
        found = answers(con)
    told = {item for (_, item), verdict in found.items() if verdict != "cannot be told"}
    assert told <= {"checks_passed"}
    assert {item for run_id, item in found if run_id == "import"} == {item.name for item in items()}
