"""Intervals of gene scores: the formula against loops, the spread against a bootstrap, the coverage against draws."""

import numpy as np
import pytest
from scipy.stats import t as student

from tasks.codes.axes import make_axes
from tasks.codes.firing_sums import sum_firings
from tasks.describe.genes import genes_by_both_rules
from tasks.describe.intervals import power_sums, score_intervals, with_intervals
from tasks.statistics.bootstrap import bootstrap
from tasks.store import RequestError
from tests.builders.describe import N_CELLS, N_FEATURES, gene_table, make_world

SHRINKAGE = 20.0
N_DRAWS = 2000
# Cells, share of them that hold the gene, share of these where the feature fires, how activations are spread.
PLANTED = [
    (2000, 0.5, 0.5, "exponential"),
    (2000, 0.5, 0.02, "exponential"),
    (2000, 0.2, 0.05, "constant"),
    (500, 0.5, 0.08, "skew"),
    (100, 1.0, 0.2, "exponential"),
    (100, 0.5, 0.9, "gamma"),
    (30, 0.8, 0.5, "exponential"),
    (20, 1.0, 0.6, "gamma"),
]
SPREAD = {
    "constant": lambda rng, shape: np.ones(shape),
    "gamma": lambda rng, shape: rng.gamma(2.0, 0.5, shape),
    "exponential": lambda rng, shape: rng.exponential(1.0, shape),
    "skew": lambda rng, shape: np.exp(rng.normal(-0.5, 1.0, shape)),  # lognormal, skewness 6
}


@pytest.fixture(scope="module")
def world():
    return make_world()


def in_cells(world, feature, gene):
    """Activation and presence of one (feature, gene) in every cell: x and m, [C] each."""
    x, m = np.zeros(N_CELLS), np.zeros(N_CELLS)
    for position in np.flatnonzero(world.gene == gene):
        x[world.cell[position]] += world.codes[position, feature]
        m[world.cell[position]] += 1
    return x, m


def interval_by_loop(x, m, shrinkage):
    """Numbered as the module's docstring, cell by cell."""
    c, n = len(x), m.sum()
    score = x.sum() / (n + shrinkage)
    u = [(x[i] - score * m[i]) / (n + shrinkage) for i in range(c)]
    u = [one - sum(u) / c for one in u]
    square, cube = sum(one**2 for one in u), sum(one**3 for one in u)
    sd, k, q = (square * c / (c - 1)) ** 0.5, cube / square**1.5, student.ppf(0.975, n - 1)

    def h(q):
        return 3 / k * (np.cbrt(1 + k * (q - k / 6)) - 1)

    return max(score - sd * h(q), 0.0), score - sd * h(-q)


def test_intervals_equal_a_loop_over_cells(world):
    sums = sum_firings(world.firings(), world.axes, N_FEATURES)
    genes = genes_by_both_rules(sums, world.axes, 6, 4, 5.0)
    feature, gene = genes["feature"].to_numpy(), genes["gene"].to_numpy()
    powers = power_sums(world.firings(5), world.axes, N_FEATURES, feature, gene)
    total = sums.gene_total[feature, gene]
    low, high = score_intervals((total, *powers), genes["gene_count"].to_numpy(), N_CELLS, 5.0)
    for row in range(0, genes.height, 7):
        x, m = in_cells(world, feature[row], gene[row])
        assert (powers[0][row], powers[1][row]) == pytest.approx(((x**2).sum(), (x**3).sum()), rel=1e-12)
        assert (low[row], high[row]) == pytest.approx(interval_by_loop(x, m, 5.0), rel=1e-9, abs=1e-12)
    frame = with_intervals(genes, world.firings(), world.axes, N_FEATURES, 5.0)
    assert frame["score_low"].to_numpy() == pytest.approx(low, rel=1e-12, nan_ok=True)
    assert frame["score_high"].to_numpy() == pytest.approx(high, rel=1e-12, nan_ok=True)
    assert "gene" not in frame.columns


def test_the_spread_is_what_a_bootstrap_over_cells_converges_to():
    rng = np.random.default_rng(0)
    x, m = draws(rng, 1, 400, 0.6, 0.5, "exponential")
    x, m = x[0], m[0]

    def score(rows):
        return np.array([x[rows].sum() / (m[rows].sum() + SHRINKAGE)])

    drawn = bootstrap(score, np.arange(400), 4000, [0])
    low, high = score_intervals(sums_of(x[None], 3), m[None].sum(1).astype(int), 400, SHRINKAGE)
    width = 2 * student.ppf(0.975, m.sum() - 1) * drawn.draws.std(ddof=1)
    assert high[0] - low[0] == pytest.approx(width, rel=0.05)
    bca = drawn.interval()
    assert (low[0], high[0]) == pytest.approx((bca[0][0], bca[1][0]), rel=0.05)


def sums_of(x, n_powers):
    return tuple((x**power).sum(axis=1) for power in range(1, n_powers + 1))


def draws(rng, n_draws, n_cells, present, fires, spread):
    """Activations and presence in cells: [n_draws, C] each. The mean activation where the feature fires is 1."""
    m = rng.random((n_draws, n_cells)) < present
    x = m * (rng.random(m.shape) < fires) * SPREAD[spread](rng, m.shape)
    return x, m


def coverage(n_draws, n_cells, present, fires, spread, seed=0):
    """Share of the draws whose interval holds the true score, of those with ten firings, as many as are ranked."""
    x, m = draws(np.random.default_rng([seed, n_cells]), n_draws, n_cells, present, fires, spread)
    listed = (x > 0).sum(axis=1) >= 10
    low, high = score_intervals(sums_of(x, 3), m.sum(axis=1), n_cells, SHRINKAGE)
    truth = n_cells * present * fires / (n_cells * present + SHRINKAGE)
    return ((low <= truth) & (truth <= high))[listed].mean()


@pytest.mark.parametrize("planted", PLANTED, ids=str)
def test_intervals_cover_the_true_score_at_the_nominal_rate(planted):
    """95 % within four standard errors of 2,000 draws, and two points for discrete counts and skewness."""
    assert 0.95 - 0.04 < coverage(N_DRAWS, *planted) < 0.95 + 0.04


def test_coverage_over_all_planted_scores_is_nominal():
    rates = [coverage(500, *planted, seed=1) for planted in PLANTED]
    assert np.mean(rates) == pytest.approx(0.95, abs=0.015)


def test_percentiles_of_a_bootstrap_cover_less():
    """Why the formula: 200 draws of the cells, 20 firings, skew activations."""
    rng, n_draws, n_cells = np.random.default_rng(2), 500, 500
    x, m = draws(rng, n_draws, n_cells, 0.5, 0.08, "skew")
    truth = n_cells * 0.5 * 0.08 / (n_cells * 0.5 + SHRINKAGE)
    weights = rng.multinomial(n_cells, np.full(n_cells, 1 / n_cells), size=200).astype(float)
    scores = (x @ weights.T) / (m @ weights.T + SHRINKAGE)
    low, high = np.quantile(scores, [0.025, 0.975], axis=1)
    assert ((low <= truth) & (truth <= high)).mean() < 0.92 < coverage(n_draws, n_cells, 0.5, 0.08, "skew", seed=2)


def test_intervals_hold_their_score_and_know_their_limits():
    count = np.array([300, 50, 2, 1])
    sums = tuple(
        np.array(values) for values in ([300.0, 9.0, 3.0, 9.0], [300.0, 81.0, 9.0, 81.0], [300.0, 729.0, 27.0, 729.0])
    )
    low, high = score_intervals(sums, count, 300, SHRINKAGE)
    score = sums[0] / (count + SHRINKAGE)
    assert (low[:3] <= score[:3]).all()
    assert (score[:3] <= high[:3]).all()
    assert np.isnan([low[3], high[3]]).all()
    assert (low >= 0)[:3].all()
    same, other = score_intervals(
        tuple(np.array([value]) for value in (200.0, 200.0, 200.0)), np.array([200]), 200, 0.0
    )
    assert same == other == 1.0


def test_a_cell_that_holds_a_gene_twice_is_refused():
    axes = make_axes(np.array([7, 7, 7], dtype=np.uint32), np.array([4, 5, 4], dtype=np.int32), gene_table())
    with pytest.raises(RequestError, match="cell 7 holds gene G0 at two positions"):
        power_sums([], axes, 1, np.array([0]), np.array([0]))
