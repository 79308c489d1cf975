"""Edges beside those of another study: which folders both share, and requests that cannot be served."""

import shutil
from pathlib import Path

import pytest

from flows.planning import make_plan
from flows.study import load_study
from tasks.store import RequestError
from tests.conftest import MINI_STUDY
from warehouse import open_snapshot

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


def test_what_is_shared_holds_for_both_and_the_rest_stays(tmp_path):
    """Without it, a model that is named on the command line would be that of this study alone."""
    other = "[cells]\nn = 100\n[trace]\nsource_layers = [2]\nn_cells = 20\n"
    named = '[with.b_cells]\nstudy = "other.toml"\nshare = ["cells", "validate"]\n'
    (tmp_path / "other.toml").write_text(f'name = "other"\ndevice = "cpu"\n{other}')
    (tmp_path / "own.toml").write_text(f'name = "own"\ndevice = "cpu"\n{OWN}{named}')
    plan = make_plan(load_study(tmp_path / "own.toml", ["cells.n=200", "validate.n_null=150"]), tmp_path / "home")
    there = plan.others["b_cells"]
    assert [plan.of("cells")[0].folder] == [there.of("cells")[0].folder]
    assert there.study.sections["cells"].n == 200
    assert there.study.sections["validate"].n_null == 150
    assert there.study.sections["trace"].n_cells == 20
    with pytest.raises(RequestError, match=r"with\.b_cells\.share: cell is no section of a study: "):
        plan_beside(tmp_path, other, '[with.b_cells]\nstudy = "other.toml"\nshare = ["cell"]\n')


CIRCUITS = ("circuits_all", "circuits_ranked", "circuits_random", "circuits_stratified")


def test_studies_of_circuits_differ_in_their_sources_alone_and_share_all_before(tmp_path):
    """With any model directory and cells, which are set once."""
    changes = ["model.path=mini", "cells.path=sample", "device=cpu"]
    plans = {
        name: make_plan(load_study(Path(f"flows/studies/{name}.toml"), changes), tmp_path / "home") for name in CIRCUITS
    }
    for step in ("cells", "model", "activations", "sae", "describe"):
        assert len({tuple(unit.folder for unit in plan.of(step)) for plan in plans.values()}) == 1, step
    rules = {name: plan.study.sections["trace"].sources.rule for name, plan in plans.items()}
    assert rules == {name: name.removeprefix("circuits_") for name in CIRCUITS}
    beside = plans["circuits_random"]
    assert [unit.layer for unit in beside.of("transfer")] == [0, 2]
    there = {unit.layer: unit.folder for unit in beside.others["ranked"].of("trace")}
    assert there == {unit.layer: unit.folder for unit in plans["circuits_ranked"].of("trace")}
    for unit in beside.of("transfer"):
        assert unit.inputs.others["ranked"]["trace"] == {unit.layer: there[unit.layer]}


@pytest.mark.slow
def test_edges_of_the_mini_study_beside_those_in_t_cells(mini_home, scfm, tmp_path):
    """Of all that the other study needs, only the cells of its trace are new."""
    home = Path(shutil.copytree(mini_home, tmp_path / "home", symlinks=True))
    text = MINI_STUDY.read_text()
    asked = '\n[transfer]\nwanted = true\ncriterion = "published"\n[with.t_cells]\nstudy = "other.toml"\n'
    traced = 'source_layers = [0]\ncells_where = { cell_type = "CD4 T cells" }'
    (tmp_path / "other.toml").write_text(text.replace("source_layers = [0]", traced))
    (tmp_path / "own.toml").write_text(text + asked)
    before = {folder.name for folder in (home / "runs").iterdir()}
    done = scfm(home, "run", str(tmp_path / "own.toml"), "--only", "transfer", cwd=tmp_path)
    assert done.status == 0, done.err
    new = {folder.name.split("-")[0] for folder in (home / "runs").iterdir() if folder.name not in before}
    assert new == {"trace", "effect_sizes", "transfer", "run"}
    con = open_snapshot(home)
    rows = con.sql("SELECT jaccard, jaccard_chance, ceiling, rho FROM transfer_edge").fetchall()
    assert len(rows) == 2
    for jaccard, chance, ceiling, rho in rows:
        assert chance < jaccard < ceiling + 0.1
        assert rho > 0.5
    assert con.sql("SELECT count(*) FROM transfer_summary WHERE own IS NOT NULL").fetchone()[0] >= 9
    r = con.sql(
        "SELECT r, r_chance, r_se FROM run_pair_stability WHERE kind = 'study' AND criterion = 'tested'"
    ).fetchall()
    assert all(own > chance + error for own, chance, error in r)
    assert con.sql("SELECT count(*) FROM source_contrast WHERE own IS NOT NULL AND NOT same_cells").fetchone()[0] > 6
    assert con.sql("SELECT min(n_both) FROM paired_gene_pair").fetchone()[0] > 0
