"""The built autoencoders fire as trained ones do, at a fraction of their size."""

from dataclasses import replace

import pytest
import torch

from tasks.models.adapter import run_blocks
from tasks.models.batches import Batch
from tests.benchmarks.trace_sides import build
from tests.builders.true_shape import PUBLISHED, SMALL, firing_sae, random_tokens, shaped_model

# Width and layers are small, but features, active ones and tokens are the published ones: these make the statistics.
NARROW = replace(PUBLISHED, n_layers=2, d_model=256, n_heads=4, d_ff=256, n_genes=4000, source=1)
N_CELLS = 3


@pytest.fixture(scope="module")
def frequencies():
    """Share of gene positions of three cells at which each feature is active, and active positions of each pair."""
    adapter, states = shaped_model(NARROW), []
    with torch.inference_mode():
        for seed in range(N_CELLS):
            tokens = random_tokens(adapter, NARROW.n_tokens, seed)
            states.append(run_blocks(adapter, adapter.embed(Batch.of(tokens)), 0, NARROW.source + 1)[0])
        sae = firing_sae(NARROW, NARROW.source, states[0])
        counts = torch.stack([sae.encode(state[1:-1]).fire_counts(NARROW.n_features) for state in states]).double()
    return counts.sum(0) / (N_CELLS * (NARROW.n_tokens - 2)), counts[counts > 0]


def test_every_position_has_k_active_features(frequencies):
    assert float(frequencies[0].sum()) == pytest.approx(NARROW.k, rel=1e-3)


def test_most_features_are_alive(frequencies):
    alive = (frequencies[0] >= 0.001).double().mean()
    assert float(alive) == pytest.approx(4065 / 4608, abs=0.05)


def test_a_pair_has_sixteen_active_positions_and_half_of_them_about_ten(frequencies):
    alive = frequencies[0][frequencies[0] >= 0.001] * (NARROW.n_tokens - 2)
    assert float(alive.mean()) == pytest.approx(16, rel=0.1)
    assert float(alive.median()) == pytest.approx(10, rel=0.2)
    assert float(frequencies[1].mean()) == pytest.approx(16, rel=0.1)


def test_hubs_are_active_at_about_two_hundred_positions(frequencies):
    assert 120 < float(frequencies[0].max()) * (NARROW.n_tokens - 2) < 320


def test_cells_are_distinct_genes_between_their_ends():
    adapter = shaped_model(SMALL)
    tokens = random_tokens(adapter, SMALL.n_tokens)
    assert len(set(tokens.tolist())) == SMALL.n_tokens
    assert adapter.is_gene(tokens).tolist() == [False, *[True] * (SMALL.n_tokens - 2), False]


def test_drawn_features_stand_for_all():
    bench = build(SMALL, "cpu", "float32")
    everything = bench.mean_positions(bench.state.sites.features)
    for n in (2, 5, 20):
        drawn = bench.features(n)
        assert len(set(drawn.tolist())) == n
        assert bench.mean_positions(drawn) == pytest.approx(everything, rel=0.15)
