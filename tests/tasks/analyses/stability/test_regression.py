"""Effects beside co-expression: planted slopes are recovered, but not from what a threshold leaves of the range."""

import numpy as np
import pytest

from tasks.analyses.stability.regression import N_SUMS, Line, out_of_fold, regression_row, sums


def planted(rng, slope, n_sources=40, n_pairs=300, spread=0.3):
    """Co-expression x and |g| y of every source's pairs; sources differ in how large their effects are."""
    x = 0.3 * rng.beta(1.5, 6, (n_sources, n_pairs))
    own = 0.05 * rng.normal(size=(n_sources, 1))
    y = np.abs(0.4 + slope * x + own + spread * 0.3 * rng.normal(size=x.shape))
    return x, y


def parts_of(x, y):
    return np.stack([sums(*pair) for pair in zip(x, y, strict=True)])


def test_a_line_is_that_of_numpy_and_its_errors_are_those_of_every_pair():
    rng = np.random.default_rng(0)
    x, y = planted(rng, 2.0, n_sources=6)
    x[2, :40] = np.nan
    parts = parts_of(x, y)
    known = np.isfinite(x)
    line = Line.fitted(parts.sum(0))
    assert [line.b, line.a] == pytest.approx(np.polyfit(x[known], y[known], 1))
    sse, sst = line.errors(parts)
    for source in range(6):
        own = known[source]
        assert sse[source] == pytest.approx(np.square(y[source, own] - line.a - line.b * x[source, own]).sum())
        assert sst[source] == pytest.approx(np.square(y[source, own] - y[known].mean()).sum())
    assert Line.fitted(np.zeros(N_SUMS)) is None
    assert Line.fitted(sums(np.full(9, 0.2), rng.random(9))) is None


def test_out_of_fold_errors_equal_fits_without_the_fold():
    rng = np.random.default_rng(1)
    x, y = planted(rng, 1.0, n_sources=12)
    sse, sst = out_of_fold(parts_of(x, y), 4, [3])
    fold = np.random.default_rng([3]).permutation(12) % 4
    for one in range(4):
        out = fold == one
        slope, intercept = np.polyfit(x[~out].ravel(), y[~out].ravel(), 1)
        assert sse[out].sum() == pytest.approx(np.square(y[out] - intercept - slope * x[out]).sum())
        assert sst[out].sum() == pytest.approx(np.square(y[out] - y[~out].mean()).sum())


def test_a_planted_slope_is_recovered_and_its_interval_holds_the_truth():
    """Coverage of the 95 % interval of R^2 over 200 draws, beside the R^2 of a great many pairs."""
    whole = regression_row(parts_of(*planted(np.random.default_rng(2), 1.5, n_sources=4_000)), 5, 99, [0])
    assert whole["slope"] == pytest.approx(1.5, rel=0.03)
    assert whole["r2"] == pytest.approx(0.28, abs=0.05)
    held = []
    for draw in range(200):
        row = regression_row(parts_of(*planted(np.random.default_rng([3, draw]), 1.5)), 5, 199, [draw])
        held.append(row["low"] <= whole["r2"] <= row["high"])
    assert 0.88 <= np.mean(held) <= 0.99


def test_co_expression_that_says_nothing_is_seldom_said_to_foretell():
    """Realised rate at which the lower end of the interval of R^2 exceeds 0, over 300 draws, and recall."""

    def called(slope, draws):
        rows = [
            regression_row(parts_of(*planted(np.random.default_rng([4, draw]), slope)), 5, 199, [draw])
            for draw in range(draws)
        ]
        return np.mean([row["low"] > 0 for row in rows]), np.mean([row["r2"] for row in rows])

    rate, mean = called(0.0, 300)
    assert rate <= 0.025 + 2.5 * np.sqrt(0.025 * 0.975 / 300)
    assert mean < 0
    assert called(0.5, 40)[0] >= 0.95


def test_what_a_threshold_lets_pass_has_too_small_an_r2():
    x, y = planted(np.random.default_rng(5), 1.5, n_sources=200)
    every = regression_row(parts_of(x, y), 5, 199, [0])
    restricted = [(x[s][y[s] > 0.6], y[s][y[s] > 0.6]) for s in range(200)]
    edges = regression_row(np.stack([sums(*pair) for pair in restricted]), 5, 199, [0])
    assert edges["n_pairs"] < 0.4 * every["n_pairs"]
    assert edges["r2"] < 0.6 * every["r2"]
    assert edges["high"] < every["low"]


def test_too_few_sources_have_no_r2():
    x, y = planted(np.random.default_rng(6), 1.0, n_sources=4)
    row = regression_row(parts_of(x, y), 5, 99, [0])
    assert (row["n_sources"], row["r2"], row["low"]) == (4, None, None)
    assert row["slope"] is not None
    assert regression_row(np.zeros((0, N_SUMS)), 5, 99, [0])["n_pairs"] == 0
