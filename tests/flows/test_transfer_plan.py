"""Edges beside those of another study: which folders both share, and requests that cannot be served."""

from pathlib import Path

import pytest

from flows.planning import make_plan
from flows.study import load_study
from tasks.store import RequestError

OWN = "[trace]\nsource_layers = [2]\n[transfer]\nwanted = true\n"


def plan_beside(folder: Path, other: str, named: str = '[with.b_cells]\nstudy = "other.toml"\n'):
    (folder / "other.toml").write_text(f'name = "other"\ndevice = "cpu"\n{other}')
    (folder / "own.toml").write_text(f'name = "own"\ndevice = "cpu"\n{OWN}{named}')
    return make_plan(load_study(folder / "own.toml"), folder / "home")


def test_other_cells_are_traced_with_the_same_autoencoders(tmp_path):
    other = '[trace]\nsource_layers = [2]\ncells_where = { cell_type = "B cells" }\n'
    plan = plan_beside(tmp_path, other)
    (unit,) = plan.of("transfer")
    there = plan.others["b_cells"]
    assert [each.folder for each in plan.of("sae")] == [each.folder for each in there.of("sae")]
    (own,), (traced,) = plan.of("trace"), there.of("trace")
    assert own.folder != traced.folder
    assert unit.inputs.others["b_cells"]["trace"] == {2: traced.folder}
    assert unit.inputs.others["b_cells"]["effect_sizes"] == {}
    (again,) = plan_beside(tmp_path, f"{other}[effect_sizes]\nwanted = true\n").of("transfer")
    assert list(again.inputs.others["b_cells"]["effect_sizes"]) == [2]


def test_another_layer_and_no_other_study_are_refused_before_anything_runs(tmp_path):
    with pytest.raises(RequestError, match="layer 2 is traced here, and a study named under with traces layers 1"):
        plan_beside(tmp_path, "[trace]\nsource_layers = [1]\n")
    with pytest.raises(RequestError, match=r"transfer reads other studies, and none is named: add \[with\.NAME\]"):
        plan_beside(tmp_path, "", named="")
