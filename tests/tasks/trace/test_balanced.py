"""Cells balanced by donor: who is drawn, how many of each, and what is said of a donor that has too few."""

from collections import Counter

import pytest
from pydantic import ValidationError

from tasks.cells.reader import CellsReader
from tasks.store import RequestError, StepFolder
from tasks.trace.settings import TraceSettings
from tasks.trace.units import draw_with_units
from tests.builders.steps import do_step
from tests.builders.trace import write_trace_folders
from tests.tasks.trace.conftest import SETTINGS

DONORS = "a" * 30 + "b" * 6 + "c" * 4 + "d" * 2 + "-" * 3  # the last have none


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    rows = [
        {
            "cell_id": 3 * cell,
            "key": "donor",
            "value": None if donor == "-" else donor,
            "number": None,
            "kind": "category",
        }
        for cell, donor in enumerate(DONORS)
    ]
    return write_trace_folders(tmp_path_factory.mktemp("study"), lengths=[18] * len(DONORS), obs=rows)


def drawn(folders, **settings):
    given = TraceSettings(**{"unit": "donor", "min_units": 2, "cells_draw": "balanced", **settings})
    cells, units = draw_with_units(given, CellsReader(folders.cells))
    assert set(units.of_cell) == set(cells)
    return list(cells), units


@pytest.mark.parametrize(
    ("n", "counts"),
    [
        (8, {"a": 2, "b": 2, "c": 2, "d": 2}),
        (14, {"a": 4, "b": 4, "c": 4, "d": 2}),
        (24, {"a": 12, "b": 6, "c": 4, "d": 2}),
        (64, {"a": 30, "b": 6, "c": 4, "d": 2}),
    ],
)
def test_each_donor_gives_as_many_cells_as_far_as_it_has_them(folders, n, counts):
    for seed in range(5):
        assert drawn(folders, n_cells=n, seed=seed)[1].sizes == counts


def test_what_is_left_over_falls_to_donors_by_lot_and_never_unevenly(folders):
    every = [drawn(folders, n_cells=6, seed=seed)[1].sizes for seed in range(40)]
    assert all(max(sizes.values()) - min(sizes.values()) == 1 for sizes in every)
    more = Counter(name for sizes in every for name, n in sizes.items() if n == 2)
    assert set(more) == set("abcd")
    assert min(more.values()) >= 9  # of 20 on average, deviation 3.2


def test_within_a_donor_every_cell_is_as_likely(folders):
    n = 120
    counts = Counter(cell for seed in range(n) for cell in drawn(folders, n_cells=8, seed=seed)[0] if cell < 90)
    assert len(counts) == 30
    assert max(abs(count - n * 2 / 30) for count in counts.values()) < 4.5 * (n * 2 / 30) ** 0.5


def test_the_draw_is_the_same_again_and_no_cell_comes_twice(folders):
    first = drawn(folders, n_cells=14, seed=4)[0]
    assert first == drawn(folders, n_cells=14, seed=4)[0] == sorted(set(first))
    assert first != drawn(folders, n_cells=14, seed=5)[0]


def test_a_donor_short_of_cells_is_named_in_one_line(folders):
    with pytest.raises(
        RequestError, match=r"trace.min_cells: donor d has 2 of the cells to trace, 4 are asked for: trace more cells"
    ) as caught:
        drawn(folders, min_cells=4)
    assert "\n" not in str(caught.value)
    with pytest.raises(RequestError, match=r"donor d has 2 .*, 5 are asked for, as do 1 more: "):
        drawn(folders, min_cells=5)
    with pytest.raises(RequestError, match=r"donor [bcd] has 0 .* set trace.cells_draw = balanced, leave it out"):
        drawn(folders, min_cells=2, cells_draw="seeded", n_cells=6, min_units=2, seed=2)
    assert drawn(folders, min_cells=2, n_cells=8)[1].sizes == dict.fromkeys("abcd", 2)
    where = {"donor": ["a", "b", "c"]}
    assert min(drawn(folders, min_cells=4, cells_where=where)[1].sizes.values()) == 4


def test_a_balance_without_units_is_refused():
    with pytest.raises(ValidationError, match="set unit, to donor for instance"):
        TraceSettings(cells_draw="balanced")
    with pytest.raises(ValidationError, match="min_cells = 3 is for units"):
        TraceSettings(min_cells=3)


def test_the_trace_says_how_many_cells_each_donor_has(folders, tmp_path):
    settings = SETTINGS.model_copy(
        update={"n_cells": 14, "unit": "donor", "min_units": 4, "cells_draw": "balanced", "nonzero_min": 2}
    )
    folder = StepFolder.open(do_step("trace", settings, tmp_path / "trace-1", layer=1, **folders.reads))
    assert folder.info["units"].startswith("tested over 4 units by donor (least p 0.12); 2 to 4 cells each")
