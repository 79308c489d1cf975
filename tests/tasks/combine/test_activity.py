"""Which sets are measured, in which cells, and what is said of those that cannot be."""

import polars as pl
import pytest

from tasks.combine.activity import SCHEMA, choose_sets, common_cells
from tasks.combine.sets import Combination, Intervention
from tasks.combine.settings import CombineSettings
from tasks.store import RequestError


def activity(*rows):
    """Rows (layer, feature, cells)."""
    flat = [(cell, layer, feature, 2) for layer, feature, cells in rows for cell in cells]
    return pl.DataFrame(flat, schema=SCHEMA, orient="row")


def named(*members):
    sets = [{"name": "one", "members": [{"layer": layer, "feature": feature} for layer, feature in members]}]
    return CombineSettings.model_validate({"sets": sets})


ACTIVE = activity((0, 5, range(8)), (0, 6, [1, 9]), (2, 7, range(2, 10)), (2, 8, range(9)), (4, 1, [0]))


def test_common_cells_are_those_where_every_member_is_active():
    pair = Combination("pair", (Intervention(0, 5, 0.0), Intervention(2, 7, 0.0)), drawn=False)
    assert common_cells(pair, ACTIVE) == [2, 3, 4, 5, 6, 7]


def test_members_stand_in_the_order_of_layers():
    (only,) = choose_sets(named((2, 7), (0, 5)), ACTIVE, 10)
    assert [(each.layer, each.feature) for each in only.members] == [(0, 5), (2, 7)]
    assert not only.drawn


@pytest.mark.parametrize("members", [[(0, 6), (2, 8)], [(0, 5), (4, 1)], [(0, 99)]])
def test_a_set_without_two_common_cells_is_refused(members):
    with pytest.raises(RequestError, match=r"all members of one are active together in [01] of 10 cells, 2 are needed"):
        choose_sets(named(*members), ACTIVE, 10)


def test_drawn_sets_follow_their_seed_and_have_common_cells():
    many = activity(*((layer, feature, range(feature % 4, 20)) for layer in (0, 2) for feature in range(12)))
    settings = [CombineSettings(drawn=5, layers=(2, 0), seed=seed) for seed in (0, 0, 1)]
    first, again, other = (choose_sets(each, many, 20) for each in settings)
    assert first == again != other
    assert [each.name for each in first] == [f"drawn-{number:03d}" for number in range(1, 6)]
    assert len({each.members for each in first}) == 5
    assert all(each.drawn and [member.layer for member in each.members] == [0, 2] for each in first)
    assert all(len(common_cells(each, many)) >= 14 for each in first)


def test_features_that_need_not_meet_are_not_drawn():
    """Of three members of 12 cells, each active in 9, all could miss each other."""
    nine = activity(*((layer, 1, range(9)) for layer in (0, 1, 2)))
    with pytest.raises(RequestError, match="no feature of layer 0 is active in more than 9 of 12 cells"):
        choose_sets(CombineSettings(drawn=1, layers=(0, 1, 2)), nine, 12)
    ten = activity(*((layer, 1, range(10)) for layer in (0, 1, 2)))
    assert len(choose_sets(CombineSettings(drawn=1, layers=(0, 1, 2)), ten, 12)) == 1


def test_more_sets_than_features_use_features_again():
    few = activity((0, 1, range(10)), (2, 1, range(10)), (2, 3, range(10)))
    drawn = choose_sets(CombineSettings(drawn=4, layers=(0, 2)), few, 10)
    assert {each.members[1].feature for each in drawn} == {1, 3}
