"""Counts of firings and of joint firings equal those of dense codes, whatever the chunks, pieces and blocks."""

import numpy as np
import pytest

from tasks.codes import joint
from tasks.codes.joint import count_both, count_by_stratum, places
from tests.builders.planted_pairs import firings

RNG = np.random.default_rng(0)
N, F = 3000, 30
ONE = RNG.random((N, F)) < RNG.uniform(0, 0.5, F) * RNG.random((N, 1))  # as many firings as it comes at a position
OTHER = RNG.random((N, F + 7)) < 0.1
ONE[400:900] = False


@pytest.fixture(params=[(2**15, 2**21), (64, 40)])
def blocks(request, monkeypatch):
    monkeypatch.setattr(joint, "MOST_POSITIONS", request.param[0])
    monkeypatch.setattr(joint, "MOST_PAIRS", request.param[1])


@pytest.mark.parametrize("n_chunks", [1, 5])
def test_pairs_within_a_layer_are_counted_like_dense_codes(n_chunks, blocks):
    features = np.array([0, 2, 3, 11, 20, F - 1])
    place = places(features, F)
    dense = ONE[:, features].astype(int)
    chunks = firings(ONE, n_chunks)
    assert np.array_equal(count_both(zip(chunks, chunks, strict=True), place, place), dense.T @ dense)


@pytest.mark.parametrize("n_chunks", [1, 5])
def test_pairs_of_two_layers_are_counted_like_dense_codes(n_chunks, blocks):
    features = np.arange(1, F, 2)
    first, second = places(features, F), places(np.arange(F + 7), F + 7)
    pairs = zip(firings(ONE, n_chunks), firings(OTHER, n_chunks), strict=True)
    assert np.array_equal(count_both(pairs, first, second), ONE[:, features].astype(int).T @ OTHER.astype(int))


def test_firings_are_counted_by_stratum():
    stratum = RNG.integers(0, 9, N)
    features = np.array([1, 5, 6])
    found = count_by_stratum(firings(ONE, 3), places(features, F), stratum, 9)
    assert found.tolist() == [[ONE[stratum == g, f].sum() for g in range(9)] for f in features]


def test_a_layer_that_never_fires_has_no_pairs(blocks):
    nothing = firings(np.zeros((N, F), dtype=bool), 2)
    place = places(np.arange(F), F)
    assert not count_both(zip(nothing, firings(ONE, 2), strict=True), place, place).any()
    nobody = places(np.empty(0, dtype=np.int64), F)
    assert count_both(zip(firings(ONE, 2), firings(ONE, 2), strict=True), nobody, place).shape == (0, F)
