from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tasks.cells.select import cell_labels, draw, filter_cells, published_pool
from tasks.store import RequestError

FILE = Path("cells.h5ad")


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
    assert np.flatnonzero(filter_cells(obs, where, FILE)).tolist() == kept


def test_an_unknown_column_names_those_there(obs):
    with pytest.raises(
        RequestError, match=r"cells\.where: cells\.h5ad has no obs column tissue: it has cell_type, donor"
    ):
        filter_cells(obs, {"tissue": "blood"}, FILE)


def test_an_unknown_value_names_the_first_ten():
    many = pd.DataFrame({"donor": [f"d{i:02d}" for i in range(14)]})
    with pytest.raises(RequestError, match=r"has donor = d99: there are d00, .*, d09 and 4 more$"):
        filter_cells(many, {"donor": ["d01", "d99"]}, FILE)


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


def test_labels_are_the_named_column_as_text(obs):
    assert cell_labels(obs, "batch", FILE) == ["1", "2", "2", None]


def test_cell_type_serves_where_no_label_is_named(obs):
    assert cell_labels(obs, None, FILE) == ["B", "T", None, "B"]
    assert cell_labels(obs.drop(columns="cell_type"), None, FILE) == [None] * 4


def test_an_unknown_label_column_names_those_there(obs):
    with pytest.raises(RequestError, match=r"cells\.label: cells\.h5ad has no obs column celltype: it has cell_type"):
        cell_labels(obs, "celltype", FILE)
