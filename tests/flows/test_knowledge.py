"""The studies of two models: what they share, how they are pointed at others, and scgpt-mini's features taken out."""

import tomllib
from pathlib import Path

import polars as pl
import pytest

from flows.planning import make_plan
from flows.study import load_study
from tasks.step import run_unit
from tasks.steps import step_named
from tasks.store import RequestError, StepFolder
from tests.builders.models import tiny_geneformer
from tests.builders.scgpt_files import symbols, tiny_scgpt

JOINT, OTHER = Path("flows/studies/knowledge.toml"), Path("flows/studies/knowledge_other.toml")
# Types of cells stand for the planted screen, which a checkout does not hold.
CELLS = ["cells.path=sample", 'cells.obs=["cell_type"]']
SCREEN = [*CELLS, "responses.column=cell_type", "responses.guide=cell_type"]
SCREEN += ["responses.control=CD4 T cells", "responses.separator=|", "responses.suffix=[+ ].*"]
SMALL = Path("tests/studies/mini_model.toml")
FEW = ["device=cpu", "model.path=scgpt-mini", "cells.n=120", "vocabulary.max_genes=200"]
FEW += ["model.mini.n_layers=3", "model.mini.d_model=32", "model.mini.steps=80", "model.mini.warmup=10"]
FEW += ["patching.wanted=true", "patching.layers=[1]", "patching.n_features=4", "patching.n_cells=10"]
FEW += ["patching.train_cells=10", "patching.n_flips=500", "patching.fine_flips=500"]
FEW += ['patching.rules=["published_scgpt"]']


def test_both_studies_share_every_folder_of_the_other_model(tmp_path):
    joint, other = (
        make_plan(load_study(path, ["device=cpu", *more]), tmp_path) for path, more in ((JOINT, SCREEN), (OTHER, CELLS))
    )
    used = {unit.folder for unit in joint.needed()}
    for step in ("cells", "model", "activations", "sae", "describe", "trace"):
        assert {unit.folder for unit in other.of(step)} <= used, step
        assert not {unit.folder for unit in other.of(step)} & {unit.folder for unit in joint.of(step)}, step
    named = {name for name, _ in other.study if name != "model"}
    assert {"domains", "patching"} <= named


def test_two_directories_are_named_in_one_command(tmp_path):
    one = tiny_geneformer(tmp_path / "one", n_layers=4)
    other = tiny_scgpt(tmp_path / "two", symbols(60), n_layers=5)
    named = [f"model.path={one}", f"with.other.model={other}", "device=cpu", *SCREEN]
    plan = make_plan(load_study(JOINT, named), tmp_path)
    models = [each.study.sections["model"].path for each in (plan, plan.others["other"])]
    assert models == [str(one), str(other)]
    assert len(plan.of("consensus")) == len(plan.of("transfer")) == 1


def test_a_model_that_is_named_and_shared_is_refused():
    text = tomllib.loads(JOINT.read_text())
    shared = [*text["with"]["other"]["share"], "model"]
    with pytest.raises(RequestError, match=r"with\.other: model names one, and share takes over that of this study"):
        make_plan(load_study(JOINT, [f"with.other.share={shared}"]), Path("home"))


def test_features_of_scgpt_mini_are_taken_out(tmp_path):
    """Trained, read from its files, and patched by the published rule for models of values and by ours."""
    plan = make_plan(load_study(SMALL, FEW), tmp_path)
    for unit in plan.only(["patching"]).units:
        run_unit(step_named(unit.step), unit.settings, unit.inputs, unit.folder)
    done = {unit.step: StepFolder.open(unit.folder) for unit in plan.only(["patching"]).units}
    model = done["model"].read_table("model").row(0, named=True)
    assert (model["family"], model["name"], model["stand_in"]) == ("scgpt", "scgpt-mini", True)
    assert model["heldout_loss"] > 0 < model["baseline_loss"]
    patched = done["patching"].read_table("causal_patch")
    assert set(patched["rule"]) == {"paired", "published_scgpt"}
    assert patched.filter(pl.col("rule") == "paired")["p"].drop_nulls().is_between(0, 1).all()
    zero = done["patching"].read_table("patch_control").filter(control="zero")
    assert zero.height > 0
