"""Labels of perturbed cells: guides, combinations, lines, and what is refused in one line."""

import numpy as np
import pytest
from pydantic import ValidationError

from tasks.analyses.responses.labels import CONTROL, LEFT_OUT, number_labels, perturbation_of, read_labels
from tasks.analyses.responses.settings import ResponsesSettings
from tasks.analyses.responses.step import STEP
from tasks.cells.settings import CellsSettings
from tasks.section import Sections
from tasks.store import RequestError
from tests.builders.planted_screen import plant_screen

COLUMN = {"column": "gene", "line": "cell_line", "batch": "batch"}


def settings_of(path, **changes):
    return ResponsesSettings(**{"path": str(path), **COLUMN, **changes})


@pytest.fixture(scope="module")
def screen(tmp_path_factory):
    return plant_screen(n_perturbations=3, n_cells=20, n_control=40, n_genes=80).write(
        tmp_path_factory.mktemp("screen") / "screen.h5ad"
    )


@pytest.mark.parametrize(
    ("label", "changes", "genes"),
    [
        ("GATA1", {}, ("GATA1",)),
        ("ctrl", {"control": "ctrl"}, ()),
        ("ctrl+ctrl", {"control": "ctrl"}, ()),
        ("AHR+ctrl", {"control": "ctrl"}, ("AHR",)),
        ("KLF1+AHR", {}, ("AHR", "KLF1")),
        ("KLF1_AHR", {"separator": "_"}, ("AHR", "KLF1")),
        ("GATA1_sg12", {"suffix": "_sg[0-9]+"}, ("GATA1",)),
        ("HLA-A-2", {"suffix": "-[0-9]"}, ("HLA-A",)),
        ("A_g1+A_g2", {"suffix": "_g[0-9]"}, ("A",)),
        ("safe_g1", {"suffix": "_g[0-9]", "control": ["NT", "safe"]}, ()),
    ],
)
def test_what_a_label_names(label, changes, genes):
    assert perturbation_of(label, ResponsesSettings(**changes)) == genes


def test_cells_without_a_label_a_line_or_a_batch_are_left_out():
    def texts(*values):
        return np.array(values, dtype=object)

    label = texts("A_g1", "A_g2", None, "non-targeting", "B_g1", "A_g1")
    settings = ResponsesSettings(suffix="_g[0-9]")
    found = number_labels(settings, label, texts("K", "K", "K", "R", None, "R"), texts(*"xyxx", "x", None), None)
    assert found.names == ["A", "B"]
    assert found.perturbation.tolist() == [0, 0, LEFT_OUT, CONTROL, LEFT_OUT, LEFT_OUT]
    assert found.n_guides == [2, 0]
    assert number_labels(ResponsesSettings(), label, None, None, None).n_guides is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"column": "perturbation"}, "responses.column: .* has no obs column perturbation"),
        ({"control": "ctrl"}, "responses.control: no cell of .* has gene = ctrl: there are .*name what the column"),
        ({"column": "guide", "control": "non-targeting_g1"}, "none of the .* labels in guide names a gene of .*suffix"),
        ({"batch": "guide"}, "responses.batch: no perturbed cell of .* has a control cell in its line and batch"),
        ({"where": {"cell_line": "HeLa"}}, "responses.where: no cell of .* has cell_line = HeLa"),
    ],
)
def test_a_plan_refuses_what_cannot_be_used(screen, changes, said):
    """In one line, when the plan is made: before any model is run."""
    sections = Sections({"responses": settings_of(screen, **changes), "cells": CellsSettings()})
    with pytest.raises(RequestError, match=said) as refused:
        STEP.outside(sections, None)
    assert "\n" not in str(refused.value)


def test_values_that_are_no_counts_are_refused():
    with pytest.raises(RequestError, match=r"responses need raw counts, and cells.values says there are tpm"):
        read_labels(ResponsesSettings(column="gene"), CellsSettings(values="tpm"))


@pytest.mark.parametrize("changes", [{"suffix": "_sg["}, {"control": []}, {"control": ""}])
def test_settings_that_mean_nothing_are_refused(changes):
    with pytest.raises(ValidationError):
        ResponsesSettings(**changes)


def test_another_file_another_key_and_another_path_the_same(screen, tmp_path):
    copy = tmp_path / "copy.h5ad"
    copy.write_bytes(screen.read_bytes())
    one, two = (
        STEP.outside(Sections({"responses": settings_of(path), "cells": CellsSettings()}), None)
        for path in (screen, copy)
    )
    assert one == two
    assert "path" in STEP.apart
