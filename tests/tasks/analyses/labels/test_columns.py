"""Which columns are labels: those that are named are refused in one line, others are left out for a reason."""

import pytest

from tasks.analyses.labels.columns import read_columns
from tasks.analyses.labels.design import depth_bins
from tasks.analyses.labels.step import LabelsSettings
from tasks.cells.reader import CellsReader
from tasks.store import RequestError
from tests.builders.labelled_cells import obs_columns, write_labelled


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    folders = write_labelled(tmp_path_factory.mktemp("columns"), columns=tuple(obs_columns()))
    return CellsReader(folders["cells"])


def test_all_columns_of_names_are_taken_and_the_others_say_why_not(reader):
    found = read_columns(LabelsSettings(donor="donor"), reader)
    assert [one.column for one in found.columns] == ["cell_type", "batch", "disease", "part", "tall"]
    assert found.columns[0].names == ["B", "T"], "unlabelled is no type"
    assert found.columns[3].sizes.tolist() == [24, 48], "cells that say nothing are left out"
    assert found.left_out == {
        "same": "same is one in every cell that has it",
        "lone": "lone has 120 values, none of which 10 cells have and 10 others lack (labels.min_cells)",
        "nothing": "nothing says nothing of any cell",
        "blank": "blank says nothing of any cell",
        "cluster": "cluster holds numbers (3 different ones) and no names",
        "score": "score holds numbers (120 different ones, not all of them whole) and no names",
    }


def test_few_whole_numbers_are_names_where_they_are_asked_for(reader):
    (found,) = read_columns(LabelsSettings(columns=("cluster",)), reader).columns
    assert (found.names, found.sizes.tolist()) == (["0", "1", "2"], [40, 40, 40])


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"columns": ("tissue",)}, r"labels\.columns: .* has no obs column tissue: .*it has cell_type, donor"),
        ({"columns": ("batch", "same")}, r"labels\.columns: same is one in every cell that has it"),
        (
            {"columns": ("score",)},
            r"labels\.columns: score holds numbers \(120 different ones, not all",
        ),
        ({"columns": ("lone",)}, r"labels\.columns: lone has 120 values, none of which 10 cells have"),
        ({"columns": ("nothing",)}, r"labels\.columns: nothing says nothing of any cell"),
        ({"donor": "same"}, r"labels\.donor: same is one in every cell.*leave labels\.donor out"),
        ({"donor": "lone"}, r"labels\.donor: lone differs in all cells.*leave labels\.donor out"),
        ({"donor": "nothing"}, r"labels\.donor: nothing says nothing of any cell"),
        ({"given": "same"}, r"labels\.given: same is one in every cell"),
        ({"donor": "donor", "given": "donor"}, r"labels\.given: cells are compared within donor anyway: leave"),
        ({"donor": "doner"}, r"labels\.donor: .* has no obs column doner: did you mean donor"),
        ({"min_cells": 119}, r"labels: the cells have no labels to compare \(.*lower labels\.min_cells"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_line(reader, settings, words):
    with pytest.raises(RequestError, match=words) as refused:
        read_columns(LabelsSettings(**settings), reader)
    assert "\n" not in str(refused.value)


def test_depth_has_fewer_bins_where_cells_are_few():
    assert depth_bins(20, 3000, []) == 20
    assert depth_bins(20, 300, []) == 20
    assert depth_bins(20, 120, []) == 8
    assert depth_bins(20, 1800, [6]) == 20
    assert depth_bins(20, 900, [6, 2]) == 5
    assert depth_bins(20, 100, [50]) == 4
    assert depth_bins(1, 100, [50]) == 1
