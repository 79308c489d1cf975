"""Studies: one file, one model, clear refusals."""

from pathlib import Path

import pytest

from flows.study import Study, load_study
from tasks.cells.settings import CellsSettings
from tasks.store import RequestError
from tasks.trace.settings import TraceSettings

STUDIES = sorted(Path("flows/studies").glob("*.toml"))


def study_file(folder: Path, text: str) -> Path:
    path = folder / "study.toml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_every_ready_made_study_is_valid(path):
    assert load_study(path).name == path.stem


def test_overrides_are_toml_or_plain_text(tmp_path):
    path = study_file(tmp_path, 'name = "a"\n[cells]\nn = 5')
    study = load_study(path, ["cells.n=500", "cells.path=/data/some file.h5ad", "trace.source_layers=[1, 2]"])
    cells = study.sections.of(CellsSettings)
    assert cells.n == 500
    assert cells.path == "/data/some file.h5ad"
    assert study.sections.of(TraceSettings).source_layers == [1, 2]


def test_seed_reaches_every_step_that_sets_none(tmp_path):
    study = load_study(study_file(tmp_path, 'name = "a"\nseed = 7\n[sae]\nseed = 3'))
    assert [study.sections[name].seed for name in ("cells", "trace", "sae")] == [7, 7, 3]


@pytest.mark.parametrize(
    ("text", "overrides", "message"),
    [
        ('name = "a"\n[cells]\npaht = "x"', [], "cells.paht is not a key of a study: did you mean path?"),
        (
            'name = "a"\n[describe]\ngene_sets = ["go_bp"]',
            [],
            "describe.gene_sets is now references.gene_sets: move it to section [references]",
        ),
        (
            'name = "a"\n[[references.networks]]\nfile = "go_bp"\nlicens = "x"',
            [],
            "references.networks.0.licens is not a key of a study: did you mean licence?",
        ),
        ('name = "a"\nzzz = 1', [], "zzz is not a key of a study: known keys: name,"),
        ('name = "a"\n[cells]\nn = "many"', [], "cells.n: "),
        ('name = "two words"', [], "name: "),
        ("name = ", [], "not valid TOML"),
        ('name = "a"', ["cells.n"], "write it as section.key=value"),
        ('name = "a"', ["name.x=1"], "name is a single value"),
    ],
)
def test_bad_study_is_one_clear_line(tmp_path, text, overrides, message):
    with pytest.raises(RequestError) as caught:
        load_study(study_file(tmp_path, text), overrides)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_study_says_what_to_give(tmp_path):
    with pytest.raises(RequestError, match=r"no study at .*missing\.toml: give the path"):
        load_study(tmp_path / "missing.toml")


@pytest.mark.parametrize("named", ["demo", "demo.toml", "flows/studies/demo.toml"])
def test_a_study_that_comes_with_the_program_is_found_everywhere(tmp_path, monkeypatch, named):
    monkeypatch.chdir(tmp_path)
    assert load_study(Path(named)).name == "demo"


def test_a_file_of_ones_own_comes_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "demo.toml").write_text('name = "mine"\n')
    assert load_study(Path("demo.toml")).name == "mine"
    assert load_study(Path("demo")).name == "demo"
    with pytest.raises(RequestError, match=r"no study at elsewhere/demo\.toml"):
        load_study(Path("elsewhere/demo.toml"))


def test_study_survives_the_way_through_json():
    study = Study.model_validate({"name": "a", "validate": {"n_null": 100}})
    assert Study.model_validate_json(study.model_dump_json(by_alias=True)) == study
