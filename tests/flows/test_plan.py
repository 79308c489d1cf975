"""Plans: nothing is reused under another key, nothing is made anew without need."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from flows.planning import make_plan
from flows.study import load_study
from tasks.store import RequestError
from tests.builders.models import tiny_geneformer
from tests.builders.own_models import described, own_encoder
from tests.builders.plans import by_step, plan
from tests.builders.saes import random_topk, write_as_dictionary_learning
from tests.builders.scfoundation_files import tiny_scfoundation
from tests.builders.scgpt_files import symbols, tiny_scgpt


def test_same_study_same_plan(tmp_path):
    assert plan(tmp_path).run_id == plan(tmp_path).run_id
    assert plan(tmp_path).folders() == plan(tmp_path).folders()


@pytest.mark.parametrize(
    ("change", "kept", "first_changed"),
    [
        ({"cells": {"n": 100}}, [], "cells"),
        ({"references": {"networks": []}}, ["cells", "model", "sae", "codes", "trace"], "references"),
        ({"model": {"mini": {"seed": 9}}}, ["cells", "references"], "model"),
        ({"sae": {"k": 5}}, ["cells", "model", "activations"], "sae"),
        ({"describe": {"top_genes": 12}}, ["cells", "model", "activations", "sae", "trace"], "describe"),
        ({"trace": {"n_cells": 12}}, ["cells", "model", "activations", "sae", "describe"], "trace"),
        ({"validate": {"n_null": 123}}, ["cells", "model", "activations", "sae", "describe", "trace"], "validate"),
    ],
)
def test_a_setting_changes_its_step_and_those_after_it(tmp_path, change, kept, first_changed):
    before, after = by_step(plan(tmp_path)), by_step(plan(tmp_path, **change))
    assert all(before[step] == after[step] for step in kept)
    assert before[first_changed] != after[first_changed]
    assert before["validate"] != after["validate"]
    assert plan(tmp_path).run_id != plan(tmp_path, **change).run_id


def test_interventions_are_done_on_folders_of_the_demo(tmp_path):
    demo, beside = (
        make_plan(load_study(Path(f"flows/studies/{name}.toml"), ["device=cpu"]), tmp_path / "home")
        for name in ("demo", "interventions")
    )
    for step in ("cells", "model", "activations", "sae", "codes", "describe", "trace", "patching", "damage"):
        assert [unit.folder for unit in beside.of(step)] == [unit.folder for unit in demo.of(step)] != [], step
    assert all(beside.of(step) for step in ("steering", "shift", "integration", "intervene", "combine"))


def test_a_layer_added_to_the_traced_keeps_the_others(tmp_path):
    one, two = (by_step(plan(tmp_path, trace={"source_layers": layers})) for layers in ([2], [2, 3]))
    assert one["trace"][2] == two["trace"][2]
    assert 3 in two["trace"]


@pytest.mark.parametrize(
    ("step", "settings"),
    [("combine", {"drawn": 2, "layers": [2, 3]}), ("compare", {"variants": ["gated"], "layers": [2]})],
)
def test_an_optional_step_is_there_if_the_study_asks_for_it(tmp_path, step, settings):
    without, with_it = plan(tmp_path), plan(tmp_path, **{step: settings})
    assert without.of(step) == []
    assert len(with_it.of(step)) == 1
    assert without.run_id != with_it.run_id
    assert set(without.folders()) < set(with_it.folders())


def test_a_unit_waits_for_what_it_reads_and_nothing_else(tmp_path):
    made = plan(tmp_path, trace={"source_layers": [2], "target_layers": [4]})
    read = by_step(made)
    (trace,) = made.of("trace")
    assert trace.reads == {
        read["cells"][None], read["model"][None], read["sae"][2], read["sae"][4]
    }  # fmt: skip
    (describe, *_) = made.of("describe")
    whole = {read[step][None] for step in ("cells", "activations", "references")}
    assert describe.reads == whole | {read["codes"][0], read["sae"][0]}


def test_devices_that_share_the_work_change_no_key(tmp_path):
    assert plan(tmp_path, trace={"devices": ["cpu", "cpu"]}).run_id == plan(tmp_path).run_id


def test_path_of_the_cells_does_not_matter_but_their_bytes_do(tmp_path):
    first, second = tmp_path / "a.h5ad", tmp_path / "b.h5ad"
    first.write_bytes(b"1")
    second.write_bytes(b"1")
    assert plan(tmp_path, cells={"path": str(first)}).run_id == plan(tmp_path, cells={"path": str(second)}).run_id
    second.write_bytes(b"22")
    one, other = (by_step(plan(tmp_path, cells={"path": str(path)}))["cells"] for path in (first, second))
    assert one != other


def test_path_of_a_taken_autoencoder_does_not_matter_but_its_files_do(tmp_path):
    written = [write_as_dictionary_learning(random_topk(8, 16, 2, layer=2), tmp_path / f"{name}_2") for name in "ab"]
    first, second = (plan(tmp_path, sae={"path": f"{tmp_path}/{name}_{{layer}}", "layers": [2]}) for name in "ab")
    assert first.run_id == second.run_id
    assert by_step(first)["sae"] != by_step(plan(tmp_path, sae={"layers": [2]}))["sae"]
    for file in ("ae.pt", "config.json"):
        (written[0] / file).write_bytes((written[0] / file).read_bytes() + b" ")
        changed = plan(tmp_path, sae={"path": f"{tmp_path}/a_{{layer}}", "layers": [2]})
        assert by_step(changed)["sae"] != by_step(first)["sae"]
        first = changed


def test_taken_autoencoders_of_another_layer_or_place_are_refused_before_anything_runs(tmp_path):
    folder = write_as_dictionary_learning(random_topk(8, 16, 2, layer=1), tmp_path / "one")
    with pytest.raises(RequestError, match=r"sae\.path: .*one was trained on layer 1, not 2"):
        plan(tmp_path, sae={"path": str(folder), "layers": [2]})
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({"trainer": config["trainer"] | {"submodule_name": "mlp_layer_1"}}))
    with pytest.raises(RequestError, match=r"config\.json: .*mlp_layer_1"):
        plan(tmp_path, sae={"path": str(folder), "layers": [1]})
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ({"sae": {"layers": [6]}}, r"sae\.layers: no layer 6; layers to choose from: 0, 1, 2, 3, 4, 5"),
        ({"sae": {"path": "nowhere", "layers": [2, 3]}}, r"sae\.path: nowhere is one folder for layers 2, 3: put"),
        ({"sae": {"path": "no/{layer}", "layers": [2]}}, "there is no folder no/2: give one that holds"),
        ({"sae": {"layers": [2, 3]}, "trace": {"source_layers": [1]}}, r"trace\.source_layers: no layer 1"),
        ({"combine": {"drawn": 1, "layers": [2, 7]}}, r"combine: no layer 7; layers to choose from: 0, 1"),
        ({"combine": {"target_layers": [9]}}, r"combine\.target_layers: no layer 9"),
        ({"combine": {"drawn": 1, "layers": [2, 5]}}, r"combine changes a feature of layer 5 and reads none deeper"),
        ({"cells": {"path": "nowhere.h5ad"}}, r"cells\.path: no file at nowhere\.h5ad"),
        ({"model": {"path": "nowhere"}}, r"model\.path: no directory at nowhere"),
        ({"references": {"gene_sets": ["nowhere.gmt"]}}, r"references\.gene_sets: no file at nowhere\.gmt"),
        ({"references": {"signatures": ["nowhere.gmt"]}}, r"references\.signatures: no file at nowhere\.gmt"),
    ],
)
def test_what_does_not_exist_is_refused_before_anything_runs(tmp_path, sections, message):
    with pytest.raises(RequestError, match=message):
        plan(tmp_path, **sections)
    assert not (tmp_path / "runs").exists()


def test_cuda_without_a_device_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("tasks.models.device.cuda_available", lambda: False)
    with pytest.raises(RequestError, match="no CUDA device is visible"):
        plan(tmp_path, device="cuda")


FAMILIES = {
    "geneformer": (tiny_geneformer, None, ("model.safetensors", "token_dictionary.json")),
    "scgpt": (lambda path: tiny_scgpt(path, symbols(40)), None, ("best_model.pt", "vocab.json")),
    "scfoundation": (
        lambda path: tiny_scfoundation(path, symbols(40)),
        None,
        ("models.ckpt", "OS_scRNA_gene_index.19264.tsv"),
    ),
    "own": (
        lambda path: own_encoder(path, symbols(40)),
        described().model_dump(),
        ("model.safetensors", "tokens.json"),
    ),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_model_directory_of_any_family_decides_layers_and_keys_by_its_content(tmp_path, family):
    make, own, (weights, dictionary) = FAMILIES[family]
    first, second = make(tmp_path / "first"), make(tmp_path / "second")
    before, same = (by_step(plan(tmp_path, model={"path": str(path), "own": own})) for path in (first, second))
    assert before == same
    assert list(before["sae"]) == [0, 1, 2]
    (second / weights).write_bytes((second / weights).read_bytes() + b" ")
    after = by_step(plan(tmp_path, model={"path": str(second), "own": own}))
    assert (after["cells"] == before["cells"], after["model"] == before["model"]) == (True, False)
    text = (first / dictionary).read_text()
    (first / dictionary).write_text(text.replace("GENE7", "GENE99").replace("ENSG00000000007", "ENSG99"))
    changed = by_step(plan(tmp_path, model={"path": str(first), "own": own}))
    assert changed["cells"] != before["cells"]


def test_an_own_encoder_without_a_directory_is_refused(tmp_path):
    with pytest.raises(ValidationError, match="own describes an encoder of yours: give its directory"):
        plan(tmp_path, model={"own": described().model_dump()})


def test_a_model_of_the_hub_without_a_revision_is_refused(tmp_path):
    with pytest.raises(RequestError, match=r"hf:a/b@main names no pinned revision"):
        plan(tmp_path, model={"path": "hf:a/b@main"})
