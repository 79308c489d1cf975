"""Every metric by brute force: loops over cells, roots by bisection, components of a PCA one by one."""

import numpy as np
import pytest
from scipy.optimize import brentq

from tasks.analyses.integration.clusters import ari, contingency, nmi
from tasks.analyses.integration.evidence import between_batches, in_largest_part
from tasks.analyses.integration.lisi import lisi, neighbour_weights
from tasks.analyses.integration.neighbours import Neighbours
from tasks.analyses.integration.silhouettes import batch_silhouettes, silhouettes
from tasks.analyses.integration.transfer import scores, transferred
from tests.builders.planted_batches import batch_points

N, K = 60, 12


@pytest.fixture(scope="module")
def made():
    points, sample = batch_points(N, 3, 2.0)
    return points, sample.label, sample.batch


def distances(points):
    return np.array([[np.sqrt(((a - b) ** 2).sum()) for b in points] for a in points])


def test_neighbours_are_the_nearest(made):
    points, *_ = made
    near, apart = Neighbours.of(points, K), distances(points)
    for row in range(N):
        others = sorted((one for one in range(N) if one != row), key=lambda one: apart[row, one])
        assert near.index[row].tolist() == [row, *others[: K - 1]]
    np.testing.assert_allclose(near.distance, np.take_along_axis(apart, near.index, 1), atol=1e-7)


def test_a_cell_is_its_own_first_neighbour_even_among_copies():
    near = Neighbours.of(np.zeros((5, 2)), 3)
    assert near.index[:, 0].tolist() == [0, 1, 2, 3, 4]
    assert not near.distance.any()
    assert np.isfinite(near.connectivities.data).all()


def test_far_off_points_lose_no_digits(made):
    points, *_ = made
    near, far = Neighbours.of(points, K), Neighbours.of(points + 1e5, K)
    np.testing.assert_array_equal(near.index, far.index)
    np.testing.assert_allclose(near.distance, far.distance, atol=1e-6)


def test_connectivities_are_those_of_umap(made):
    points, *_ = made
    near = Neighbours.of(points, K)
    weights = np.zeros((N, N))
    for row in range(N):
        others = near.distance[row, 1:]
        rho = others.min()

        def excess(sigma, others=others, rho=rho):
            return np.exp(-np.maximum(others - rho, 0) / sigma).sum() - np.log2(K)

        sigma = brentq(excess, 1e-9, 1e6)
        for one, d in zip(near.index[row, 1:], others, strict=True):
            weights[row, one] = np.exp(-max(d - rho, 0) / sigma)
    slow = weights + weights.T - weights * weights.T
    np.testing.assert_allclose(near.connectivities.toarray(), slow, atol=2e-5)


def test_lisi_by_roots(made):
    points, label, _ = made
    near = Neighbours.of(points, K)
    found = lisi(near, label)
    np.testing.assert_allclose(neighbour_weights(near).sum(axis=1), 1)
    for row in range(N):
        d = near.distance[row, 1:]

        def entropy(beta, d=d):
            p = np.exp(-beta * d) / np.exp(-beta * d).sum()
            return -(p * np.log(p)).sum() - np.log(K // 3)

        beta = brentq(entropy, 1e-9, 100)
        p = np.exp(-beta * d) / np.exp(-beta * d).sum()
        shares = [p[label[near.index[row, 1:]] == one].sum() for one in range(3)]
        assert found[row] == pytest.approx(1 / np.square(shares).sum(), abs=1e-4)


def test_lisi_is_one_in_one_group_and_all_where_all_mix():
    points, _ = batch_points(80, 2, 0.0)
    near = Neighbours.of(points, 30)
    assert lisi(near, np.zeros(80, np.int64)) == pytest.approx(1)
    assert np.median(lisi(near, np.arange(80) % 2)) > 1.7


def slow_silhouette(apart, group, row, others):
    own = (group == group[row]) & (np.arange(len(group)) != row)
    if not own.any():
        return 0.0
    a = apart[row, own].mean()
    rest = [apart[row, group == one].mean() for one in np.unique(group) if one != group[row]]
    b = min(rest) if others == "nearest" else apart[row, group != group[row]].mean()
    return (b - a) / max(a, b)


def test_silhouettes_by_loops(made):
    points, label, _ = made
    apart = distances(points)
    for others in ("nearest", "mean"):
        slow = [slow_silhouette(apart, label, row, others) for row in range(N)]
        np.testing.assert_allclose(silhouettes(points, label, others), slow, atol=1e-9)
    alone = np.where(np.arange(N) == 7, 3, label)
    assert silhouettes(points, alone)[7] == 0.0


def test_bras_by_loops(made):
    points, label, batch = made
    length = np.linalg.norm(points, axis=1)
    apart = 1 - points @ points.T / length[:, None] / length
    one_batch = np.where(label == 2, 0, batch)
    found = batch_silhouettes(points, one_batch, label)
    for row in range(N):
        cells = np.flatnonzero(label == label[row])
        if label[row] == 2:
            assert np.isnan(found[row])
            continue
        own = slow_silhouette(apart[np.ix_(cells, cells)], one_batch[cells], int(np.searchsorted(cells, row)), "mean")
        assert found[row] == pytest.approx(1 - abs(own), abs=1e-9)


def test_agreement_by_pairs_of_cells(made):
    _, label, _ = made
    cluster = np.random.default_rng(3).integers(4, size=N)
    table = contingency(label, cluster)
    pairs = [(i, j) for i in range(N) for j in range(i)]
    same = np.array([[label[i] == label[j], cluster[i] == cluster[j]] for i, j in pairs])
    both, a, b, n = (same.all(1).sum(), same[:, 0].sum(), same[:, 1].sum(), len(pairs))
    assert ari(table) == pytest.approx((both - a * b / n) / ((a + b) / 2 - a * b / n))
    information = sum(
        table[i, j] / N * np.log(table[i, j] * N / table[i].sum() / table[:, j].sum())
        for i in range(3)
        for j in range(4)
        if table[i, j]
    )
    spread = [-sum(p * np.log(p) for p in table.sum(axis) / N) for axis in (0, 1)]
    assert nmi(table) == pytest.approx(information / np.mean(spread))
    assert (nmi(contingency(label, label)), ari(contingency(label, label))) == (pytest.approx(1), pytest.approx(1))


def test_label_transfer_by_loops(made):
    points, label, batch = made
    apart, found = distances(points), transferred(points, label, batch, 5)
    for row in range(N):
        others = np.flatnonzero(batch != batch[row])
        near = others[np.argsort(apart[row, others], kind="stable")[:5]]
        assert found[row] == np.bincount(label[near]).argmax()
    for one in range(3):
        own = batch == one
        accuracy, macro = scores(label[own], found[own])
        assert accuracy == np.mean(label[own] == found[own])
        f1 = []
        for kind in np.unique(label[own]):
            tp = np.sum((label[own] == kind) & (found[own] == kind))
            f1.append(2 * tp / (np.sum(label[own] == kind) + np.sum(found[own] == kind)))
        assert macro == pytest.approx(np.mean(f1))


def test_a_label_that_no_other_batch_has_cannot_be_given(made):
    points, label, batch = made
    own = np.where(batch == 0, 3, label)
    assert not (transferred(points, own, batch, 5)[batch == 0] == 3).any()


def test_variance_between_batches_is_that_of_the_regression_of_all_components(made):
    points, _, batch = made
    centred = points - points.mean(0)
    u, size, _ = np.linalg.svd(centred, full_matrices=False)
    scores_of = u * size
    design = np.eye(3)[batch]
    share = []
    for column in scores_of.T:
        fitted = design @ np.linalg.lstsq(design, column, rcond=None)[0]
        share.append(1 - ((column - fitted) ** 2).sum() / (column**2).sum())
    slow = np.average(share, weights=size**2)
    assert between_batches(points, batch) == pytest.approx(slow)


def test_parts_of_a_graph():
    points = np.array([[0.0], [0.1], [0.2], [5.0], [5.1], [9.0]])
    found = in_largest_part(Neighbours.of(points, 2), np.array([0, 0, 0, 0, 0, 1]))
    assert found.tolist() == [1, 1, 0, 0, 0, 1] or found.tolist() == [0, 1, 1, 0, 0, 1]
