"""Plans: nothing is reused under another key, nothing is made anew without need."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from flows.plan import Plan, make_plan
from flows.study import Study
from tasks.store import RequestError
from tests.builders.models import tiny_geneformer
from tests.builders.own_models import described, own_encoder
from tests.builders.saes import random_topk, write_as_dictionary_learning
from tests.builders.scfoundation_files import tiny_scfoundation
from tests.builders.scgpt_files import symbols, tiny_scgpt


def plan(tmp_path: Path, **sections: object) -> Plan:
    return make_plan(Study.model_validate({"name": "a", "device": "cpu", **sections}), tmp_path)


def test_same_study_same_plan(tmp_path):
    assert plan(tmp_path) == plan(tmp_path)


@pytest.mark.parametrize(
    ("change", "kept", "first_changed"),
    [
        ({"cells": {"n": 100}}, [], "cells"),
        ({"model": {"mini": {"seed": 9}}}, ["cells"], "model"),
        ({"sae": {"k": 5}}, ["cells", "model", "activations"], "sae"),
        ({"describe": {"top_genes": 12}}, ["cells", "model", "activations", "sae", "trace"], "describe"),
        ({"trace": {"n_cells": 12}}, ["cells", "model", "activations", "sae", "describe"], "trace"),
        ({"validate": {"n_null": 123}}, ["cells", "model", "activations", "sae", "describe", "trace"], "validate"),
    ],
)
def test_a_setting_changes_its_step_and_those_after_it(tmp_path, change, kept, first_changed):
    before, after = dict(plan(tmp_path).steps()), dict(plan(tmp_path, **change).steps())
    assert all(before[step] == after[step] for step in kept)
    assert before[first_changed] != after[first_changed]
    assert before["validate"] != after["validate"]
    assert plan(tmp_path).run_id != plan(tmp_path, **change).run_id


def test_a_layer_added_to_the_traced_keeps_the_others(tmp_path):
    one, two = plan(tmp_path, trace={"source_layers": [2]}), plan(tmp_path, trace={"source_layers": [2, 3]})
    assert one.traces[2] == two.traces[2]
    assert 3 in two.traces


def test_a_study_without_sets_has_no_step_for_them(tmp_path):
    without, with_sets = plan(tmp_path), plan(tmp_path, combine={"drawn": 2, "layers": [2, 3]})
    assert without.combination == []
    assert dict(with_sets.steps())["combine"] == with_sets.combination
    assert without.run_id != with_sets.run_id
    assert (without.traces, without.validation) == (with_sets.traces, with_sets.validation)


def test_a_study_that_compares_nothing_has_no_step_for_it(tmp_path):
    without, with_others = plan(tmp_path), plan(tmp_path, compare={"variants": ["gated"], "layers": [2]})
    assert without.comparisons == {}
    assert list(with_others.comparisons) == [2]
    assert dict(with_others.steps())["compare"] == list(with_others.comparisons.values())
    assert without.run_id != with_others.run_id
    assert (without.saes, without.traces) == (with_others.saes, with_others.traces)
    assert (
        plan(tmp_path, compare={"variants": ["gated"], "layers": [2, 3]}).comparisons[2] == with_others.comparisons[2]
    )


def test_devices_that_share_the_work_change_no_key(tmp_path):
    assert plan(tmp_path, trace={"devices": ["cpu", "cpu"]}) == plan(tmp_path)


def test_path_of_the_cells_does_not_matter_but_their_bytes_do(tmp_path):
    first, second = tmp_path / "a.h5ad", tmp_path / "b.h5ad"
    first.write_bytes(b"1")
    second.write_bytes(b"1")
    assert plan(tmp_path, cells={"path": str(first)}) == plan(tmp_path, cells={"path": str(second)})
    second.write_bytes(b"22")
    assert plan(tmp_path, cells={"path": str(first)}).cells != plan(tmp_path, cells={"path": str(second)}).cells


def test_path_of_a_taken_autoencoder_does_not_matter_but_its_files_do(tmp_path):
    folders = [write_as_dictionary_learning(random_topk(8, 16, 2), tmp_path / f"{name}_2") for name in "ab"]
    first, second = (plan(tmp_path, sae={"path": f"{tmp_path}/{name}_{{layer}}", "layers": [2]}) for name in "ab")
    assert first == second
    assert first.saes != plan(tmp_path, sae={"layers": [2]}).saes
    for file in ("ae.pt", "config.json"):
        (folders[0] / file).write_bytes((folders[0] / file).read_bytes() + b" ")
        changed = plan(tmp_path, sae={"path": f"{tmp_path}/a_{{layer}}", "layers": [2]})
        assert changed.saes != first.saes
        first = changed


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ({"sae": {"layers": [6]}}, r"sae\.layers: no layer 6; layers to choose from: 0, 1, 2, 3, 4, 5"),
        ({"sae": {"path": "nowhere", "layers": [2, 3]}}, r"sae\.path: nowhere is one folder for layers 2, 3: put"),
        ({"sae": {"path": "no/{layer}", "layers": [2]}}, "there is no folder no/2: give one that holds"),
        ({"sae": {"layers": [2, 3]}, "trace": {"source_layers": [1]}}, r"trace\.source_layers: no layer 1"),
        ({"combine": {"drawn": 1, "layers": [2, 7]}}, r"combine: no layer 7; layers to choose from: 0, 1"),
        ({"combine": {"target_layers": [9]}}, r"combine\.target_layers: no layer 9"),
        ({"cells": {"path": "nowhere.h5ad"}}, r"cells\.path: no file at nowhere\.h5ad"),
        ({"model": {"path": "nowhere"}}, r"model\.path: no directory at nowhere"),
        ({"describe": {"gene_sets": ["nowhere.gmt"]}}, r"describe\.gene_sets: no file at nowhere\.gmt"),
        ({"validate": {"signatures": "nowhere.gmt"}}, r"validate: no file at nowhere\.gmt"),
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
    before, same = (plan(tmp_path, model={"path": str(path), "own": own}) for path in (first, second))
    assert before == same
    assert list(before.saes) == [0, 1, 2]
    (second / weights).write_bytes((second / weights).read_bytes() + b" ")
    after = plan(tmp_path, model={"path": str(second), "own": own})
    assert (after.cells == before.cells, after.model == before.model) == (True, False)
    text = (first / dictionary).read_text()
    (first / dictionary).write_text(text.replace("GENE7", "GENE99").replace("ENSG00000000007", "ENSG99"))
    assert plan(tmp_path, model={"path": str(first), "own": own}).cells != before.cells


def test_an_own_encoder_without_a_directory_is_refused(tmp_path):
    with pytest.raises(ValidationError, match="own describes an encoder of yours: give its directory"):
        plan(tmp_path, model={"own": described().model_dump()})


def test_a_model_of_the_hub_without_a_revision_is_refused(tmp_path):
    with pytest.raises(RequestError, match=r"hf:a/b@main names no pinned revision"):
        plan(tmp_path, model={"path": "hf:a/b@main"})
