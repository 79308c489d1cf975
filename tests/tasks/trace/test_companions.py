"""Companions: where they are measured, how long they are, and that their effects are those of a plain forward pass."""

import numpy as np
import polars as pl
import pytest
import torch

from tasks.models import load_adapter
from tasks.sae import load_sae
from tasks.store import StepFolder
from tasks.trace.companions import Companions, companion_pairs
from tasks.trace.inputs import load_inputs
from tasks.trace.names import Names
from tasks.trace.settings import TraceSettings
from tasks.trace.sources import Sources
from tests.builders.contract import assert_contract
from tests.builders.slow_trace import dense_codes, forward
from tests.builders.steps import do_step
from tests.tasks.trace.conftest import SETTINGS

CONTROLS = ["n_control", "control_mean", "control_sd", "excess", "p_control", "q_specific"]


@pytest.fixture(scope="module")
def sources(folders, traced) -> Sources:
    inputs = load_inputs(SETTINGS, 1, folders.saes, folders.model, folders.cells, {}, "cpu")
    return Sources(SETTINGS, inputs, Names.of(inputs.source, inputs.targets, "total"), traced)


@pytest.fixture(scope="module")
def beside(sources) -> Companions:
    return Companions(sources, SETTINGS.model_copy(update={"control_cells": 6}))


def test_each_source_with_enough_cells_has_companions_in_some(sources, beside):
    counts = dict(sources.pairs["source_feature"].value_counts().iter_rows())
    found = dict(beside.pairs["source_feature"].value_counts().iter_rows())
    assert found == {feature: min(n, 6) for feature, n in counts.items() if n >= SETTINGS.nonzero_min}
    assert 0 < len(found) < len(counts)
    key = ["source_feature", "cell_id"]
    assert beside.pairs.select(key).equals(beside.pairs.select(key).sort(key))
    assert beside.pairs.join(sources.pairs, on=key, how="anti").is_empty()


def test_half_of_the_directions_follow_the_covariance(beside):
    by_feature = beside.pairs.group_by("source_feature").agg(n=pl.len(), covariant=pl.col("covariant").sum())
    assert (by_feature["covariant"] == by_feature["n"] // 2).all()


def test_what_is_drawn_for_a_feature_depends_on_no_other(sources, beside):
    feature = beside.pairs["source_feature"][0]
    alone = companion_pairs(sources.pairs.filter(source_feature=feature), 6, SETTINGS.nonzero_min, beside.seed)
    assert alone.equals(beside.pairs.filter(source_feature=feature))
    assert not companion_pairs(sources.pairs, 6, 99, beside.seed).height
    assert not companion_pairs(sources.pairs, 0, 1, beside.seed).height


def test_directions_are_as_long_as_the_features_own_and_differ_by_cell(sources, beside):
    feature = int(beside.pairs["source_feature"][0])
    cells = beside.pairs.filter(source_feature=feature)["cell_id"].to_list()
    drawn = torch.stack([beside.direction(feature, cell) for cell in cells])
    own = sources.directions[feature].double()
    torch.testing.assert_close(drawn.norm(dim=1), own.norm().expand(len(cells)))
    assert torch.corrcoef(drawn).triu(1).abs().max() < 0.9
    assert torch.equal(drawn[0], beside.direction(feature, cells[0]))


def test_covariant_directions_have_the_covariance_of_the_outputs(sources, beside):
    outputs = torch.cat([state.hidden for state in sources.states]).double()
    spread = np.cov(outputs.T.numpy())
    rng = np.random.default_rng(0)
    drawn = np.stack([rng.standard_normal(len(beside.outputs)) @ beside.outputs.numpy() for _ in range(4000)])
    found = np.cov(drawn.T) / len(beside.outputs)
    assert np.abs(found - spread).max() < 0.15 * np.abs(spread).max()


@torch.no_grad()
def test_effects_equal_a_plain_forward_pass(folders, sources, beside):
    """control_mean and control_sd of edge_stat, from whole passes of the Hugging Face model with a vector added."""
    settings = SETTINGS.model_copy(update={"control_cells": 6})
    folder = folders.model.parent / "trace-companions"
    if not folder.exists():
        do_step("trace", settings, folder, layer=1, **folders.reads)
    edges = StepFolder.open(folder).read_table("edge_stat").filter(pl.col("n_control") > 1)
    feature = int(edges["source_feature"][0])
    model = load_adapter(folders.model_dir).model.eval()
    source, target = (load_sae(folders.saes[layer], "cpu") for layer in (1, 3))
    effects = []
    for cell in beside.pairs.filter(source_feature=feature)["cell_id"]:
        tokens = sources.inputs.cells[cell].tokens[0]
        genes = sources.inputs.adapter.is_gene(tokens)
        clean = forward(model, tokens, 1, torch.zeros(len(tokens), source.d_model))
        active = (dense_codes(source, clean[1]) * genes[:, None])[:, feature]
        added = -active[:, None] * beside.direction(feature, cell).float()
        changed = forward(model, tokens, 1, added)
        effects.append((dense_codes(target, changed[3]) - dense_codes(target, clean[3]))[active > 0].mean(0))
    slow = torch.stack(effects)
    own = _own_effects(folder, feature, beside)
    found = edges.filter(source_feature=feature, target_layer=3)
    assert found.height > 3
    for row in found.iter_rows(named=True):
        here = own[row["target_feature"]] != 0
        values = slow[torch.from_numpy(here), row["target_feature"]].double()
        assert row["n_control"] == here.sum()
        assert row["control_mean"] == pytest.approx(values.mean().item(), abs=2e-5)
        assert row["control_sd"] == pytest.approx(values.std().item(), abs=2e-5)


def _own_effects(folder, feature, beside):
    cells = beside.pairs.filter(source_feature=feature)["cell_id"].to_list()
    rows = StepFolder.open(folder).read_table("effect_cell").filter(source_feature=feature, target_layer=3)
    own: dict[int, np.ndarray] = {}
    for row in rows.iter_rows(named=True):
        for target, delta in zip(row["targets"], row["deltas"], strict=True):
            if row["cell_id"] in cells:
                own.setdefault(target, np.zeros(len(cells)))[cells.index(row["cell_id"])] = delta
    return own


def test_without_companions_there_is_no_specific_rule(folders, traced, tmp_path):
    settings = SETTINGS.model_copy(update={"control_cells": 0})
    plain = StepFolder.open(do_step("trace", settings, tmp_path / "trace-1", layer=1, **folders.reads))
    edges = plain.read_table("edge_stat")
    assert edges.select(CONTROLS).null_count().row(0) == (edges.height,) * len(CONTROLS)
    assert edges.drop(CONTROLS).equals(traced.read_table("edge_stat").drop(CONTROLS))
    assert plain.read_table("criterion")["criterion"].to_list() == ["published", "calibrated"]
    assert plain.read_table("trace_control")["n_specific"].null_count() == plain.read_table("trace_control").height
    assert_contract(edges, "edge_stat")


def test_too_few_cells_to_tell_a_spread_are_refused():
    with pytest.raises(ValueError, match="control_cells"):
        TraceSettings(control_cells=3)
