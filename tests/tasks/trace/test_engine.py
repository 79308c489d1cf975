"""The engine against whole forward passes, one pair at a time."""

from dataclasses import replace

import pytest
import torch

from tasks.cells.reader import CellsReader
from tasks.models import load_adapter
from tasks.sae import load_sae
from tasks.trace.clean import clean_cell, source_state
from tasks.trace.engine import Displacement, ablation, measure
from tasks.trace.tail import Tail, TiledEncoder
from tests.builders.slow_trace import dense_codes, slow_effects

SOURCE = 1


class Study:
    """The tiny study's model and autoencoders in one precision, and one of its cells."""

    def __init__(self, folders, dtype):
        self.adapter = load_adapter(folders.model_dir)
        self.adapter.model.to(dtype)
        saes = [self._cast(load_sae(folder), dtype) for folder in folders.saes.values()]
        self.source = saes[SOURCE]
        self.targets = {sae.layer: sae for sae in saes[SOURCE + 1 :]}
        self.tokens = torch.from_numpy(CellsReader(folders.cells).tokens().cell(4)).long()
        self.tail = Tail(self.adapter, SOURCE, self.targets)

    @staticmethod
    def _cast(sae, dtype):
        return replace(sae, **{name: weight.to(dtype) for name, weight in sae.parameters.items()})

    def clean(self, batch_tokens):
        state = source_state(self.tail, TiledEncoder(self.source), self.tokens)
        return clean_cell(self.tail, 0, *state, batch_tokens)

    def slow(self, feature):
        genes = self.adapter.is_gene(self.tokens)
        with torch.inference_mode():
            return slow_effects(self.adapter.model, self.tokens, genes, self.source, self.targets, feature)


@pytest.fixture(params=[torch.float32, torch.float64], ids=["float32", "float64"])
def study(request, folders):
    return Study(folders, request.param)


@pytest.fixture
def single(folders):
    return Study(folders, torch.float32)


def all_effects(study, cell, displacements):
    batches = list(measure(study.tail, cell, displacements))
    return {layer: torch.cat([batch[layer] for batch in batches]) for layer in study.targets}


def ablations(study, cell):
    features = cell.sites.features
    return [ablation(*cell.sites.at(i), study.source.W_dec[f]) for i, f in enumerate(features)]


@pytest.mark.parametrize("batch_tokens", [1, 100, 1000])
def test_effects_are_those_of_whole_forward_passes(study, batch_tokens):
    cell = study.clean(batch_tokens)
    found = all_effects(study, cell, ablations(study, cell))
    tolerance = 1e-10 if study.source.W_dec.dtype == torch.float64 else 1e-5
    assert len(cell.sites.features) > 10
    for row, feature in enumerate(cell.sites.features.tolist()):
        for layer, slow in study.slow(feature).items():
            torch.testing.assert_close(found[layer][row], slow.double(), rtol=0, atol=tolerance)
    assert min(effect.abs().max() for effect in found.values()) > 0.01  # there is something to agree on


def test_active_sites_are_those_of_dense_codes(study):
    cell = study.clean(100)
    dense = dense_codes(study.source, cell.hidden) * study.adapter.is_gene(study.tokens)[:, None]
    for row, feature in enumerate(cell.sites.features.tolist()):
        positions, activations = cell.sites.at(row)
        assert positions.tolist() == dense[:, feature].nonzero().flatten().tolist()
        torch.testing.assert_close(activations, dense[positions, feature])
    assert set(cell.sites.features.tolist()) == set(dense.any(0).nonzero().flatten().tolist())


@pytest.mark.parametrize("batch_tokens", [1, 100, 1000])
def test_displacing_nothing_gives_exactly_zero(study, batch_tokens):
    cell = study.clean(batch_tokens)
    nothing = [ablation(*cell.sites.at(i), torch.zeros(study.source.d_model)) for i in range(len(cell.sites.features))]
    assert not any(effect.any() for effect in all_effects(study, cell, nothing).values())


def test_a_clean_row_beside_ablated_ones_stays_exactly_zero(single):
    cell = single.clean(100)
    mixed = ablations(single, cell)
    mixed[3] = Displacement(mixed[3].positions, torch.zeros_like(mixed[3].values))
    found = all_effects(single, cell, mixed)
    assert not any(effect[3].any() for effect in found.values())
    assert all(effect[2].any() for effect in found.values())


def test_effects_do_not_depend_on_their_neighbours_in_the_batch(single):
    cell = single.clean(100)
    together = ablations(single, cell)
    forwards = all_effects(single, cell, together)
    backwards = all_effects(single, cell, together[::-1])
    alone = all_effects(single, cell, together[5:6])
    for layer, effect in forwards.items():
        assert torch.equal(effect, backwards[layer].flip(0))
        assert torch.equal(effect[5:6], alone[layer])


def test_the_displacement_is_the_difference_of_two_reconstructions(single):
    cell = single.clean(100)
    codes = dense_codes(single.source, cell.hidden)
    feature = int(cell.sites.features[2])
    without = codes.clone()
    without[:, feature] = 0
    item = ablation(*cell.sites.at(2), single.source.W_dec[feature])
    slow = (without @ single.source.W_dec - codes @ single.source.W_dec)[item.positions]
    torch.testing.assert_close(item.values, slow, rtol=1e-5, atol=1e-5)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_gpu_measures_the_same_effects(folders):
    host = Study(folders, torch.float32)
    cell = host.clean(100)
    expected = all_effects(host, cell, ablations(host, cell))
    device = Study(folders, torch.float32)
    device.adapter = load_adapter(folders.model_dir, "cuda")
    device.source = load_sae(folders.saes[SOURCE], "cuda")
    device.targets = {layer: load_sae(folders.saes[layer], "cuda") for layer in device.targets}
    device.tokens = device.tokens.cuda()
    device.tail = Tail(device.adapter, SOURCE, device.targets)
    there = device.clean(100)
    found = all_effects(device, there, ablations(device, there))
    for layer, effect in expected.items():
        torch.testing.assert_close(found[layer].cpu(), effect, rtol=0, atol=1e-4)
