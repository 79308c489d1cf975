"""Engines of a decoder against whole forward passes of Hugging Face's model, one pair at a time."""

from functools import cached_property

import pytest
import torch

from tasks.causal import decoder
from tasks.causal.cell import source_state
from tasks.causal.decoder import DecoderEngine, Stretches, stretch
from tasks.causal.displacement import Displacement, scale_feature
from tasks.causal.engines import make_engine
from tasks.causal.frozen import FrozenEngine
from tasks.causal.later import Later
from tasks.causal.reading import positions_read
from tasks.causal.tiles import TiledEncoder
from tasks.models import load_adapter
from tasks.models.batches import one_cell
from tests.builders.engine_effects import assert_neighbours_change_nothing, measured
from tests.builders.llama_files import decoder_cells, ensembl, tiny_llama
from tests.builders.plain_llama import forward, run_layer, without_rounding
from tests.builders.saes import cast, random_topk
from tests.builders.slow_trace import dense_codes

SOURCE, N_LAYERS, LENGTH = 1, 4, 33
READINGS = ["active", "silent", "all"]


class Study:
    """A tiny decoder, autoencoders on its layers in one precision, and one of its cells."""

    def __init__(self, model_dir, dtype):
        self.adapter = load_adapter(model_dir)
        self.adapter.model.to(dtype)
        if dtype == torch.float64:
            without_rounding(self.adapter.model)
        width = self.adapter.info.d_model
        self.saes = [cast(random_topk(width, 24, 4, layer=at, seed=at), dtype) for at in range(N_LAYERS)]
        self.source, self.dtype = self.saes[SOURCE], dtype
        self.targets = {sae.layer: sae for sae in self.saes[SOURCE + 1 :]}
        cell = one_cell(decoder_cells(self.adapter.vocabulary, [LENGTH]), 0)
        self.tokens = cell.tokens[0]
        self.genes = self.adapter.is_gene(self.tokens)
        self.state = source_state(self.adapter, SOURCE, TiledEncoder(self.source), 0, cell)

    def engine(self, effect, targets=None, reading="active"):
        return make_engine(effect, Later(self.adapter, SOURCE, targets or self.targets), reading=reading)

    def ablations(self, multiplier=0.0):
        sites, w_dec = self.state.sites, self.source.W_dec.cpu()
        return [scale_feature(*sites.at(i), w_dec[f], multiplier) for i, f in enumerate(sites.features)]

    @cached_property
    def clean(self):
        return forward(self.adapter.model, self.tokens, SOURCE, torch.zeros(LENGTH, self.source.d_model).to(self.dtype))

    def slow(self, displaced, reading="active"):
        """Total effects [F] by target layer, from a whole pass with and one without the displacement."""
        added = torch.zeros_like(self.clean[SOURCE])
        added[displaced.positions] = displaced.values
        after = forward(self.adapter.model, self.tokens, SOURCE, added)
        rows = positions_read(reading, self.genes.nonzero().flatten(), displaced.positions)
        return {at: self._change(sae, after[at], rows) for at, sae in self.targets.items()}

    def slow_direct(self, displaced):
        """Every block sees the changed state where it was displaced and the clean state elsewhere."""
        at, hidden = displaced.positions, self.clean[SOURCE].clone()
        hidden[at] += displaced.values
        effects = {}
        for layer, sae in self.targets.items():
            output, hidden = run_layer(self.adapter.model, layer, hidden), self.clean[layer].clone()
            hidden[at] = output[at]
            effects[layer] = self._change(sae, hidden, at)
        return effects

    def _change(self, sae, after, rows):
        return (dense_codes(sae, after) - dense_codes(sae, self.clean[sae.layer]))[rows].double().mean(0)


@pytest.fixture(scope="module")
def model_dir(tmp_path_factory):
    return tiny_llama(tmp_path_factory.mktemp("model"), ensembl(60), num_hidden_layers=N_LAYERS)


@pytest.fixture(scope="module", params=[torch.float32, torch.float64], ids=["float32", "float64"])
def study(request, model_dir):
    return Study(model_dir, request.param)


@pytest.fixture(scope="module")
def single(model_dir):
    return Study(model_dir, torch.float32)


def assert_twin(study, found, twin, displacements):
    tolerance = 1e-10 if study.dtype == torch.float64 else 3e-5
    assert len(displacements) > 10
    for row, displaced in enumerate(displacements):
        slow = twin(displaced)
        for layer, effect in found.items():
            torch.testing.assert_close(effect[row], slow[layer], rtol=0, atol=tolerance)
    assert min(effect.abs().max() for effect in found.values()) > 0.01  # there is something to agree on


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("multiplier", [0.0, 3.0])
def test_total_effects_are_those_of_whole_forward_passes(study, reading, multiplier):
    engine, items = study.engine("total", reading=reading), study.ablations(multiplier)
    assert isinstance(engine, DecoderEngine)
    assert_twin(study, measured(engine, study.state, items), lambda one: study.slow(one, reading), items)


def test_direct_effects_are_those_of_rows_that_see_clean_neighbours(study):
    items = study.ablations()
    assert_twin(study, measured(study.engine("direct"), study.state, items), study.slow_direct, items)


def test_one_block_on_the_direct_effect_is_the_total_effect(study):
    engine, items = study.engine("total", {SOURCE + 1: study.saes[SOURCE + 1]}), study.ablations()
    assert isinstance(engine, FrozenEngine)
    assert_twin(study, measured(engine, study.state, items), study.slow, items)


def test_further_on_the_two_differ(single):
    total, direct = (measured(single.engine(each), single.state, single.ablations()) for each in ("total", "direct"))
    assert (total[2] - direct[2]).abs().max() < 1e-5
    assert (total[3] - direct[3]).abs().max() > 1e-3


@pytest.mark.parametrize("reading", READINGS)
def test_displacing_nothing_gives_exactly_zero_beside_others_too(single, reading):
    items = single.ablations()
    items[3] = Displacement(items[3].positions, torch.zeros_like(items[3].values))
    found = measured(single.engine("total", reading=reading), single.state, items)
    assert not any(each[3].any() for each in found.values())
    assert all(each[2].any() for each in found.values())


@pytest.mark.parametrize("effect", ["total", "direct"])
def test_effects_do_not_depend_on_their_neighbours_in_the_batch(single, effect):
    assert_neighbours_change_nothing(single.engine(effect), single.state, single.ablations())


@pytest.mark.parametrize("reading", READINGS)
def test_small_tiles_and_batches_give_the_same(single, monkeypatch, reading):
    whole = measured(single.engine("total", reading=reading), single.state, single.ablations())
    monkeypatch.setattr(decoder, "ROWS", 20)
    monkeypatch.setattr(decoder, "OWN_ROWS", 4)
    engine = single.engine("total", reading=reading)
    engine.later.tile = 8
    cell = engine.prepare(single.state)
    assert len(cell.batches([one.positions for one in single.ablations()])) > 10
    for layer, effect in measured(engine, single.state, single.ablations()).items():
        torch.testing.assert_close(effect, whole[layer], rtol=0, atol=1e-5)
    nothing = [Displacement(one.positions, torch.zeros_like(one.values)) for one in single.ablations()]
    assert not any(effect.any() for effect in measured(engine, single.state, nothing).values())


def test_what_stands_before_the_first_displaced_position_is_not_recomputed(single):
    item = Displacement(torch.tensor([20, 24]), torch.ones(2, single.source.d_model))
    assert stretch(item.positions, item.positions) == (20, 25)
    rows = Stretches.of([item], [item.positions], single.state.hidden)
    assert rows.rows.positions.tolist() == [20, 21, 22, 23, 24]
    assert (rows.moved.tolist(), rows.read.tolist()) == ([0, 4], [0, 4])


def test_nothing_is_read_behind_the_last_displaced_gene(single):
    last = int(single.genes.nonzero()[-1])
    item = Displacement(torch.tensor([last]), torch.ones(1, single.source.d_model))
    found = measured(single.engine("total", reading="silent"), single.state, [item])
    assert all(each.shape == (1, 24) and not each.any() for each in found.values())
