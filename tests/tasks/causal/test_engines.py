"""Both engines against whole forward passes, one pair at a time."""

import pytest
import torch

from tasks.causal.cell import source_state
from tasks.causal.displacement import Displacement, scale_feature
from tasks.causal.engines import make_engine
from tasks.causal.frozen import FrozenEngine
from tasks.causal.later import Later
from tasks.causal.tiles import TiledEncoder
from tasks.cells.reader import CellsReader
from tasks.models import load_adapter
from tasks.models.batches import Batch
from tasks.sae import load_sae
from tasks.trace.settings import TraceSettings
from tests.builders.engine_effects import assert_neighbours_change_nothing, measured
from tests.builders.saes import cast
from tests.builders.slow_trace import dense_codes, slow_direct, slow_effects

SOURCE = 1


class Study:
    """The tiny study's model and autoencoders in one precision, and one of its cells."""

    def __init__(self, folders, dtype, device="cpu"):
        self.adapter = load_adapter(folders.model_dir, device)
        self.adapter.model.to(dtype)
        self.saes = [cast(load_sae(folder, device), dtype) for folder in folders.saes.values()]
        self.source = self.saes[SOURCE]
        self.targets = {sae.layer: sae for sae in self.saes[SOURCE + 1 :]}
        self.tokens = torch.from_numpy(CellsReader(folders.cells).tokens().cell(4)).long().to(device)
        self.state = source_state(self.adapter, SOURCE, TiledEncoder(self.source), 4, Batch.of(self.tokens))

    def engine(self, effect, batch_tokens=100, targets=None):
        settings = TraceSettings(batch_tokens=batch_tokens)
        return make_engine(effect, Later(self.adapter, SOURCE, targets or self.targets), settings.batch_tokens)

    def ablations(self, multiplier=0.0):
        sites, w_dec = self.state.sites, self.source.W_dec.cpu()
        return [scale_feature(*sites.at(i), w_dec[f], multiplier) for i, f in enumerate(sites.features)]

    def nothing(self):
        return [Displacement(item.positions, torch.zeros_like(item.values)) for item in self.ablations()]

    def slow(self, twin, feature, multiplier=0.0):
        genes = self.adapter.is_gene(self.tokens)
        with torch.inference_mode():
            return twin(self.adapter.model, self.tokens, genes, self.source, self.targets, feature, multiplier)


@pytest.fixture(params=[torch.float32, torch.float64], ids=["float32", "float64"])
def study(request, folders):
    return Study(folders, request.param)


@pytest.fixture
def single(folders):
    return Study(folders, torch.float32)


def assert_twin(study, found, twin, multiplier=0.0):
    tolerance = 1e-10 if study.source.W_dec.dtype == torch.float64 else 1e-5
    features = study.state.sites.features.tolist()
    assert len(features) > 10
    for row, feature in enumerate(features):
        slow = study.slow(twin, feature, multiplier)
        for layer, effect in found.items():
            torch.testing.assert_close(effect[row], slow[layer].double(), rtol=0, atol=tolerance)
    assert min(effect.abs().max() for effect in found.values()) > 0.01  # there is something to agree on


@pytest.mark.parametrize("batch_tokens", [1, 100, 1000])
def test_total_effects_are_those_of_whole_forward_passes(study, batch_tokens):
    found = measured(study.engine("total", batch_tokens), study.state, study.ablations())
    assert_twin(study, found, slow_effects)


@pytest.mark.parametrize("multiplier", [0.5, 3.0])
def test_a_feature_can_be_scaled(study, multiplier):
    found = measured(study.engine("total"), study.state, study.ablations(multiplier))
    assert_twin(study, found, slow_effects, multiplier)


def test_direct_effects_are_those_of_rows_that_see_clean_neighbours(study):
    found = measured(study.engine("direct"), study.state, study.ablations())
    assert_twin(study, found, slow_direct)


def test_one_block_on_the_direct_effect_is_the_total_effect(study):
    engine = study.engine("total", targets={SOURCE + 1: study.saes[SOURCE + 1]})
    assert isinstance(engine, FrozenEngine)
    assert_twin(study, measured(engine, study.state, study.ablations()), slow_effects)


def test_further_on_the_two_differ(single):
    total, direct = (measured(single.engine(each), single.state, single.ablations()) for each in ("total", "direct"))
    assert (total[2] - direct[2]).abs().max() < 1e-5
    assert (total[3] - direct[3]).abs().max() > 1e-3


def test_active_sites_are_those_of_dense_codes(study):
    dense = dense_codes(study.source, study.state.hidden) * study.adapter.is_gene(study.tokens)[:, None]
    sites = study.state.sites
    for row, feature in enumerate(sites.features.tolist()):
        positions, activations = sites.at(row)
        assert positions.tolist() == dense[:, feature].nonzero().flatten().tolist()
        torch.testing.assert_close(activations, dense[positions, feature])
    assert set(sites.features.tolist()) == set(dense.any(0).nonzero().flatten().tolist())


@pytest.mark.parametrize("effect", ["total", "direct"])
@pytest.mark.parametrize("batch_tokens", [1, 100, 1000])
def test_displacing_nothing_gives_exactly_zero(study, effect, batch_tokens):
    found = measured(study.engine(effect, batch_tokens), study.state, study.nothing())
    assert not any(each.any() for each in found.values())


@pytest.mark.parametrize("effect", ["total", "direct"])
def test_a_clean_row_beside_ablated_ones_stays_exactly_zero(single, effect):
    mixed = single.ablations()
    mixed[3] = single.nothing()[3]
    found = measured(single.engine(effect), single.state, mixed)
    assert not any(each[3].any() for each in found.values())
    assert all(each[2].any() for each in found.values())


@pytest.mark.parametrize("effect", ["total", "direct"])
def test_effects_do_not_depend_on_their_neighbours_in_the_batch(single, effect):
    assert_neighbours_change_nothing(single.engine(effect), single.state, single.ablations())


def test_the_displacement_is_the_difference_of_two_reconstructions(single):
    codes = dense_codes(single.source, single.state.hidden)
    feature = int(single.state.sites.features[2])
    without = codes.clone()
    without[:, feature] = 0
    item = single.ablations()[2]
    slow = (without @ single.source.W_dec - codes @ single.source.W_dec)[item.positions]
    torch.testing.assert_close(item.values, slow, rtol=1e-5, atol=1e-5)


def test_several_features_are_taken_out_at_once(single):
    """A displacement is any vector at any position: the union of two features' sites, where both are summed."""
    genes = single.adapter.is_gene(single.tokens)
    codes = dense_codes(single.source, single.state.hidden) * genes[:, None]
    pair = single.state.sites.features[:2]
    without = codes.clone()
    without[:, pair] = 0
    active = (codes[:, pair] > 0).any(1).nonzero().flatten()
    item = Displacement(active, ((without - codes) @ single.source.W_dec)[active])
    found = measured(single.engine("total"), single.state, [item])
    with torch.inference_mode():
        slow = slow_effects(single.adapter.model, single.tokens, genes, single.source, single.targets, pair)
    for layer, effect in found.items():
        torch.testing.assert_close(effect[0], slow[layer].double(), rtol=0, atol=1e-5)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("effect", ["total", "direct"])
def test_a_gpu_measures_the_same_effects(folders, effect):
    host, device = Study(folders, torch.float32), Study(folders, torch.float32, "cuda")
    expected = measured(host.engine(effect), host.state, host.ablations())
    found = measured(device.engine(effect), device.state, device.ablations())
    for layer, each in expected.items():
        torch.testing.assert_close(found[layer].cpu(), each, rtol=0, atol=1e-4)
