"""Baselines: bases are what they say, and their rates order as they were planted."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tasks.analyses.baselines.bases import (
    chosen_firings,
    encoded,
    neurons,
    principal,
    signed_coordinates,
    untrained,
)
from tasks.analyses.baselines.rates import libraries_of, rates
from tasks.analyses.baselines.sample import Sample
from tasks.analyses.subspace.axes import principal_axes
from tasks.codes.reader import Firings
from tasks.describe.settings import DescribeSettings
from tests.builders.describe import N_CELLS, N_FEATURES, SET_SIZE, TYPES, K, identity_sae, make_world

SETS = {"go": {f"s{i}": frozenset(f"G{g}" for g in range(i, i + SET_SIZE)) for i in range(0, 240, SET_SIZE)}}
DESCRIBE = DescribeSettings(min_fire=5, shrinkage=5.0, tested_genes=15, min_cells=10)
NOTHING = torch.empty(0, dtype=torch.long)


def sample_of(world):
    labels = [TYPES[cell % 3] for cell in range(N_CELLS)]
    return Sample(np.arange(world.cell.size), world.axes, NOTHING, NOTHING, labels, world.axes.cell_count, None, None)


def rate(firings, n_features, world, sets=SETS, **changes):
    sample = replace(sample_of(world), **changes)
    return rates(firings, n_features, sample, libraries_of(sets, sample.axes, DESCRIBE), DESCRIBE, 3, 0)


def axes_of(hidden):
    return principal_axes([hidden.astype(float)], hidden.shape[1])


def dense(firings, shape):
    found = np.zeros(shape)
    for chunk in firings:
        found[chunk.position, chunk.feature] = chunk.value
    return found


def wide_sae(width):
    """As many features as there are in the planted world, of a wider layer."""
    empty = {"W_enc": (width, N_FEATURES), "b_enc": (N_FEATURES,), "W_dec": (N_FEATURES, width), "b_dec": (width,)}
    return identity_sae().with_tensors({name: torch.zeros(shape) for name, shape in empty.items()}, K)


def rotation(seed=3):
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((N_FEATURES, N_FEATURES)))[0]


@pytest.mark.parametrize("basis", ["neurons", "pca"])
def test_signed_coordinates_equal_a_loop(basis, monkeypatch):
    monkeypatch.setattr("tasks.analyses.baselines.bases.CHUNK_ROWS", 300)
    rng = np.random.default_rng(0)
    hidden = (rng.standard_normal((700, N_FEATURES)) * np.geomspace(9, 0.1, N_FEATURES)) @ rotation() + 4
    axes = axes_of(hidden)
    sae = {"neurons": neurons, "pca": principal}[basis](axes, identity_sae(), K)
    found = dense(encoded(sae, torch.from_numpy(hidden)), (700, 2 * N_FEATURES))
    centred = hidden - hidden.mean(0)
    coordinates = centred if basis == "neurons" else centred @ axes.directions
    z = coordinates / coordinates.std(0)
    for row, values in enumerate(z):
        expected = np.zeros(2 * N_FEATURES)
        for j in np.argsort(-np.abs(values))[:K]:
            expected[j if values[j] > 0 else j + N_FEATURES] = abs(values[j])
        np.testing.assert_allclose(found[row], expected, atol=1e-4)


def test_a_coordinate_that_does_not_vary_never_fires():
    sae = signed_coordinates(np.eye(3), np.array([1.0, 1e-9, 1.0]), np.zeros(3), identity_sae(), 3)
    found = dense(encoded(sae, torch.randn(50, 3)), (50, 6))
    assert not found[:, [1, 4]].any()
    assert np.count_nonzero(found) == 100


def test_an_untrained_autoencoder_has_the_shape_of_the_trained_one():
    like = identity_sae()
    one, again, other = (untrained(like, torch.ones(N_FEATURES), 4, seed) for seed in (0, 0, 1))
    assert (one.W_dec.shape, one.k) == (like.W_dec.shape, 4)
    assert torch.equal(one.W_enc, again.W_enc)
    assert not torch.equal(one.W_enc, other.W_enc)
    found = dense(encoded(one, torch.randn(40, N_FEATURES)), (40, N_FEATURES))
    assert (np.count_nonzero(found, axis=1) <= 4).all()


def test_kept_firings_are_numbered_anew():
    rng = np.random.default_rng(0)
    codes = np.where(rng.random((60, 5)) < 0.4, rng.random((60, 5)), 0)
    position, feature = np.nonzero(codes)
    cut = np.searchsorted(position, [20, 45])
    columns = (np.split(column, cut) for column in (position, feature, codes[codes > 0]))
    chunks = [Firings(*part) for part in zip(*columns, strict=True)]
    rows = np.flatnonzero(rng.random(60) < 0.3)
    assert np.array_equal(dense(chosen_firings(iter(chunks), rows), (rows.size, 5)), codes[rows])


def test_rates_are_those_of_the_describe_step_one_by_one():
    """Counted again from the tables of step describe's own functions on dense codes."""
    world = make_world()
    found = rate(world.firings(), N_FEATURES, world)
    assert found["n_alive"] == np.count_nonzero((world.codes > 0).any(0))
    assert found["l0"] == pytest.approx((world.codes > 0).sum(1).mean())
    assert found["annotated_fraction"] == found["n_annotated"] / found["n_described"]
    assert found["type_fraction"] == found["n_with_type"] / found["n_alive"]
    bare = rate(world.firings(), N_FEATURES, world, labels=["T"] * N_CELLS)
    assert (bare["type_fraction"], bare["null_type"], bare["n_with_type"]) == (None, None, 0)
    nothing = rate([], N_FEATURES, world)
    assert (nothing["n_alive"], nothing["annotated_fraction"], nothing["type_fraction"]) == (0, None, None)
    assert rate(world.firings(), N_FEATURES, world, {})["annotated_fraction"] is None


def embedded(world, rotated, width=96, seed=7):
    """States [N, width]: programmes along neurons or turned away from them, and what each gene is in any cell.

    The identity of a gene is as strong in every direction as a programme is in its own, spread over ``width`` neurons.
    """
    rng = np.random.default_rng(seed)
    turn = np.linalg.qr(rng.standard_normal((width, width)))[0] if rotated else np.eye(width)
    identity = rng.standard_normal((int(world.gene.max()) + 1, width))
    return 2 * world.codes @ turn[:N_FEATURES] + identity[world.gene]


@pytest.mark.parametrize("rotated", [False, True])
def test_rates_order_as_planted(rotated):
    """Programmes along neurons are described in neurons as well; turned ones in the true dictionary alone."""
    world = make_world()
    hidden = embedded(world, rotated)
    states, like = torch.from_numpy(hidden), wide_sae(hidden.shape[1])
    own = rate(world.firings(), N_FEATURES, world)  # what the true dictionary gives, turned or not
    raw = rate(encoded(neurons(axes_of(hidden), like, K), states), 2 * hidden.shape[1], world)
    start = rate(encoded(untrained(like, states.mean(0).float(), K, 0), states), N_FEATURES, world)
    assert 8 <= own["n_annotated"] <= 10  # N_PLANTED of them, and chance
    assert own["n_with_type"] >= 4
    assert max(found["null_annotated"] for found in (own, raw, start)) < 0.05
    assert start["annotated_fraction"] < own["annotated_fraction"] / 2
    if rotated:
        assert raw["n_annotated"] <= 4
    else:
        assert raw["n_annotated"] >= 7


def test_on_noise_every_basis_stands_at_its_null():
    calls, nulls, typed = [], [], []
    for seed in range(5):
        world = make_world(planted=False, seed=seed)
        hidden = world.codes @ rotation(seed)
        states, like = torch.from_numpy(hidden), identity_sae()
        for basis in (neurons(axes_of(hidden), like, K), principal(axes_of(hidden), like, K)):
            found = rate(encoded(basis, states), basis.n_features, world)
            calls.append(found["annotated_fraction"])
            nulls.append(found["null_annotated"])
            typed.append(found["type_fraction"] > 0)
    assert np.mean(calls) < 0.02
    assert np.mean(nulls) < 0.02
    assert sum(typed) <= 3  # 10 families at alpha 0.05
