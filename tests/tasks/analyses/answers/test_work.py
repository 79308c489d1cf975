"""The step on real folders: contracts, reasons, refusals, equal bytes."""

import pytest

from tasks.analyses.answers.step import STEP, AnswersSettings
from tasks.analyses.responses.settings import ResponsesSettings
from tasks.cells.settings import CellsSettings
from tasks.section import Sections
from tasks.store import RequestError, StepFolder, sha256_file
from tests.builders.contract import assert_contract
from tests.builders.labelled_cells import write_labelled
from tests.builders.steps import do_step

COLUMNS = {"column": "disease", "control": "well", "batch": "batch"}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return write_labelled(tmp_path_factory.mktemp("answers"), columns=("donor", "batch", "disease", "lone", "cluster"))


def run(folders, folder, **changes):
    settings = AnswersSettings(wanted=True, min_cells=5, min_firings=20, min_positions=2, null_draws=99, keep_p=1.0)
    columns = ResponsesSettings(**{**COLUMNS, **changes})
    return StepFolder.open(
        do_step("answers", settings, folder / "answers-0123456789abcdef", columns, layer=2, **folders)
    )


def test_tables_keep_their_contracts_and_two_runs_are_equal(folders, tmp_path):
    one, two = (run(folders, tmp_path / name) for name in "ab")
    for table in STEP.tables:
        assert_contract(one.read_table(table), table)
        assert one.read_table(table).height > 0
        assert [sha256_file(each) for each in one.shards(table)] == [sha256_file(each) for each in two.shards(table)]
    (row,) = one.read_table("perturbation_answer").to_dicts()
    assert row["reason"] is None
    assert row["n_tested"] > 5
    (summary,) = one.read_table("answer_summary").to_dicts()
    assert summary["n_mock"] >= 1
    assert summary["n_tests"] == row["n_tested"]


def test_numbers_are_spelled_as_step_responses_spells_them(folders, tmp_path):
    out = run(folders, tmp_path, column="cluster", control="0", line="cluster", batch=None)
    assert set(out.read_table("perturbation_answer")["perturbation"]) == {"1", "2"}
    assert set(out.read_table("perturbation_answer")["line"]) == {"1", "2"}


def test_few_cells_have_their_reason(folders, tmp_path):
    out = run(folders, tmp_path, column="lone", control="cell 0")
    assert out.read_table("perturbation_answer")["reason"].str.contains("control cells, fewer than 5").all()
    assert out.read_table("answer_summary")["reason"][0].startswith("no perturbation has enough cells")


def test_no_control_cell_in_use_is_one_line(folders, tmp_path):
    with pytest.raises(RequestError, match=r"none of the 120 cells in use is a control cell .disease = healthy."):
        run(folders, tmp_path, control="healthy")


@pytest.mark.parametrize(
    ("columns", "obs", "said"),
    [
        ({}, (), "name it in responses.column"),
        ({"column": "gene"}, ("donor",), "responses.column is gene, which cells.obs does not keep"),
        ({"column": "gene", "batch": "plate"}, ("gene",), "responses.batch is plate, which cells.obs does not keep"),
    ],
)
def test_a_plan_refuses_cells_that_do_not_say(columns, obs, said):
    sections = Sections({"responses": ResponsesSettings(**columns), "cells": CellsSettings(obs=obs)})
    with pytest.raises(RequestError, match=said):
        STEP.outside(sections, 0)
