"""Planted truth: aligned features steer up, opposite ones down, orthogonal ones do not; shuffled times call nothing.

Measured over more draws in the slow test; the rates stand in the README of the tests.
"""

import numpy as np
import pytest
import torch

from tests.builders.planted_trajectory import always_on
from tests.builders.saes import random_topk
from tests.builders.steering_truth import LAYER, along, build, called, judge, panel_of, tiny_adapter

N_ORTHOGONAL, SCALE = 6, 0.3
PROBES = ("probability", "pseudotime")


def planted_directions(adapter, seed):
    """Directions [2 + N_ORTHOGONAL, d]: along the trajectory, against it, and orthogonal to it."""
    both = along(adapter, 200, 1000 + seed)
    basis = torch.linalg.qr(both.T)[0]
    drawn = torch.randn(N_ORTHOGONAL, both.shape[1], generator=torch.Generator().manual_seed(seed))
    drawn -= drawn @ basis @ basis.T
    aligned = both.sum(0, keepdim=True)
    directions = torch.cat([aligned, -aligned, drawn])
    return SCALE * directions / directions.norm(dim=1, keepdim=True)


def found_in(root, seed, n_cells=450, n_shuffles=999):
    adapter = tiny_adapter(root, seed)
    world = build(adapter, always_on(planted_directions(adapter, seed), LAYER), n_cells, seed)
    return judge(world, world.time, list(range(2 + N_ORTHOGONAL)), n_shuffles, seed)


def test_aligned_features_steer_up_opposite_ones_down_and_orthogonal_ones_do_not(tmp_path):
    found = found_in(tmp_path, 0)
    calls = called(found)
    for readout, (_, means) in found.items():
        assert means[0] > 0 > means[1], readout
        assert abs(means[2:]).max() < means[0], readout
    assert calls["pseudotime"][:2].all()
    assert not any(calls[readout][2:].any() for readout in PROBES)


@pytest.mark.slow
def test_recall_and_rate_over_worlds(tmp_path):
    """Of the probes, four worlds: recall of the two planted features, rate of the orthogonal ones by p and by q."""
    by_world = [found_in(tmp_path, seed) for seed in range(4)]
    calls = [called(one) for one in by_world]
    recall = {name: float(np.mean([one[name][:2] for one in calls])) for name in calls[0]}
    signs = [np.sign(one[name][1][:2]).tolist() for one in by_world for name in PROBES]
    false = [one[name][2:] for one in calls for name in PROBES]
    small = [one[name][0][2:] <= 0.05 for one in by_world for name in PROBES]
    print(f"recall {recall}, orthogonal: q <= 0.05 {np.mean(false):.3f}, p <= 0.05 {np.mean(small):.3f}")
    uncentred = [one["signature"][0][2:] <= 0.05 for one in by_world]
    print(f"published signature, orthogonal: p <= 0.05 {np.mean(uncentred):.3f}")
    assert np.mean(uncentred) > 0.15  # which is why the step gives it no p
    assert signs == [[1.0, -1.0]] * len(signs)
    assert recall["pseudotime"] >= 0.75
    assert np.mean(false) <= 0.03
    assert np.mean(small) <= 0.05 + 3 * (0.05 * 0.95 / np.size(small)) ** 0.5


def null_rates(world, n_draws, n_shuffles, part):
    """Share of p <= 0.05 by read-out, and share of draws with any q <= 0.05, for times that mean nothing."""
    small, any_called = [], []
    for draw in range(n_draws):
        time = np.random.default_rng([draw, 99]).permutation(world.time)
        panel = [one.feature for one in panel_of(world, time, world.part == part, n_on=3, n_off=2)]
        found = judge(world, time, panel, n_shuffles, draw)
        calls = called(found)
        small.append([np.mean(found[name][0] <= 0.05) for name in calls])
        any_called.append(any(one.any() for one in calls.values()))
    return np.mean(small, axis=0), float(np.mean(any_called))


@pytest.fixture(scope="module")
def random_features(tmp_path_factory):
    adapter = tiny_adapter(tmp_path_factory.mktemp("model"))
    return build(adapter, random_topk(adapter.info.d_model, 64, 6, layer=LAYER), 120, 0)


def test_shuffled_times_call_no_more_than_the_nominal_rate(random_features):
    small, rate = null_rates(random_features, 30, 199, 0)
    assert small.mean() <= 0.05 + 3 * (0.05 * 0.95 / (30 * 5)) ** 0.5
    assert rate <= 0.05 + 3 * (0.05 * 0.95 / 30) ** 0.5


@pytest.mark.slow
def test_shuffled_times_over_many_draws(random_features):
    small, rate = null_rates(random_features, 200, 399, 0)
    print(f"p <= 0.05: {small.round(3)}, draws with a call: {rate:.3f}")
    assert (small <= 0.05 + 3 * (0.05 * 0.95 / 200) ** 0.5).all()
    assert rate <= 0.05 + 3 * (0.05 * 0.95 / 200) ** 0.5
