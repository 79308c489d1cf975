"""What every measurement reads: which cells, drawn how."""

import pytest

from tasks.causal.inputs import draw_cells
from tasks.cells.reader import CellsReader
from tasks.combine.settings import CombineSettings
from tasks.section import chosen_settings
from tasks.store import RequestError
from tasks.trace.settings import TraceSettings
from tasks.vocabulary.directory import load_vocabulary
from tests.builders.cells import write_cells
from tests.builders.models import random_cells


@pytest.fixture
def reader(folders, tmp_path):
    vocabulary = load_vocabulary(folders.model_dir)
    return CellsReader(write_cells(tmp_path / "cells-1", random_cells(vocabulary, [12] * 20), vocabulary))


def test_cells_are_drawn_from_their_split_by_seed(reader):
    table = reader.cells()
    heldout = set(table.filter(table["split"] == "heldout")["cell_id"])
    first = draw_cells(TraceSettings(n_cells=3), reader)
    assert len(first) == 3
    assert set(first) < heldout
    assert list(first) == sorted(first)
    assert list(first) == list(draw_cells(TraceSettings(n_cells=3), reader))
    assert any(list(first) != list(draw_cells(TraceSettings(n_cells=3, seed=s), reader)) for s in range(1, 5))
    assert not set(draw_cells(TraceSettings(n_cells=3, cells_split="train"), reader)) & heldout


def test_the_published_draw_is_the_first_cells_of_the_split(reader):
    ids = reader.cells()["cell_id"].to_list()
    for split, wanted in (("all", ids), ("train", [cell for i, cell in enumerate(ids) if i % 4])):
        for seed in (0, 1):
            settings = TraceSettings(n_cells=4, cells_split=split, cells_draw="first", seed=seed)
            assert list(draw_cells(settings, reader)) == wanted[:4]


def test_all_cells_are_those_of_both_splits(reader):
    settings = TraceSettings(n_cells=60, cells_split="all")
    assert list(draw_cells(settings, reader)) == reader.cells()["cell_id"].to_list()


def test_fewer_cells_than_wanted_are_all_taken(reader):
    assert len(draw_cells(TraceSettings(n_cells=60), reader)) == 5


def test_tokens_are_those_of_the_cell(reader):
    tokens = reader.tokens()
    for cell, found in draw_cells(TraceSettings(), reader).items():
        assert found.tokens[0].tolist() == tokens.cell(tokens.cell_id.tolist().index(cell)).tolist()


def test_a_single_cell_is_refused(folders, tmp_path):
    vocabulary = load_vocabulary(folders.model_dir)
    cells = write_cells(tmp_path / "cells-1", random_cells(vocabulary, [12] * 3), vocabulary, heldout_every=3)
    with pytest.raises(RequestError, match="1 chosen heldout cells, tracing needs 2"):
        draw_cells(TraceSettings(), CellsReader(cells))


def obs(key, kind, values):
    """Rows of cell_obs over twenty cells, whose ids are 0, 3, 6, ..."""
    column = "number" if kind == "number" else "value"
    nothing = {"value": None, "number": None, "key": key, "kind": kind}
    return [nothing | {"cell_id": 3 * i, column: values[i % len(values)]} for i in range(20)]


@pytest.fixture
def annotated(folders, tmp_path):
    """Twenty cells, all held out, with labels A and B in turn and four obs columns."""
    vocabulary = load_vocabulary(folders.model_dir)
    rows = [
        *obs("donor", "category", ["d1", "d2", "d2", None]),
        *obs("dose", "number", [0.1, 2.0, None, 0.1]),
        *obs("treated", "boolean", ["true", "false", None]),
    ]
    cells = random_cells(vocabulary, [12] * 20)
    return CellsReader(write_cells(tmp_path / "cells-2", cells, vocabulary, heldout_every=1, obs=rows))


@pytest.mark.parametrize(
    ("where", "wanted"),
    [
        ({}, range(20)),
        ({"cell_type": "B"}, range(1, 20, 2)),
        ({"donor": "d2"}, [cell for cell in range(20) if cell % 4 in (1, 2)]),
        ({"donor": ["d1", "d2"], "cell_type": "A"}, [cell for cell in range(20) if cell % 4 in (0, 2)]),
        ({"dose": 0.1}, [cell for cell in range(20) if cell % 4 in (0, 3)]),
        ({"dose": 2}, range(1, 20, 4)),
        ({"dose": "2.0"}, range(1, 20, 4)),
        ({"treated": True}, range(0, 20, 3)),
        ({"treated": "false", "donor": "d2"}, [1, 10, 13]),
        ({"source": "cells.h5ad"}, range(20)),
    ],
)
def test_only_cells_with_the_wanted_values_are_drawn(annotated, where, wanted):
    settings = [TraceSettings(cells_where=where), CombineSettings(cells_where=where)]
    ids = [3 * i for i in wanted]
    assert [list(draw_cells(each, annotated)) for each in settings] == [ids] * 2
    some = list(draw_cells(TraceSettings(cells_where=where, n_cells=3), annotated))
    assert len(some) == 3
    assert set(some) <= set(ids)


def test_cells_of_no_wanted_value_change_no_draw(annotated):
    assert list(draw_cells(TraceSettings(n_cells=4), annotated)) == list(
        draw_cells(TraceSettings(n_cells=4, cells_where={"cell_type": ["A", "B"]}), annotated)
    )
    assert chosen_settings(TraceSettings(cells_where={})) == chosen_settings(CombineSettings(cells_where={})) == {}


@pytest.mark.parametrize(
    ("where", "message"),
    [
        (
            {"donnor": "d1"},
            r"has no obs column donnor: did you mean donor\? it has cell_type, donor, dose, tr",
        ),
        (
            {"label": "A"},
            r"this study \(cells\.obs says which are kept\) has no obs column label: it has cell",
        ),
        ({"donor": "d3"}, r"cells_where: no cell of this study has donor = d3: there are d1, d2$"),
        ({"dose": 1}, r"has dose = 1: there are 0\.1, 2$"),
        ({"treated": True, "donor": "d1", "dose": 2}, r"0 chosen heldout cells with treated = True and donor = d1 and"),
    ],
)
def test_what_no_cell_has_is_refused(annotated, where, message):
    with pytest.raises(RequestError, match=message):
        draw_cells(TraceSettings(cells_where=where), annotated)
