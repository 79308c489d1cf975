"""Neighbours and the map."""

import threading

import numpy as np
import pytest

from tasks.describe import directions as module
from tasks.describe.directions import map_directions, nearest, neighbours, principal_plane


@pytest.fixture(scope="module")
def clusters():
    """Three bundles of 20 directions around three orthogonal ones, [60, 16]."""
    rng = np.random.default_rng(0)
    centres = np.repeat(np.eye(16)[:3], 20, axis=0)
    return (centres + 0.1 * rng.normal(size=(60, 16))).astype(np.float32)


def test_nearest_equals_a_loop(clusters, monkeypatch):
    monkeypatch.setattr(module, "ROW_BLOCK", 7)
    indices, cosines = nearest(clusters, 5)
    for i, row in enumerate(clusters.astype(float)):
        norms = np.linalg.norm(clusters.astype(float), axis=1)
        cosine = clusters.astype(float) @ row / norms / np.linalg.norm(row)
        cosine[i] = -2
        best = np.argsort(-cosine, kind="stable")[:5]
        assert indices[i].tolist() == best.tolist()
        np.testing.assert_allclose(cosines[i], cosine[best], atol=1e-6)


@pytest.mark.parametrize(("n_rows", "width"), [(0, 0), (1, 0), (3, 2), (60, 10)])
def test_there_are_at_most_as_many_neighbours_as_others(clusters, n_rows, width):
    frame = neighbours(clusters[:n_rows], np.arange(n_rows) * 2, 10)
    assert frame.height == n_rows * width
    assert set(frame["neighbour"]) <= {2 * i for i in range(n_rows)}


def test_the_map_keeps_bundles_together_and_repeats(clusters):
    places = map_directions(clusters, seed=1)
    bundle = np.repeat(np.arange(3), 20)
    middle = np.array([places[bundle == b].mean(axis=0) for b in range(3)])
    nearest_middle = np.linalg.norm(places[:, None] - middle, axis=2).argmin(axis=1)
    assert (nearest_middle == bundle).mean() > 0.95
    assert places.dtype == np.float32
    assert np.array_equal(places, map_directions(clusters, seed=1))
    assert not np.array_equal(places, map_directions(clusters, seed=2))


def test_maps_made_at_once_in_threads_do_not_disturb_each_other(clusters):
    expected = [map_directions(clusters, seed) for seed in range(2)]
    made = [None] * 2
    threads = [threading.Thread(target=lambda s=s: made.__setitem__(s, map_directions(clusters, s))) for s in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(a, b) for a, b in zip(expected, made, strict=True))


@pytest.mark.parametrize("n_rows", [0, 1, 2, 3, 5])
def test_few_directions_have_a_map_too(clusters, n_rows):
    places = map_directions(clusters[:n_rows], seed=0)
    assert places.shape == (n_rows, 2)
    assert np.isfinite(places).all()


def test_the_principal_plane_holds_the_largest_variances(clusters):
    plane = principal_plane(clusters)
    values = np.linalg.eigvalsh(np.cov(clusters.astype(float).T))[::-1][:2]
    np.testing.assert_allclose(plane.var(axis=0, ddof=1), values, rtol=1e-6)
