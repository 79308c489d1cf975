"""Types of planted cells: those that drive a feature are called, and length alone calls none."""

import numpy as np
import pytest

from tasks.describe.cell_types import cell_types, top_cell_types
from tasks.describe.settings import DescribeSettings
from tests.builders.planted_types import planted_types


def calls(seed, **changes):
    """False calls, calls, planted features whose top type is theirs, and planted features; and platelets alone."""
    world = planted_types(seed)
    settings = DescribeSettings(min_cells=10, **changes)
    alive = np.ones(len(world.kind), dtype=bool)
    frame = cell_types(world.means, world.labels, world.lengths, alive, settings)
    called = frame.filter("called").select("feature", "cell_type").rows()
    false = sum(kind != world.kind[feature] for feature, kind in called)
    top = dict(top_cell_types(frame).select("feature", "top_cell_type").rows())
    found = {f: top.get(f) == kind for f, kind in enumerate(world.kind) if kind}
    rare = [found[f] for f in found if world.kind[f] == "Platelet"]
    return np.array([false, len(called), sum(found.values()), len(found), sum(rare), len(rare)])


def check(draws):
    false, called, found, planted, rare, n_rare = sum(calls(seed) for seed in range(draws))
    assert false <= 0.05 * called
    assert found >= 0.95 * planted
    assert rare >= 0.8 * n_rare
    false, called, *_ = sum(calls(seed, length_strata=1) for seed in range(min(draws, 5)))
    assert false > 0.2 * called


def test_types_are_called_and_length_is_not():
    check(3)


@pytest.mark.slow
def test_types_are_called_and_length_is_not_in_many_draws():
    check(60)
