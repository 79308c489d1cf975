"""Step strength on folders: contracts, equal bytes, and a study without a screen."""

import anndata as ad
import pytest

from tasks.analyses.responses.settings import ResponsesSettings
from tasks.analyses.strength.step import STEP, StrengthSettings
from tasks.cells.settings import CellsSettings
from tasks.section import Sections
from tasks.step import Inputs, run_unit
from tasks.store import RequestError, StepFolder, sha256_file
from tests.builders.contract import assert_contract
from tests.builders.planted_screen import plant_screen
from tests.builders.steps import do_step
from tests.builders.study_shards import make_study


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Folders of a synthetic study, and a screen that switches its own genes off."""
    root = tmp_path_factory.mktemp("study")
    _, folders = make_study(root, n_features=60)
    named = {step: [one for one in folders if one.name.startswith(f"{step}-")] for step in ("describe", "trace")}
    cells = next(one for one in folders if one.name.startswith("cells-"))
    listed = StepFolder.open(named["describe"][0]).read_table("feature_gene")["symbol"].unique().sort().to_list()
    screen = plant_screen(3, n_perturbations=12, n_cells=30, n_control=150, n_genes=150)
    for name, own in zip(screen.effects, listed, strict=False):
        screen.cells.obs["gene"] = screen.cells.obs["gene"].replace(name, own)
        screen.cells.var["gene_symbols"] = screen.cells.var["gene_symbols"].astype(str).replace(name, own)
    path = root / "screen.h5ad"
    ad.AnnData(screen.cells.X, screen.cells.obs, screen.cells.var).write_h5ad(path)
    columns = ResponsesSettings(path=str(path), column="gene", line="cell_line", batch="batch", min_cells=5)
    responses = do_step("responses", columns, root / "responses-0123456789abcdef", CellsSettings())
    reads = {
        "responses": {None: responses},
        "cells": {None: cells},
        "trace": {0: named["trace"][0]},
        "describe": dict(enumerate(named["describe"])),
    }
    return columns, reads


def test_tables_keep_their_contracts_and_two_runs_are_equal(world, tmp_path):
    columns, reads = world
    settings = StrengthSettings(wanted=True, criterion="published", n_cells=8, min_genes=1, n_draws=99)
    inputs = Inputs(Sections({"s": settings, "r": columns, "c": CellsSettings()}), reads)
    one, two = (
        StepFolder.open(run_unit(STEP, settings, inputs, tmp_path / where / "strength-0123456789abcdef"))
        for where in "ab"
    )
    for table in STEP.tables:
        assert_contract(one.read_table(table), table)
        assert [sha256_file(each) for each in one.shards(table)] == [sha256_file(each) for each in two.shards(table)]
    shifts = one.read_table("perturbation_shift")
    assert set(shifts["n_drawn"]) <= {0, 8}
    assert shifts["distance"].drop_nulls().len() > 10
    assert one.read_table("feature_strength").height > 0
    tests = one.read_table("strength_test")
    assert set(tests["line"]) == {"K", "R"}
    assert set(tests["direction"]) == {"in", "out"}


def test_a_study_without_a_screen_is_refused_when_it_is_planned():
    with pytest.raises(RequestError, match=r"strength.wanted: no obs column says what was switched off"):
        STEP.outside(Sections({"r": ResponsesSettings()}), None)
