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
