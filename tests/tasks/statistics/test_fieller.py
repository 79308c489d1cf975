"""Intervals of ratios over few units: a slow twin, what cannot be told, and how often they miss the truth."""

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import t as student

from tasks.statistics.bootstrap import bootstrap
from tasks.statistics.fieller import ratio_limits
from tasks.statistics.proportion import wilson

TRUE_MEAN = 0.7 * np.exp(1.5)  # of ``skewed``


def edges(rng, n, ratio, kind="usual"):
    """Edges of n features and of a control that makes ``ratio`` times as many; heavy: few features make most of them.

    sparse: controls of a quarter of the features make all of theirs.
    """
    level = rng.lognormal(3, 1.3 if kind == "heavy" else 0.7, n)
    answers = 4 * (rng.random(n) < 0.25) if kind == "sparse" else np.ones(n)
    own = rng.gamma(1, 1, n) if kind == "heavy" else rng.gamma(4, 0.25, n)
    real, control = rng.poisson(level * rng.gamma(4, 0.25, n)), rng.poisson(ratio * level * answers * own)
    return real.astype(float), control.astype(float)


def clustered(rng, n=40):
    """Hits and trials of n clusters: half of all hit, each cluster leans its own way, few hold most trials."""
    trials = np.rint(rng.lognormal(3, 0.8, n)) + 1
    return rng.binomial(trials.astype(int), rng.beta(2, 2, n)).astype(float), trials


def skewed(rng, n=60):
    """n numbers, three in ten of them 0, a few very large."""
    return rng.lognormal(1, 1, n) * (rng.random(n) < 0.7)


def slow_limits(y, x, n_draws, seed):
    """T draw by draw, its outer quantiles or Student's, and each end by bisection."""

    def statistic(one, other, ratio):
        left = one - ratio * other
        return len(left) ** 0.5 * left.mean() / left.std(ddof=1)

    n, estimate = len(y), y.sum() / x.sum()
    rows = np.random.default_rng(seed).integers(0, n, (n_draws, n))
    drawn = sorted(statistic(y[own], x[own], estimate) for own in rows)
    rank, usual = int(0.025 * (n_draws + 1)), student.ppf(0.975, n - 1)
    below, above = min(-usual, drawn[rank - 1]), max(usual, drawn[-rank])
    return (
        brentq(lambda ratio: statistic(y, x, ratio) - above, estimate - 50, estimate),
        brentq(lambda ratio: statistic(y, x, ratio) - below, estimate, estimate + 50),
    )


def test_ends_are_where_the_statistic_reaches_its_quantiles():
    rng = np.random.default_rng(0)
    for n, kind in ((12, "usual"), (30, "usual"), (40, "sparse")):
        real, control = edges(rng, n, 0.5, kind)
        real += 5
        found = ratio_limits(control, real, 299, [n])
        assert found == pytest.approx(slow_limits(control, real, 299, [n]), abs=1e-9)
    assert ratio_limits(control * 1e6, real * 1e3, 299, [n]) == pytest.approx(np.array(found) * 1e3)


def test_of_many_normal_values_it_is_students_interval():
    values = np.random.default_rng(1).normal(3, 2, 400)
    low, high = ratio_limits(values, np.ones(400), 1999, [0])
    half = student.ppf(0.975, 399) * values.std(ddof=1) / 20
    assert (values.mean() - low, high - values.mean()) == (pytest.approx(half, rel=0.1), pytest.approx(half, rel=0.1))
    assert min(values.mean() - low, high - values.mean()) >= half * (1 - 1e-12)


def test_what_cannot_be_told_has_no_end():
    one, four = np.ones(1), np.array([1.0, 2.0, 3.0, 4.0])
    assert ratio_limits(one, one, 99, [0]) == (None, None)
    assert ratio_limits(four / 2, four, 99, [0]) == (None, None)
    assert ratio_limits(four * 0, four, 99, [0]) == (None, None)
    below_may_be_nothing = np.array([0.0, 0.0, 0.0, 9.0])
    assert ratio_limits(four, below_may_be_nothing, 99, [0]) == (None, None)
    with pytest.raises(ValueError, match="something below the line"):
        ratio_limits(four, four * 0, 99, [0])


def rates(kind, n, ratio, samples, n_draws=199):
    """Share of intervals that miss the truth, have no upper end, and miss it by BCa; widths over BCa's, the median."""
    rng, missed, bare, bca, wider = np.random.default_rng([n, int(100 * ratio)]), [], [], [], []
    for draw in range(samples):
        real, control = edges(rng, n, ratio, kind)
        if not control.any():
            continue
        low, high = ratio_limits(control, real, n_draws, [draw])
        missed.append((low is not None and low > ratio) or (high is not None and high < ratio))
        bare.append(high is None)
        drawn = bootstrap(
            lambda rows, y=control, x=real: np.array([y[rows].sum() / x[rows].sum()]), np.arange(n), n_draws, [draw]
        )
        (least,), (most,) = drawn.interval()
        bca.append(not least <= ratio <= most)
        wider.append(np.nan if high is None or low is None else (high - max(low, 0)) / (most - least))
    return float(np.mean(missed)), float(np.mean(bare)), float(np.mean(bca)), float(np.nanmedian(wider))


@pytest.mark.parametrize("kind", ["usual", "heavy", "sparse"])
def test_intervals_hold_where_bca_does_not(kind):
    missed, bare, _, _ = rates(kind, 32, 0.25, 150, 99)
    assert missed <= 0.05 + 3 * (0.05 * 0.95 / 150) ** 0.5
    assert bare < 0.35


def holds(ends, truth):
    low, high = ends
    return (low is None or low <= truth) and (high is None or truth <= high)


def missed_by(samples, n=40, n_draws=199):
    """Share of intervals that miss a share over clusters, the share by trials (Wilson), and a skewed mean.

    ``bare``: intervals of the first and the last without an end.
    """
    rng, rows = np.random.default_rng([7, n]), []
    for draw in range(samples):
        hits, trials = clustered(rng, n)
        share = ratio_limits(hits, trials, n_draws, [draw])
        (below,), (above,) = wilson(np.array([int(hits.sum())]), np.array([int(trials.sum())]))
        mean = ratio_limits(skewed(rng, n), np.ones(n), n_draws, [draw])
        missed = not holds(share, 0.5), not holds((below, above), 0.5), not holds(mean, TRUE_MEAN)
        rows.append((*missed, None in share or None in mean))
    return dict(zip(("clusters", "trials", "mean", "bare"), np.mean(rows, axis=0), strict=True))


def test_intervals_over_clusters_hold_and_those_over_trials_do_not():
    found = missed_by(120, n_draws=99)
    for what in ("clusters", "mean"):
        assert found[what] <= 0.05 + 3 * (0.05 * 0.95 / 120) ** 0.5, what
    assert found["trials"] > 0.4
    assert found["bare"] < 0.15


@pytest.mark.slow
def test_rates_over_many_samples():
    for n in (8, 40, 200):
        found = missed_by(400, n)
        print(f"{n} clusters: {found}")
        assert max(found["clusters"], found["mean"]) <= 0.05 + 3 * (0.05 * 0.95 / 400) ** 0.5
    for kind in ("usual", "heavy", "sparse"):
        for n in (8, 16, 64):
            for ratio in (1.0, 0.25):
                missed, bare, bca, wider = rates(kind, n, ratio, 150)
                print(f"{kind} {n} {ratio}: missed {missed:.3f}, no end {bare:.2f}, BCa {bca:.3f}, wider {wider:.2f}")
                assert missed <= 0.05 + 3 * (0.05 * 0.95 / 150) ** 0.5
