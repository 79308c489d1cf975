"""A layer traced in parts: every unit in one of them, and the bytes of the whole."""

import random
from itertools import pairwise

import pytest

from tasks.parts import prepare_parts, run_part
from tasks.section import Sections
from tasks.step import Inputs, run_unit
from tasks.steps import step_named
from tasks.store import StepFolder, part_folder
from tasks.trace.share import Share
from tests.builders.killed import Killed, ended_after, shard_hashes
from tests.tasks.trace.conftest import SETTINGS

TRACE = step_named("trace")


class Divided:
    """The trace of the tiny study's layer 1 in a folder of its own."""

    def __init__(self, folders, root, parts, **changes):
        steps = {name: read if isinstance(read, dict) else {None: read} for name, read in folders.reads.items()}
        self.settings = SETTINGS.model_copy(update={"parts": parts, **changes})
        self.folder = root / "trace-0123456789abcdef"
        inputs = Inputs(Sections({"trace": self.settings}), steps, "cpu", 1)
        self.about = TRACE, self.settings, inputs, self.folder

    def part(self, number):
        return sorted(StepFolder(run_part(*self.about, number)).lines)


@pytest.mark.parametrize("n", [1, 2, 3, 7, 40])
def test_every_item_is_in_one_share_and_shares_cost_alike(n):
    chance = random.Random(n)
    items, costs = list(range(300)), [chance.randrange(100) for _ in range(300)]
    shares = [Share(part, n).of(items, costs) for part in range(n)]
    assert [item for share in shares for item in share] == items
    sums = [sum(costs[item] for item in share) for share in shares]
    assert max(sums) - min(sums) <= 2 * max(costs)


def test_shares_of_nothing_and_of_what_costs_nothing():
    assert Share(1, 3).of([], []) == []
    assert [item for part in range(3) for item in Share(part, 3).of("ab", [0, 0])] == ["a", "b"]


@pytest.mark.parametrize(("parts", "changes"), [(3, {}), pytest.param(9, {"cell_block": 4}, marks=pytest.mark.slow)])
def test_parts_change_no_byte(folders, tmp_path, parts, changes):
    divided = Divided(folders, tmp_path, parts, effects=["total", "direct"], **changes)
    prepare_parts(*divided.about)
    before = set(StepFolder(divided.folder).lines)
    shares = [divided.part(number) for number in reversed(range(parts))]
    run_unit(*divided.about)
    alone = Divided(folders, tmp_path / "alone", 1, effects=["total", "direct"], **changes)
    run_unit(*alone.about)
    assert shard_hashes(divided.folder) == shard_hashes(alone.folder)
    assert before == {"fit", "pairs"}
    assert all(not set(one) & set(other) for one, other in pairwise(shares))
    assert not part_folder(divided.folder, 0).parent.exists()


def test_a_killed_part_loses_its_unit_in_hand_and_another_division_goes_on(folders, traced, tmp_path):
    three = Divided(folders, tmp_path, 3)
    prepare_parts(*three.about)
    with ended_after(1), pytest.raises(Killed):
        three.part(1)
    (kept,) = StepFolder(part_folder(three.folder, 1)).lines
    two = Divided(folders, tmp_path, 2)
    prepare_parts(*two.about)
    shares = [divided for number in range(2) for divided in two.part(number)]
    assert kept in StepFolder(two.folder).lines
    assert kept not in shares
    run_unit(*two.about)
    assert shard_hashes(two.folder) == shard_hashes(traced.path)


def test_without_its_parts_the_rest_does_their_work(folders, traced, tmp_path):
    divided = Divided(folders, tmp_path, 3)
    prepare_parts(*divided.about)
    divided.part(2)
    run_unit(*divided.about)
    assert shard_hashes(divided.folder) == shard_hashes(traced.path)
    assert divided.part(0) == []  # nothing is left to do
