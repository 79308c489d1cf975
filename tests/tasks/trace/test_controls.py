"""Controls: which features are drawn, what they are compared with, and that nothing displaced is nothing changed."""

import polars as pl
import pytest
import torch
from pydantic import ValidationError

from tasks.causal.cell import source_state
from tasks.causal.effects import along, scaled
from tasks.causal.tiles import TiledEncoder
from tasks.cells.reader import CellsReader
from tasks.models import load_adapter
from tasks.models.batches import one_cell
from tasks.sae import load_sae
from tasks.trace.controls import draw_sample, fresh_noise, random_directions, rebuilt
from tasks.trace.settings import TraceSettings
from tests.builders.saes import dense


def test_one_feature_is_drawn_from_each_stratum_of_frequency():
    counts = {feature: 100 - feature for feature in range(20)}
    sample = draw_sample(counts, 4, [0])
    assert sorted(feature // 5 for feature in sample) == [0, 1, 2, 3]
    assert list(sample) == sorted(sample)


def test_the_match_is_the_other_feature_nearest_in_frequency():
    assert draw_sample({3: 10, 8: 14, 5: 11, 9: 40}, 4, [0]) == {3: 5, 5: 3, 8: 5, 9: 8}


def test_a_feature_alone_has_no_match():
    assert draw_sample({3: 10}, 4, [0]) == {3: None}


def test_the_draw_follows_its_seed():
    counts = dict.fromkeys(range(300), 5)
    assert draw_sample(counts, 8, [0]) == draw_sample(counts, 8, [0])
    assert draw_sample(counts, 8, [0]) != draw_sample(counts, 8, [1])


def test_random_directions_keep_the_length_and_the_others():
    real = torch.randn(6, 40, generator=torch.Generator().manual_seed(0))
    turned = random_directions(real, [1, 4], [7])
    torch.testing.assert_close(turned.norm(dim=1), real.norm(dim=1))
    assert torch.equal(turned[[0, 2, 3, 5]], real[[0, 2, 3, 5]])
    cosine = torch.cosine_similarity(turned[[1, 4]], real[[1, 4]])
    assert cosine.abs().max() < 0.6
    assert torch.equal(random_directions(real, [4], [7])[4], turned[4])  # whatever else is drawn


def test_displacing_nothing_has_no_effect_at_all(traced):
    zero = traced.read_table("trace_control").filter(control="zero")
    assert zero.height == 3
    assert zero["max_abs_effect"].to_list() == zero["mean_abs_effect"].to_list() == [0, 0, 0]
    assert zero["n_edges"].to_list() == [0, 0, 0]


@pytest.mark.parametrize("control", ["real", "frequency_matched"])
def test_ablations_are_read_from_the_archive(traced, control):
    effects = traced.read_table("effect_cell").explode("targets", "deltas")
    pairs = traced.read_table("trace_pair")
    for row in traced.read_table("trace_control").filter(control=control).iter_rows(named=True):
        feature = row["source_feature"] if control == "real" else row["matched_feature"]
        size = effects.filter(source_feature=feature)["deltas"].cast(pl.Float64).abs()
        n = pairs.filter(source_feature=feature).height
        assert row["n_cells"] == n
        assert row["max_abs_effect"] == pytest.approx(size.max())
        assert row["mean_abs_effect"] == pytest.approx(size.sum() / (n * 2 * 24))  # two layers of 24 features


def test_edges_of_the_real_ablation_are_those_its_null_was_counted_for(traced):
    observed = traced.read_table("null_feature").filter(criterion="calibrated")
    real = traced.read_table("trace_control").filter(control="real")
    joined = real.join(observed, on="source_feature")
    assert joined.height == 3
    assert joined["n_edges"].equals(joined["observed"].rename("n_edges"))


def test_a_random_direction_changes_something(traced):
    random = traced.read_table("trace_control").filter(control="random_direction")
    real = traced.read_table("trace_control").filter(control="real")
    assert (random["max_abs_effect"] > 0).all()
    assert (random["max_abs_effect"] != real["max_abs_effect"]).all()


def test_fresh_noise_is_as_long_as_what_the_feature_adds_and_new_everywhere(folders):
    adapter, sae = load_adapter(folders.model_dir), load_sae(folders.saes[1])
    tokens, encoder = CellsReader(folders.cells).tokens(), TiledEncoder(sae)
    states = [source_state(adapter, 1, encoder, cell, one_cell(tokens, cell)) for cell in (1, 2)]
    real = sae.W_dec.detach().cpu()
    noise, own = fresh_noise(real, scaled(0.0), [3]), along(real, scaled(0.0))
    feature = next(one for one in states[0].sites.features.tolist() if one in states[1].sites.features.tolist())
    drawn = []
    for state in states:
        site = state.sites.features.tolist().index(feature)
        there, away = own(state, site), noise(state, site)
        assert torch.equal(there.positions, away.positions)
        torch.testing.assert_close(away.values.norm(dim=1), there.values.norm(dim=1))
        assert torch.equal(away.values, fresh_noise(real, scaled(0.0), [3])(state, site).values)
        assert not torch.equal(away.values, fresh_noise(real, scaled(0.0), [4])(state, site).values)
        drawn.append(away.values / away.values.norm(dim=1, keepdim=True))
    every = torch.cat(drawn)
    likeness = (every @ every.T).fill_diagonal_(0)
    assert likeness.abs().max() < 0.95  # no two positions, of one cell or of two, share a direction


def test_the_reconstruction_is_that_of_the_output_at_the_features_positions(folders):
    adapter, sae = load_adapter(folders.model_dir), load_sae(folders.saes[1])
    cell = one_cell(CellsReader(folders.cells).tokens(), 1)
    state = source_state(adapter, 1, TiledEncoder(sae), 1, cell)
    with torch.inference_mode():
        outputs = list(adapter.blocks(adapter.embed(cell), 0, 2))[1][0]
        made = dense(sae.encode(outputs), sae.n_features) @ sae.W_dec + sae.b_dec
    for site in (0, len(state.sites.features) - 1):
        found = rebuilt(sae)(state, site)
        assert torch.equal(found.positions, state.sites.at(site)[0])
        torch.testing.assert_close(found.values, (made - outputs)[found.positions], atol=1e-5, rtol=1e-4)
        assert found.values.norm(dim=1).min() > 1e-3


def test_a_control_named_twice_is_refused():
    with pytest.raises(ValidationError, match="more_controls names one control twice"):
        TraceSettings(more_controls=("published_noise", "published_noise"))
