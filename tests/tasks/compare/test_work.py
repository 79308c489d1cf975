"""The others of one autoencoder: trained together, judged, held against each other; cut off and finished."""

from pathlib import Path

import polars as pl
import pytest
import torch

from tasks.compare import work
from tasks.compare.settings import CompareSettings
from tasks.sae import load_sae
from tasks.sae.settings import SaeSettings
from tasks.store import StepFolder
from tests.builders.sae_inputs import Inputs
from tests.builders.steps import do_step

COMMON = SaeSettings(
    expansion=2, k=4, steps=40, batch=256, warmup=5, decay=10, log_every=20, splice_cells=4, checkpoint_steps=15
)
OTHERS = CompareSettings(variants=("topk", "batchtopk", "standard"), seeds=(0, 1))


@pytest.fixture(scope="module")
def chosen(sae_inputs: Inputs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "sae-0123456789abcdef"
    return do_step("sae", COMMON, folder, layer=1, **sae_inputs.reads)


def run(inputs: Inputs, chosen: Path, folder: Path) -> Path:
    return do_step("compare", OTHERS, folder / "compare-abcdef012345", COMMON, layer=1, sae=chosen, **inputs.reads)


@pytest.fixture(scope="module")
def folder(sae_inputs: Inputs, chosen: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run(sae_inputs, chosen, tmp_path_factory.mktemp("compared"))


def test_tables_name_everything_once(chosen: Path, folder: Path) -> None:
    out = StepFolder.open(folder)
    rows = out.read_table("sae")
    assert rows["sae_id"].n_unique() == rows.height == 5
    assert not rows["described"].any()
    assert sorted(rows.select("variant", "seed").rows()) == [
        ("batchtopk", 0), ("batchtopk", 1), ("standard", 0), ("standard", 1), ("topk", 1),
    ]  # fmt: skip
    assert out.read_table("sae_overlap").height == 6 * 5
    assert out.read_table("feature_twin")["other_sae"].n_unique() == 5
    assert load_sae(chosen).sae_id in out.read_table("sae_overlap")["other_sae"]


def test_weights_lie_on_disk_as_the_rows_say(folder: Path) -> None:
    rows = StepFolder.open(folder).read_table("sae")
    for row in rows.iter_rows(named=True):
        sae = load_sae(folder / row["sae_id"])
        assert (sae.sae_id, sae.variant, sae.layer) == (row["sae_id"], row["variant"], 1)
    assert rows.filter(pl.col("variant") == "standard")["sparsity"].to_list() == [1.0, 1.0]
    assert not list(folder.rglob("checkpoint*.safetensors"))


def test_one_of_them_is_what_the_sae_step_would_have_made(sae_inputs: Inputs, folder: Path, tmp_path: Path) -> None:
    settings = COMMON.model_copy(update={"variant": "batchtopk"})
    alone = load_sae(do_step("sae", settings, tmp_path / "sae-01", layer=1, **sae_inputs.reads))
    rows = StepFolder.open(folder).read_table("sae")
    (name,) = rows.filter((pl.col("variant") == "batchtopk") & (pl.col("seed") == 0))["sae_id"]
    beside = load_sae(folder / name)
    assert all(torch.equal(beside.parameters[key], found) for key, found in alone.parameters.items())


@pytest.mark.parametrize(("what", "times"), [("write_sae", 3), ("overlaps", 1)])
def test_cut_off_it_goes_on_without_doing_anything_twice(
    sae_inputs: Inputs,
    chosen: Path,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
    times: int,
) -> None:
    real, calls = getattr(work, what), []

    def cut_off(*words: object) -> object:
        calls.append(1)
        if len(calls) == times:
            raise KeyboardInterrupt
        return real(*words)

    with monkeypatch.context() as patch:
        patch.setattr(work, what, cut_off)
        with pytest.raises(KeyboardInterrupt):
            run(sae_inputs, chosen, tmp_path)
    monkeypatch.delattr("tasks.sae.training.trainee.Trainee.learn")
    again = run(sae_inputs, chosen, tmp_path)
    for table in ("sae", "sae_metric", "sae_overlap"):
        assert StepFolder.open(again).read_table(table).equals(StepFolder.open(folder).read_table(table))


def test_a_finished_folder_is_left_alone(
    sae_inputs: Inputs, chosen: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(work, "read_positions")
    assert run(sae_inputs, chosen, folder.parent) == folder
