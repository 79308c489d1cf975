"""Features beside principal axes: axes and variances equal slow twins, planted directions are told apart."""

import numpy as np
import polars as pl
import pytest
from scipy import stats

from tasks.analyses.subspace.axes import best_terms, explained_variance, principal_axes
from tasks.analyses.subspace.shares import (
    axis_rows,
    cosines,
    feature_rows,
    histogram_rows,
    random_dictionary,
    share_p,
    shares,
)
from tests.builders.planted_directions import WIDTH, plant

RANKS = {"k": 8, "50": 50, "128": 128, "256": 256}


def blocks_of(rows, size=700):
    return (rows[start : start + size] for start in range(0, len(rows), size))


def uneven_rows(n=3000, width=24, seed=0):
    rng = np.random.default_rng(seed)
    mixed = rng.standard_normal((n, width)) * np.geomspace(4, 0.1, width)
    return mixed @ rng.standard_normal((width, width)) + 50 * rng.standard_normal(width)


def test_axes_equal_numpys():
    rows = uneven_rows()
    axes = principal_axes(blocks_of(rows), 24)
    covariance = np.cov(rows.T, bias=True)
    np.testing.assert_allclose(axes.mean, rows.mean(0), rtol=1e-12)
    np.testing.assert_allclose(axes.variance, np.linalg.eigvalsh(covariance)[::-1], rtol=1e-9)
    np.testing.assert_allclose(
        (axes.directions * axes.variance) @ axes.directions.T, covariance, atol=1e-9 * axes.variance[0]
    )
    assert axes.n_positions == 3000


@pytest.mark.parametrize("k", [3, 24, 40])
def test_explained_variance_equals_reconstructions(k):
    rows, heldout = uneven_rows(), uneven_rows(800, seed=1)
    axes = principal_axes(blocks_of(rows), 24)
    found = explained_variance(axes, blocks_of(heldout, 300), k)
    total = np.square(heldout - heldout.mean(0)).sum()
    coordinates = (heldout - rows.mean(0)) @ axes.directions

    def rebuilt(kept):
        return 1 - np.square(rows.mean(0) + kept @ axes.directions.T - heldout).sum() / total

    for rank in (1, 7, 24):
        first = np.where(np.arange(24) < rank, coordinates, 0)
        assert found.by_rank()[rank - 1] == pytest.approx(rebuilt(first), abs=1e-9)
    smallest = np.sort(np.abs(coordinates), axis=1)[:, ::-1][:, min(k, 24) - 1, None]
    best = np.where(np.abs(coordinates) >= smallest, coordinates, 0)
    assert found.best_axes == pytest.approx(rebuilt(best), abs=1e-9)
    centred = heldout - rows.mean(0)
    least = np.sort(np.abs(centred), axis=1)[:, ::-1][:, min(k, 24) - 1, None]
    missed = np.where(np.abs(centred) >= least, 0, centred)
    assert found.best_neurons == pytest.approx(1 - np.square(missed).sum() / total, abs=1e-9)


def test_the_best_terms_are_the_largest():
    squares = np.random.default_rng(0).random((50, 9))
    assert best_terms(squares, 4) == pytest.approx(np.sort(squares)[:, -4:].sum())
    assert best_terms(squares, 9) == best_terms(squares, 20) == pytest.approx(squares.sum())


def test_shares_and_their_p_equal_slow_twins():
    rng = np.random.default_rng(0)
    axes, _ = np.linalg.qr(rng.standard_normal((64, 64)))
    directions = (rng.standard_normal((30, 64)) * rng.uniform(0.1, 9, (30, 1))).astype(np.float32)
    cosine = cosines(directions, axes)
    for f, direction in enumerate(directions.astype(float)):
        projected = axes[:, :8] @ (axes[:, :8].T @ direction)
        share = np.square(np.linalg.norm(projected) / np.linalg.norm(direction))
        assert shares(cosine, 8)[f] == pytest.approx(share, abs=1e-8)
        ratio = (share / 8) / ((1 - share) / 56)  # the same law as a ratio of two sums of squares
        assert share_p(shares(cosine, 8), 8, 64)[f] == pytest.approx(stats.f.sf(ratio, 8, 56), abs=1e-6)


def test_directions_inside_the_span_are_found_where_the_published_rule_calls_them_novel():
    planted = plant(seed=0)
    axes = principal_axes(blocks_of(planted.activations), WIDTH)
    cosine = cosines(planted.atoms.astype(np.float32), axes.directions)
    frame = feature_rows(np.arange(len(cosine)), cosine, RANKS, "50", 0.05)
    inside = frame.filter(pl.Series(planted.inside))
    assert not inside["aligned"].any()
    assert inside["share_50"].to_list() == pytest.approx([1.0] * inside.height, abs=1e-4)
    assert inside["significant"].all()
    assert inside["share_128"].null_count() == inside.height  # as many axes as there are dimensions, or more


@pytest.mark.parametrize(("width", "nearest"), [(1232, 0.0717), (256, 0.158), (64, 0.315)])
def test_any_direction_is_novel_by_the_published_rule(width, nearest):
    """Mean largest cosine of 4,928 directions drawn evenly, and of as many inside the span of fifty axes, as known."""
    drawn = np.random.default_rng(0).standard_normal((4928, width)).astype(np.float32)
    for inside, expected, share in ((False, nearest, 50 / width), (True, 0.356, 1.0)):
        directions = np.where(np.arange(width) < 50, drawn, 0) if inside else drawn
        frame = feature_rows(np.arange(4928), cosines(directions, np.eye(width)), RANKS, "50", 0.05)
        assert frame["max_cosine"].mean() == pytest.approx(expected, abs=0.002)
        assert frame["max_cosine"].max() <= 0.7
        assert frame["share_50"].mean() == pytest.approx(share, abs=0.003)


def draws(n):
    """p of outside atoms [n, 100], and BH's calls over all atoms [n, 200], of n planted worlds with fresh axes."""
    p, called = [], []
    for seed in range(n):
        planted = plant(seed, n_rows=400)
        axes = principal_axes(blocks_of(planted.activations), WIDTH)
        cosine = cosines(planted.atoms.astype(np.float32), axes.directions)
        frame = feature_rows(np.arange(len(cosine)), cosine, RANKS, "50", 0.05)
        p.append(frame["p"].to_numpy()[~planted.inside])
        called.append(frame["significant"].to_numpy())
    return np.array(p), np.array(called)


@pytest.mark.parametrize("n", [60, pytest.param(1000, marks=pytest.mark.slow)])
def test_outside_directions_keep_the_error_rate(n):
    """p of outside atoms is uniform; all inside are called, and alpha times the outside share of the calls is false."""
    p, called = draws(n)
    assert stats.kstest(p.ravel(), "uniform").pvalue > 0.01
    realised = (p <= 0.05).mean()
    assert abs(realised - 0.05) < 4 * np.sqrt(0.05 * 0.95 / p.size)
    inside = np.arange(called.shape[1]) < called.shape[1] // 2
    assert called[:, inside].all()
    false_rate = called[:, ~inside].sum(1) / called.sum(1)
    spread = false_rate.std(ddof=1) / np.sqrt(n)
    assert abs(false_rate.mean() - 0.05 * 0.5) < 4 * spread


def test_a_random_dictionary_follows_the_covariance():
    variance = np.geomspace(10, 0.01, 40)
    drawn = random_dictionary(4000, variance, seed=0)
    np.testing.assert_allclose(np.square(drawn).sum(1), 1, atol=1e-6)
    rng = np.random.default_rng(5)
    slow = rng.multivariate_normal(np.zeros(40), np.diag(variance), 4000)
    share = np.square(slow[:, :8]).sum(1) / np.square(slow).sum(1)
    assert stats.ks_2samp(share, shares(drawn, 8)).pvalue > 0.01
    assert random_dictionary(5, variance, 1).tolist() == random_dictionary(5, variance, 1).tolist()


def test_the_histogram_counts_every_direction_beside_both_kinds_of_random_ones():
    rng = np.random.default_rng(0)
    axes, _ = np.linalg.qr(rng.standard_normal((60, 60)))
    cosine = cosines(rng.standard_normal((5000, 60)).astype(np.float32), axes)
    frame = histogram_rows(cosine, random_dictionary(5000, np.ones(60), 1), RANKS)
    assert frame["rank"].unique().sort().to_list() == [8, 50]
    for _, part in frame.group_by("rank"):
        assert part["n_features"].sum() == part["n_matched"].sum() == 5000
        assert part["n_expected"].sum() == pytest.approx(5000)
        large = part.filter(pl.col("n_expected") > 20)
        for column in ("n_features", "n_matched"):  # evenly drawn directions, and a dictionary of equal variances
            deviation = (large[column] - large["n_expected"]) / large["n_expected"].sqrt()
            assert deviation.abs().max() < 4
    first = frame.filter(pl.col("rank") == 8)
    for row in first.to_dicts():
        share = shares(cosine, 8)
        low = share >= row["lower"] if row["bin"] == 0 else share > row["lower"]
        assert row["n_features"] == np.count_nonzero(low & (share <= row["upper"]))


def test_every_axis_names_the_feature_nearest_to_it():
    cosine = np.array([[0.9, 0.1, 0.3], [0.2, 0.8, 0.4]])
    frame = axis_rows(cosine, np.array([4, 7]), np.array([3.0, 2.0, 1.0]), np.array([0.5, 0.3, 0.2]))
    assert frame["best_feature"].to_list() == [4, 7, 7]
    assert frame["best_cosine"].to_list() == [0.9, 0.8, 0.4]
    assert frame["variance_train"].to_list() == pytest.approx([1 / 2, 1 / 3, 1 / 6])
    nobody = axis_rows(cosine[:0], np.empty(0, dtype=int), np.ones(3), np.ones(3))
    assert nobody["best_feature"].null_count() == nobody["best_cosine"].null_count() == 3
