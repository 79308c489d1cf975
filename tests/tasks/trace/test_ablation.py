"""What is put in the place of activations, and where effects are read: against whole forward passes."""

import numpy as np
import polars as pl
import pytest
import torch

from tasks.causal.cell import SourceState
from tasks.causal.sites import Sites
from tasks.models import load_adapter
from tasks.sae import load_sae
from tasks.store import StepFolder
from tasks.trace.ablation import DRAWN, Observed
from tasks.trace.companions import Companions
from tasks.trace.inputs import load_inputs
from tasks.trace.names import Names
from tasks.trace.settings import TraceSettings
from tasks.trace.sources import Sources
from tests.builders.contract import assert_contract
from tests.builders.slow_trace import dense_codes, forward, slow_replacement
from tests.builders.steps import do_step
from tests.builders.thinned import thinned
from tests.tasks.trace.conftest import SETTINGS
from tests.tasks.trace.test_units import breaches

ASKED = [
    {"ablation": "mean"},
    {"ablation": "resample"},
    {"ablation": "scale", "multiplier": 2.5},
    {"positions": "silent"},
    {"positions": "silent", "target_layers": "next"},
    {"positions": "all", "ablation": "resample"},
    {"positions": "all", "target_layers": "next", "cell_block": 3, "batch_tokens": 60},
]


def settings_with(asked) -> TraceSettings:
    return TraceSettings(**{**SETTINGS.model_dump(exclude_defaults=True), "n_flips": 500, **asked})


def sources_of(settings, folders, traced) -> Sources:
    inputs = load_inputs(settings, 1, folders.saes, folders.model, folders.cells, {}, "cpu")
    return Sources(settings, inputs, Names.of(inputs.source, inputs.targets, "total"), traced)


class Plain:
    """The tiny study as plain modules: the source's dense codes in every traced cell, by cell_id."""

    def __init__(self, settings, folders, traced):
        inputs = load_inputs(settings, 1, folders.saes, folders.model, folders.cells, {}, "cpu")
        self.model, self.settings = load_adapter(folders.model_dir).model.eval(), settings
        self.source, self.targets = inputs.source, {at: load_sae(folders.saes[at], "cpu") for at in inputs.targets}
        self.tokens = {cell: batch.tokens[0] for cell, batch in inputs.cells.items()}
        self.genes = {cell: inputs.adapter.is_gene(tokens) for cell, tokens in self.tokens.items()}
        nothing = {cell: torch.zeros(len(tokens), self.source.d_model) for cell, tokens in self.tokens.items()}
        hidden = {cell: forward(self.model, self.tokens[cell], 1, nothing[cell])[1] for cell in self.tokens}
        self.codes = {cell: dense_codes(self.source, hidden[cell])[self.genes[cell]] for cell in self.tokens}

    def replaced(self, feature, cell):
        """What becomes of the feature's active values in the cell, by the words of the setting."""
        every = torch.cat([codes[:, feature] for codes in self.codes.values()])
        active = every[every > 0]

        def by_rule(own):
            if self.settings.ablation == "mean":
                return torch.full_like(own, float(every.double().mean()))
            if self.settings.ablation == "resample":
                rng = np.random.default_rng([self.settings.seed, 1, DRAWN, feature, cell])
                return torch.stack([active[int(i)] for i in rng.integers(len(active), size=len(own))])
            return self.settings.multiplier * own

        return by_rule

    @torch.no_grad()
    def effects(self, feature, cell):
        about = self.tokens[cell], self.genes[cell], self.source, self.targets, feature, self.replaced(feature, cell)
        return slow_replacement(self.model, *about, self.settings.positions)


@pytest.mark.parametrize("asked", thinned(ASKED, 3), ids=lambda asked: "-".join(map(str, asked.values())))
def test_effects_are_those_of_whole_forward_passes(folders, tmp_path, asked):
    settings = settings_with(asked)
    folder = StepFolder.open(do_step("trace", settings, tmp_path / "trace-1", layer=1, **folders.reads))
    plain = Plain(settings, folders, folder)
    pairs, largest = folder.read_table("trace_pair"), 0.0
    effects = folder.read_table("effect_cell")
    for pair in pairs[:: max(1, pairs.height // 12)].iter_rows(named=True):
        feature, cell = pair["source_feature"], pair["cell_id"]
        for layer, slow in plain.effects(feature, cell).items():
            row = effects.filter(source_feature=feature, cell_id=cell, target_layer=layer)
            found = torch.zeros(len(slow))
            if row.height:
                found[row["targets"].item().to_list()] = torch.tensor(row["deltas"].item().to_list())
            torch.testing.assert_close(found, slow.float(), rtol=0, atol=2e-5)
            largest = max(largest, float(slow.abs().max()))
    assert largest > 1e-3  # there is something to agree on
    for table in ("trace_pair", "criterion", "edge_stat", "trace_source", "effect_cell"):
        assert_contract(folder.read_table(table), table)
    zero = folder.read_table("trace_control").filter(control="zero")
    assert zero["max_abs_effect"].to_list() == [0.0] * zero.height
    assert folder.info["ablation"] == settings.unusual != ""
    frames = {name: folder.read_table(name) for name in ("trace_pair", "criterion", "edge_stat")}
    frames["cell"] = StepFolder.open(folders.cells).read_table("cell")
    found = breaches("trace_pair", frames) | breaches("criterion", frames) | breaches("edge_stat", frames)
    assert "change_fits_the_ablation" in found
    assert not any(found.values()), found


@pytest.mark.parametrize("asked", ASKED[:3], ids=lambda asked: asked["ablation"])
def test_pairs_say_by_how_much_activations_were_changed(folders, traced, tmp_path, asked):
    settings = settings_with(asked)
    plain, sources = Plain(settings, folders, traced), sources_of(settings, folders, StepFolder(tmp_path / "none"))
    states = {state.cell_id: state for state in sources.states}
    for row in traced.read_table("trace_pair")[::9].iter_rows(named=True):
        state = states[row["cell_id"]]
        site = state.sites.features.tolist().index(row["source_feature"])
        own = state.sites.at(site)[1]
        wanted = plain.replaced(row["source_feature"], row["cell_id"])(own) - own
        torch.testing.assert_close(sources.change(state, site), wanted, rtol=1e-4, atol=1e-5)


def test_controls_and_companions_are_moved_as_far_as_the_feature_is(folders, traced):
    settings = settings_with({"ablation": "resample", "control_cells": 6})
    sources = sources_of(settings, folders, traced)
    beside = Companions(sources, settings)
    states = {state.cell_id: state for state in sources.states}
    for row in beside.pairs[::7].iter_rows(named=True):
        state, feature = states[row["cell_id"]], row["source_feature"]
        site = state.sites.features.tolist().index(feature)
        length = sources.directions[feature].norm()
        moved, change = beside.displace(state, site), sources.change(state, site)
        torch.testing.assert_close(moved.values.norm(dim=1), change.abs() * length, rtol=1e-5, atol=1e-6)
        assert not moved.values[change == 0].any()


def state_of(cell_id, features, values, genes=6):
    """A cell whose features have these active values at their first positions."""
    counts = torch.tensor([len(own) for own in values])
    sites = Sites(
        torch.tensor(features),
        torch.cat([counts.new_zeros(1), counts.cumsum(0)]),
        torch.cat([torch.arange(len(own)) for own in values]),
        torch.tensor([value for own in values for value in own]),
    )
    return SourceState(cell_id, torch.zeros(genes, 2), sites, torch.arange(genes))


def test_the_mean_counts_positions_where_the_feature_is_silent():
    states = [state_of(0, [3, 5], [[2.0, 4.0], [1.0]]), state_of(7, [3], [[6.0]], genes=2)]
    observed = Observed(states)
    assert observed.mean(3) == 12 / 8
    assert observed.to_mean(states[0], 0).tolist() == [-0.5, -2.5]
    assert observed.to_mean(states[0], 1).tolist() == [1 / 8 - 1]


def test_a_position_that_has_the_value_already_is_not_moved():
    everywhere = state_of(0, [3], [[2.0] * 6])
    assert Observed([everywhere]).to_mean(everywhere, 0).tolist() == [0.0] * 6
    once = state_of(0, [3, 4], [[2.5], [1.0, 3.0]])
    assert Observed([once], (0,)).to_drawn(once, 0).tolist() == [0.0]
    assert set((Observed([once], (0,)).to_drawn(once, 1) + torch.tensor([1.0, 3.0])).tolist()) <= {1.0, 3.0}


def test_drawn_values_are_the_features_own_each_as_likely():
    values = [1.0, 2.0, 4.0]
    states = [state_of(cell, [2, 9], [values, [8.0]]) for cell in range(2000)]
    observed = Observed(states, (0, 1))
    drawn = torch.cat([observed.to_drawn(state, 0) + torch.tensor(values) for state in states])
    shares = torch.stack([(drawn == value).double().mean() for value in values])
    torch.testing.assert_close(shares, torch.full((3,), 1 / 3).double(), rtol=0, atol=4 * (2 / 9 / 6000) ** 0.5)
    again = Observed(states[:1] + states[1:], (0, 1)).to_drawn(states[5], 0)
    assert torch.equal(observed.to_drawn(states[5], 0), again)
    assert not torch.equal(drawn[:300], drawn[300:600])


def test_a_cell_without_a_silent_gene_makes_no_pair(folders, tmp_path):
    settings = settings_with({"positions": "silent"})
    folder = StepFolder.open(do_step("trace", settings, tmp_path / "trace-1", layer=1, **folders.reads))
    pairs = folder.read_table("trace_pair")
    counted = {cell: int(genes.sum()) for cell, genes in Plain(settings, folders, folder).genes.items()}
    of_cell = pl.col("cell_id").replace_strict(counted, return_dtype=pl.Int64)
    assert (pairs["n_read"] == pairs.select(of_cell - pl.col("n_positions"))["cell_id"]).all()
    selected = folder.read_table("trace_source").filter("selected")["source_feature"]
    assert set(pairs["source_feature"]) == set(selected)
