"""Joint studies: a study that names others, whose steps its own may read."""

from pathlib import Path

import pytest

from flows.planning import make_plan
from flows.study import load_study, study_model
from tasks.section import Section
from tasks.step import EVERY_LAYER, Inputs, Step, run_unit
from tasks.steps import STEPS
from tasks.store import RequestError, StepFolder


class MeetSettings(Section):
    """Nothing to set."""


def meet(settings: MeetSettings, inputs: Inputs, out: StepFolder) -> dict[str, object]:
    """Say which layers each study has autoencoders of."""
    own = {"own": sorted(inputs.layers("sae"))}
    return own | {name: sorted(steps["sae"]) for name, steps in inputs.others.items()}


MEET = Step(
    "meet",
    "bring studies together",
    MeetSettings,
    version=1,
    work="tests.flows.test_joint:meet",
    tables=(),
    reads={"sae": EVERY_LAYER},
    reads_others={"sae": EVERY_LAYER},
    on_device=False,
)
JOINT = (*STEPS, MEET)


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.toml"
    path.write_text(f'name = "{name}"\ndevice = "cpu"\n{text}')
    return path


def joint_plan(folder: Path, home: Path, other: str):
    write(folder, "other", other)
    write(folder, "joint", '[sae]\nlayers = [2, 3]\n[with.healthy]\nstudy = "other.toml"')
    raw = load_study(folder / "joint.toml").model_dump(by_alias=True)
    return make_plan(study_model(JOINT).model_validate(raw), home, JOINT)


def test_a_step_reads_folders_of_another_study(tmp_path):
    plan = joint_plan(tmp_path, tmp_path / "home", "seed = 5\n[sae]\nlayers = [1, 2, 4]")
    (unit,) = plan.of("meet")
    other = plan.others["healthy"]
    assert unit.inputs.others["healthy"]["sae"] == {each.layer: each.folder for each in other.of("sae")}
    needed = [each.folder for each in plan.needed()]
    assert len(needed) == len(set(needed))
    for each in plan.needed():
        assert all(needed.index(read) < needed.index(each.folder) for read in each.reads)
    assert not {each.step for each in plan.needed() if each.folder not in plan.folders()} & {"describe", "trace"}
    run_unit(MEET, unit.settings, unit.inputs, unit.folder)
    done = StepFolder.open(unit.folder)
    assert done.info == {"own": [2, 3], "healthy": [1, 2, 4]}
    assert done.reads == sorted(path.name for path in unit.reads)


def test_what_the_other_study_says_is_part_of_the_key(tmp_path):
    keys = [
        joint_plan(tmp_path, tmp_path / "home", f"[sae]\nlayers = [1]\nk = {k}\n[trace]\nsource_layers = [1]")
        .of("meet")[0]
        .key
        for k in (8, 8, 9)
    ]
    assert keys[0] == keys[1] != keys[2]


def test_the_path_of_the_other_study_is_no_part_of_the_key(tmp_path):
    plans = []
    for name in "ab":
        (tmp_path / name).mkdir()
        plans.append(
            joint_plan(tmp_path / name, tmp_path / "home", "[sae]\nlayers = [1]\n[trace]\nsource_layers = [1]")
        )
    assert plans[0].run_id == plans[1].run_id


def test_a_missing_other_study_is_named(tmp_path):
    write(tmp_path, "joint", '[with.healthy]\nstudy = "nowhere.toml"')
    with pytest.raises(RequestError, match=r"no study at .*nowhere\.toml"):
        make_plan(load_study(tmp_path / "joint.toml"), tmp_path)


def test_a_study_that_names_itself_is_refused(tmp_path):
    write(tmp_path, "joint", '[with.me]\nstudy = "joint.toml"')
    with pytest.raises(RequestError, match=r"joint\.toml names itself, through me"):
        make_plan(load_study(tmp_path / "joint.toml"), tmp_path)
