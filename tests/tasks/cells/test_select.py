from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from tasks.cells.obs import ObsColumn
from tasks.cells.select import cell_labels, draw, filter_cells, published_pool, refuse_unknown
from tasks.store import RequestError


@dataclass(frozen=True)
class Frame:
    """A frame in the place of files."""

    frame: pd.DataFrame
    name: str = "cells.h5ad"

    @property
    def n_cells(self):
        return len(self.frame)

    def column(self, name, setting):
        refuse_unknown(name, list(self.frame.columns), setting, self.name)
        return ObsColumn.of(self.frame[name])

    def column_if_any(self, name):
        return ObsColumn.of(self.frame[name]) if name in self.frame else None


def filtered(frame, where):
    return filter_cells(Frame(frame), where, "cells.where")


@pytest.fixture
def obs():
    return pd.DataFrame(
        {
            "cell_type": pd.Categorical(["B", "T", None, "B"]),
            "donor": ["d1", "d2", "d1", "d2"],
            "primary": [True, False, True, True],
            "spelt": ["True", "False", "True", "True"],
            "batch": pd.array([1, 2, 2, None], dtype="Int64"),
            "age": [1.0, 2.5, 1.0, np.nan],
        }
    )


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        ({}, [0, 1, 2, 3]),
        ({"cell_type": "B"}, [0, 3]),
        ({"cell_type": ["B", "T"]}, [0, 1, 3]),
        ({"donor": "d1"}, [0, 2]),
        ({"primary": True}, [0, 2, 3]),
        ({"primary": "true"}, [0, 2, 3]),
        ({"spelt": False}, [1]),
        ({"batch": 2}, [1, 2]),
        ({"batch": "1"}, [0]),
        ({"age": 1}, [0, 2]),
        ({"age": [2.5]}, [1]),
        ({"donor": "d2", "primary": True}, [3]),
        ({"cell_type": "B", "donor": "d1", "batch": 1}, [0]),
    ],
)
def test_cells_with_the_wanted_values_are_kept(obs, where, kept):
    assert np.flatnonzero(filtered(obs, where)).tolist() == kept


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        ({"dose": 0.1}, [0, 3]),
        ({"dose": "0.1"}, [0, 3]),
        ({"dose": "0.10"}, [0, 3]),
        ({"dose": [0.25, 0.7]}, [1, 2, 4]),
    ],
)
def test_a_number_is_found_in_a_column_of_less_precision(where, kept):
    for dtype in ("float16", "float32", "float64"):
        frame = pd.DataFrame({"dose": np.array([0.1, 0.25, 0.7, 0.1, 0.7], dtype=dtype)})
        assert np.flatnonzero(filtered(frame, where)).tolist() == kept
        with pytest.raises(RequestError, match=r"has dose = 0\.5: there are 0\.1, 0\.25, 0\.7$"):
            filtered(frame, {"dose": 0.5})


def test_a_missing_value_is_no_value(obs):
    for column, wanted in (("cell_type", "nan"), ("age", float("nan")), ("batch", "<NA>")):
        with pytest.raises(RequestError, match=f"no cell of cells.h5ad has {column} = "):
            filtered(obs, {column: wanted})


def test_present_numbers_stand_by_size():
    with pytest.raises(RequestError, match=r"there are 2, 10, 100$"):
        filtered(pd.DataFrame({"day": [10, 2, 100]}), {"day": 3})


def test_an_unknown_column_names_those_there(obs):
    with pytest.raises(
        RequestError, match=r"cells\.where: cells\.h5ad has no obs column tissue: it has cell_type, donor"
    ):
        filtered(obs, {"tissue": "blood"})


def test_an_unknown_value_names_the_first_ten():
    many = pd.DataFrame({"donor": [f"d{i:02d}" for i in range(14)]})
    with pytest.raises(RequestError, match=r"has donor = d99: there are d00, .*, d09 and 4 more$"):
        filtered(many, {"donor": ["d01", "d99"]})


def test_the_draw_is_a_permutation_of_the_kept_cells_by_seed():
    kept = np.arange(200) % 3 == 0
    order = draw(kept, 1, "seeded").order
    assert sorted(order) == np.flatnonzero(kept).tolist()
    assert order.tolist() == draw(kept, 1, "seeded").order.tolist()
    assert order.tolist() != draw(kept, 2, "seeded").order.tolist()


def test_the_published_pool_is_that_of_the_published_atlas():
    """The ranks are those worked out for its file, which has 39,165 control cells."""
    pool = published_pool(np.ones(39_165, dtype=bool), seed=42)
    assert len(pool) == 2000
    assert pool[:11].tolist() == [4, 13, 70, 109, 128, 144, 180, 198, 217, 252, 261]
    assert pool[[19, 99, 149, 199]].tolist() == [322, 1467, 2348, 3615]


def test_the_published_pool_is_the_legacy_choice_among_the_kept_rows():
    kept = np.arange(6000) % 7 > 2
    np.random.seed(5)
    legacy = np.random.choice(np.flatnonzero(kept), 2000, replace=False)
    assert published_pool(kept, seed=5).tolist() == sorted(legacy)


def test_a_small_published_pool_is_all_kept_rows_in_file_order():
    kept = np.arange(6000) % 3 == 0
    assert published_pool(kept, seed=5).tolist() == np.flatnonzero(kept).tolist()


def test_the_published_draw_tries_its_pool_and_splits_at_random():
    kept = np.arange(6000) % 2 == 0
    drawn = draw(kept, 3, "published")
    assert drawn.order.tolist() == published_pool(kept, 3).tolist()
    assert drawn.shuffled.tolist() == draw(kept, 3, "seeded").order.tolist()


def test_groups_are_queues_in_the_order_of_the_draw():
    kept, groups = np.arange(60) % 5 > 0, np.arange(60) % 3
    drawn = draw(kept, 4, "seeded", groups)
    assert drawn.shuffled.tolist() == draw(kept, 4, "seeded").shuffled.tolist()
    by_group = {}
    for row in drawn.shuffled.tolist():
        by_group.setdefault(groups[row], []).append(row)
    assert [queue.tolist() for queue in drawn.queues] == list(by_group.values())
    dealt = [queue[turn] for turn in range(20) for queue in by_group.values() if turn < len(queue)]
    assert drawn.order.tolist() == dealt


def test_one_group_is_drawn_as_none():
    kept = np.arange(60) % 5 > 0
    one, none = draw(kept, 4, "seeded", np.full(60, 7)), draw(kept, 4, "seeded")
    assert one.order.tolist() == none.order.tolist() == one.shuffled.tolist()
    assert draw(np.zeros(4, dtype=bool), 4, "seeded", np.arange(4)).order.tolist() == []


def test_labels_are_the_named_column_as_text(obs):
    assert cell_labels(Frame(obs), "batch") == ["1", "2", "2", None]


def test_cell_type_serves_where_no_label_is_named(obs):
    assert cell_labels(Frame(obs), None) == ["B", "T", None, "B"]
    assert cell_labels(Frame(obs.drop(columns="cell_type")), None) == [None] * 4


def test_an_unknown_label_column_names_those_there(obs):
    with pytest.raises(
        RequestError, match=r"cells\.label: .* has no obs column celltype: did you mean cell_type\? it has"
    ):
        cell_labels(Frame(obs), "celltype")
