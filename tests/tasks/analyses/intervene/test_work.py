"""Named interventions: read-outs are those of a linear model's whole head, zero is 0, bad requests are one line."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch
from pydantic import ValidationError
from torch.nn.functional import cosine_similarity

from tasks.analyses.intervene import step
from tasks.analyses.intervene.inputs import InterveneInputs, Intervention, load_inputs
from tasks.analyses.intervene.sections import ChangeSettings, InterventionSettings
from tasks.analyses.intervene.step import InterveneSettings
from tasks.analyses.intervene.summary import summary_rows
from tasks.analyses.intervene.work import Interventions
from tasks.causal.tiles import TiledEncoder
from tasks.interventions.change import Change
from tasks.models import load_adapter
from tasks.models.batches import Batch
from tasks.step import Inputs, Layers
from tasks.steps import step_named
from tasks.store import RequestError, StepFolder
from tests.builders.contract import assert_contract
from tests.builders.linear_head import D, LinearHead, orthonormal_sae, random_batches
from tests.builders.trace import write_trace_folders

N_GENES = 40
NAMED = {"G4": 4, "G5": 5}
OFF = Intervention("off", (Change(0, 2, "scale", 0.0),), {(0, 2): 6})
PUSH = Intervention("push", (Change(0, 2, "clamp", 3.0), Change(0, 4, "add", 0.5)), {(0, 2): 6, (0, 4): 7})
READ = [{"layer": 0, "feature": 2}]
SETTINGS = InterveneSettings(
    readouts=("gene", "hidden", "kl", "embedding", "feature"), genes=("G4", "G5"), read_features=READ, n_flips=500
)


@pytest.fixture(scope="module")
def world():
    generator = torch.Generator().manual_seed(0)
    parts = (torch.randn(N_GENES + 4, D, generator=generator) for _ in range(3))
    encoders = {0: TiledEncoder(orthonormal_sae())}
    return InterveneInputs(LinearHead(*parts), encoders, [OFF, PUSH], random_batches(8, N_GENES, 25), NAMED)


@pytest.fixture(scope="module")
def done(world, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "intervene-0123456789abcdef"
    with StepFolder.create(folder, step_named("intervene").tables) as out:
        Interventions(SETTINGS, world, out).run()
        out.finish([])
    return StepFolder.open(folder)


def pushed(states, genes):
    """What PUSH does, written out."""
    changed = states.clone()
    changed[:, 2] = torch.where(states[:, 2] > 0, 3.0, states[:, 2])
    changed[:, 4] += 0.5
    return torch.where(genes[:, None], changed, states)


def taken_out(states, genes):
    changed = states.clone()
    changed[:, 2] = states[:, 2].clamp_max(0)
    return torch.where(genes[:, None], changed, states)


@pytest.mark.parametrize(("name", "change"), [("off", taken_out), ("push", pushed)])
def test_values_are_those_of_the_whole_head(world, done, name, change):
    values = done.read_table("intervention_value").filter(intervention=name, treatment="real")
    for cell_id, cell in world.cells.items():
        tokens = cell.tokens[0]
        genes, hidden = world.adapter.is_gene(tokens), tokens.clone()
        named = torch.isin(tokens, torch.tensor(list(NAMED.values())))
        hidden[named] = world.adapter.vocabulary.mask
        before = world.adapter.embed(Batch.of(hidden))[0]
        after = change(before, genes)
        found = {row["item"]: row["value"] for row in values.filter(readout="gene", cell_id=cell_id).to_dicts()}
        assert set(found) == {f"G{token}" for token in tokens[named].tolist()}
        for at in named.nonzero().flatten().tolist():
            logits = [(state[at] @ world.adapter.head.T).log_softmax(-1)[tokens[at]] for state in (before, after)]
            assert found[f"G{tokens[at]}"] == pytest.approx(float(logits[1] - logits[0]), abs=1e-5)
        clean = world.adapter.embed(Batch.of(tokens))[0]
        embeddings = [state[None].mean(1)[0] for state in (clean, change(clean, genes))]
        moved = values.filter(readout="embedding", cell_id=cell_id, item="cosine")["value"][0]
        assert moved == pytest.approx(1 - float(cosine_similarity(*embeddings, dim=0)), abs=1e-5)
        code = [state.clamp_min(0)[:, 2].mean() for state in (clean, change(clean, genes))]
        read = values.filter(readout="feature", cell_id=cell_id)["value"][0]
        assert read == pytest.approx(float(code[1] - code[0]), abs=1e-5)


def test_nothing_changes_exactly_nothing_and_controls_are_there(done):
    values = done.read_table("intervention_value")
    zero = values.filter(treatment="zero")
    assert zero.height == values.filter(treatment="real").height
    assert zero["value"].abs().max() == 0
    assert values["treatment"].n_unique() == 6
    for table in ("intervention", "intervention_value", "intervention_summary"):
        assert_contract(done.read_table(table), table)
    assert done.read_table("intervention").filter(intervention="push")["kind"].to_list() == ["clamp", "add"]


def test_divergences_and_distances_have_no_p(done):
    summary = done.read_table("intervention_summary")
    assert (
        summary.filter(pl.col("readout").is_in(["kl", "embedding"]))["p"].null_count()
        == summary.filter(pl.col("readout").is_in(["kl", "embedding"])).height
    )
    real = summary.filter(treatment="real")
    assert real["beyond"].null_count() == 0
    assert (real["q"].is_null() == real["p"].is_null()).all()


def test_sign_flips_call_no_more_of_nothing_than_they_say():
    rng, parts = np.random.default_rng(0), []
    for item in range(300):
        value = rng.standard_normal(14) * rng.lognormal(0, 0.5, 14) - (2.0 if item < 50 else 0.0)
        parts.append(pl.DataFrame({"item": f"{item:03d}", "cell_id": range(14), "value": value}))
    about = {"intervention": pl.lit("a"), "treatment": pl.lit("real"), "readout": pl.lit("gene")}
    rows = summary_rows(pl.concat(parts).with_columns(**about), InterveneSettings(n_flips=500, fine_flips=500))
    p, q = (np.array([row[name] for row in rows]) for name in ("p", "q"))
    assert np.mean(p[50:] <= 0.05) <= 0.05 + 3 * (0.05 * 0.95 / 250) ** 0.5
    assert (q[50:] <= 0.05).sum() / (q <= 0.05).sum() <= 0.15
    assert np.mean(q[:50] <= 0.05) >= 0.9


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"feature": 3, "amount": 1.0}, "feature 3 is scaled by 1, which changes nothing: 0 takes it out"),
        ({"feature": 3, "kind": "clamp"}, "clamp of feature 3 needs an amount or a quantile, one of the two"),
        ({"feature": 3, "kind": "add", "amount": 0}, "0 is added to feature 3, which changes nothing"),
        ({"feature": 3, "quantile": 0.9}, "quantile is of clamp"),
    ],
)
def test_changes_that_change_nothing_are_refused(change, line):
    with pytest.raises(ValidationError, match=line):
        ChangeSettings(**change)


def named(layer=1, feature=3, **change):
    return InterventionSettings(name="a", layer=layer, changes=(ChangeSettings(feature=feature, **change),))


def test_features_and_layers_that_are_not_there_are_refused(tmp_path, monkeypatch):
    known = Layers([0, 1, 2], {"sae": [0, 1, 2]})
    with pytest.raises(RequestError, match=r"intervene\.interventions: no layer 7"):
        step.layers(InterveneSettings(interventions=(named(7),)), known)
    early = InterveneSettings(
        interventions=(named(2),), readouts=("feature",), read_features=({"layer": 1, "feature": 0},)
    )
    with pytest.raises(RequestError, match="layer 1 comes before all interventions"):
        step.layers(early, known)
    folders = write_trace_folders(tmp_path, lengths=[20, 22, 24])
    monkeypatch.setattr("tasks.analyses.intervene.inputs.resolve", lambda each, _: each)
    codes = dict.fromkeys(folders.saes, Path())
    inputs = Inputs(
        {}, {"sae": folders.saes, "codes": codes, "model": {None: folders.model}, "cells": {None: folders.cells}}
    )
    with pytest.raises(RequestError, match="a names feature 24 of layer 1, whose autoencoder has features 0 to 23"):
        load_inputs(InterveneSettings(interventions=(named(feature=24),)), inputs)
    asked = InterveneSettings(interventions=(named(),), readouts=("gene",), genes=("NOGENE",))
    with pytest.raises(RequestError, match=r"intervene\.genes: the model does not know NOGENE"):
        load_inputs(asked, inputs)
    mute = load_adapter(folders.model_dir)
    mute.predicts = "nothing"
    monkeypatch.setattr("tasks.analyses.intervene.inputs.load_prepared", lambda *_: mute)
    with pytest.raises(RequestError, match=r"intervene reads .* of hidden genes, and .* predicts nothing"):
        load_inputs(InterveneSettings(interventions=(named(),)), inputs)
    assert load_inputs(InterveneSettings(interventions=(named(),), readouts=("embedding",)), inputs).cells
