"""Requests that cannot be done, each refused in one line that says what to do."""

import re

import pytest

from tasks.analyses.shift.step import STEP, ShiftSettings
from tasks.cells.settings import CellsSettings
from tasks.section import Sections
from tasks.store import RequestError
from tests.tasks.analyses.shift.conftest import LAYER, SETTINGS, shift


def changed(**changes):
    return ShiftSettings(**{**SETTINGS.model_dump(), **changes})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"scale": (), "clamp": (), "clamp_all": (), "published": ()}, "no change is named"),
        ({"scale": (0.0, 1.0)}, "scale = 1 changes nothing"),
        ({"n_features": (0, 2)}, "n_features holds 0, which is always there"),
        ({"n_features": (2, 2)}, "n_features holds an entry twice"),
        ({"selectors": ("gene",)}, "selector gene and the list genes go together"),
        ({"terms": ("t",)}, "selector term and the list terms go together"),
        ({"batch": None}, "name the obs column of the batch"),
        ({"reference": ("b1",)}, "one batch cannot be told from another"),
    ],
)
def test_settings_that_ask_for_nothing_are_refused(changes, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        changed(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"batch": "nobody"}, "no obs column nobody"),
        ({"reference": ("b1", "b9")}, "shift.reference: no cell is of batch b9; batches are b1, b2, b3, b4"),
        ({"batch": "source"}, "batch compares groups of 5 cells that are not embedded, and there is 1 (cells.h5ad)"),
        ({"min_cells": 60}, "there are 0 (none)"),
        ({"n_features": (40,)}, "others are active in 5 cells to draw random ones from"),
        ({"cells_where": {"donor": "d9"}}, "no cell of this study has donor = d9"),
        ({"selectors": ("gene",), "genes": ("FOXP3",)}, "gene finds no feature in layer 1"),
    ],
)
def test_bad_requests_are_refused_in_one_line(reads, tmp_path, changes, message):
    with pytest.raises(RequestError, match=re.escape(message)) as refused:
        shift(reads, tmp_path / "shift-1", changed(**changes))
    assert len(str(refused.value).splitlines()) == 1


def test_a_column_that_the_study_does_not_keep_is_refused_before_anything_runs():
    sections = Sections({type(one).__name__: one for one in (SETTINGS, CellsSettings(obs=("tissue",)))})
    with pytest.raises(
        RequestError, match=re.escape("shift.batch: batch is not kept: add it to cells.obs, which has tissue")
    ):
        STEP.outside(sections, LAYER)


def test_fewer_features_than_asked_for_are_all_changed(reads, tmp_path):
    found = shift(reads, tmp_path / "shift-1", changed(selectors=("gene",), genes=("SYM9", "SYM10"), n_features=(1, 4)))
    own = found.read_table("shift_setting").filter(arm="feature", mode="scale")
    assert own["n_features"].to_list() == [1, 2]
    assert found.read_table("shift_feature").filter(arm="feature")["feature"].to_list() == [5, 3]


def test_features_are_chosen_on_reference_batches(reads, tmp_path):
    found = shift(reads, tmp_path / "shift-1", changed(reference=("b1", "b3"), selectors=("batch",)))
    cells = found.read_table("shift_cell")
    assert set(cells.filter("chooses")["batch"]) == {"b1", "b3"}
    assert set(cells.filter("embedded")["batch"]) == {"b1", "b2", "b3", "b4"}
