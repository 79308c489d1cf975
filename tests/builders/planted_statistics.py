"""Samples with and without what each test of ``tasks.statistics`` looks for, and the p-values that it gives.

A case draws one sample, planted or not, and returns its p-values. An interval that misses the truth counts as a p of 0.
"""

import numpy as np
from scipy.sparse import csc_matrix, csr_array
from scipy.stats import expon, hypergeom, spearmanr

from tasks.statistics.bootstrap import bootstrap
from tasks.statistics.families import family
from tasks.statistics.labels import arrange, difference_of_means, permute_labels
from tasks.statistics.matching import matched_by_bin, quantile_bins
from tasks.statistics.null_draws import NullDraws
from tasks.statistics.partial_rank import partial_spearman, permute_partial_spearman
from tasks.statistics.proportion import wilson
from tasks.statistics.rewiring import rewire
from tasks.statistics.unit_flips import flip_units, unit_effects
from tasks.statistics.van_elteren import van_elteren
from tasks.statistics.vuong import vuong
from tasks.statistics.wallenius import listing_odds, wallenius_tail

Floats = np.ndarray
DRAWS = 199


def _cells(rng: np.random.Generator, shift: np.ndarray, n_cells: int = 50) -> tuple[Floats, np.ndarray]:
    """Cells [G n, 5 measurements] of G donors with an intra-donor correlation of 0.05; ``shift`` [G] is added."""
    donors = np.repeat(np.arange(len(shift)), n_cells)
    of_donor = rng.normal(0, np.sqrt(0.05), (len(shift), 5)) + shift[:, None]
    return of_donor[donors] + rng.normal(0, np.sqrt(0.95), (len(donors), 5)), donors


def matched(rng, planted, use_bins=True):
    """Chosen items are frequent ones; the value follows frequency alone, or the choice too."""
    frequency = rng.exponential(size=2000)
    chosen = np.flatnonzero(rng.random(2000) < np.clip(frequency * 0.03, 0, 0.5))
    value = frequency + rng.normal(size=2000)
    value[chosen] += 0.5 * planted
    bins = quantile_bins(frequency, 40) if use_bins else np.zeros(2000, dtype=np.int64)
    drawn = matched_by_bin(chosen, np.arange(2000), bins, DRAWS, [int(rng.integers(2**31))])
    return NullDraws(value[chosen].mean(keepdims=True), value[drawn].mean(1)[:, None]).p()


def stratified_labels(rng, planted, stratify=True):
    """Label and value both differ between four batches; within them they do not, or do."""
    batch = rng.integers(0, 4, 200)
    labels = (rng.random(200) < 0.2 + 0.2 * batch).astype(np.int64)
    values = rng.normal(size=(200, 5)) + 0.5 * batch[:, None] + 0.5 * planted * labels[:, None]
    strata = batch if stratify else np.zeros_like(batch)
    found = arrange(labels, DRAWS, [int(rng.integers(2**31))], strata=strata)
    return permute_labels(difference_of_means(values, 1, strata), labels, found).p("two-sided")


def whole_donor_labels(rng, planted, by_unit=True):
    """Six donors with a disease and six without."""
    sick = np.arange(12) % 2
    values, donors = _cells(rng, 0.4 * planted * sick)
    labels = sick[donors]
    found = arrange(labels, DRAWS, [int(rng.integers(2**31))], units=donors if by_unit else None)
    return permute_labels(difference_of_means(values, 1), labels, found).p("two-sided")


def whole_donor_flips(rng, planted, by_unit=True):
    """Eight donors whose cells answer an edit, each in its own way."""
    values, donors = _cells(rng, np.full(8, 0.3 * planted))
    found = unit_effects(values, donors if by_unit else np.arange(len(values)))
    return flip_units(found, 256 if by_unit else DRAWS, [int(rng.integers(2**31))]).p("two-sided")


def _ranked(rng, planted):
    z = rng.normal(size=(100, 2))
    x, y = np.exp(z[:, 0]) + rng.normal(size=100), z.sum(1) + rng.normal(size=100)
    return x, y + 0.5 * planted * x, z


def partial_rank(rng, planted):
    """Two variables that follow a covariate, and each other or not."""
    return np.array([partial_spearman(*_ranked(rng, planted)).p])


def partial_rank_permuted(rng, planted):
    """As ``partial_rank``, with the p of permutations."""
    return permute_partial_spearman(*_ranked(rng, planted), n_draws=DRAWS, seed=[int(rng.integers(2**31))]).p(
        "two-sided"
    )


def plain_rank(rng, planted):
    """Spearman's correlation as if there were no covariate."""
    x, y, _ = _ranked(rng, planted)
    return np.array([spearmanr(x, y).pvalue])


def stratified_wilcoxon(rng, planted, stratify=True):
    """Features that fire with depth, in groups of unlike depth; or in one group."""
    depth = rng.integers(0, 4, 300)
    group = (rng.random(300) < 0.15 + 0.2 * depth).astype(np.int64)
    rate = 0.1 + 0.2 * depth + 0.2 * planted * group
    values = rng.exponential(size=(300, 10)) * (rng.random((300, 10)) < rate[:, None])
    strata = depth if stratify else np.zeros_like(depth)
    return van_elteren(csc_matrix(values), group, 2, strata).p[:, 1]


def listed_genes(rng, planted, use_odds=True):
    """200 lists of 20 among 1,000 genes of unequal weights; set 0 is easily listed, and in the first list by design."""
    weight = rng.lognormal(0, 0.8, 1000)
    chance = weight / weight.sum()
    easy = rng.choice(1000, 80, replace=False, p=chance)
    members = np.zeros((1, 1000), dtype=bool)
    members[0, easy] = True
    listed = np.argpartition(rng.exponential(size=(200, 1000)) / weight, 20, axis=1)[:, :20]
    times = np.bincount(listed.ravel(), minlength=1000)
    odds = listing_odds(times, 200, csr_array(members))
    if planted:
        listed[:, :8] = rng.permuted(np.tile(easy, (200, 1)), axis=1)[:, :8]
    overlap = np.array([members[0, np.unique(own)].sum() for own in listed])
    return wallenius_tail(overlap, 1000, 80, 20, odds) if use_odds else hypergeom.sf(overlap - 1, 1000, 80, 20)


def two_models(rng, planted):
    """Two exponential laws as far from the true one, or the first the nearer."""
    data = rng.exponential(1.0, 200)
    first = 1.3 if planted else _equally_far(2.0)
    return np.array([vuong(expon.logpdf(data, 0, first), expon.logpdf(data, 0, 2.0)).p])


def _equally_far(scale: float) -> float:
    """The scale below 1 whose Kullback-Leibler distance from an exponential law of scale 1 is that of ``scale``."""
    low, high = 0.2, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if np.log(middle) + 1 / middle > np.log(scale) + 1 / scale else (low, middle)
    return (low + high) / 2


def rewired(rng, planted, keep_degrees=True):
    """Sources and targets rich in edges share a class by chance of their degrees, or favour their own class."""
    rich = np.array([0.1, 0.4])
    kind = np.arange(20) % 2
    chance = np.sqrt(rich[kind][:, None] * rich[kind][None]) * (1 + 1.5 * planted * (kind[:, None] == kind[None]))
    edges = np.argwhere(rng.random((20, 20)) < np.minimum(chance, 0.95))

    def share(found):
        return float((kind[found[:, 0]] == kind[found[:, 1]]).mean())

    seed = [int(rng.integers(2**31))]
    if keep_degrees:
        values = [share(one.edges) for one in rewire(edges, 19, seed)]
    else:
        values = [share(np.argwhere(rng.random((20, 20)) < len(edges) / 400)) for _ in range(19)]
    return NullDraws(np.array([share(edges)]), np.array(values)[:, None]).p()


def false_discoveries(rng, planted):
    """A family of 200, 50 of them planted: 0 for each discovery that is false, or the q of the planted ones."""
    true = np.arange(200) < 50
    p = np.where(true, rng.uniform(size=200) ** 8, rng.uniform(size=200))
    found = family("all", "nothing", p)
    return found.q[true] if planted else true[found.rejected()].astype(np.float64)


def donor_interval(rng, planted, method="bca"):
    """0 if the interval of a mean over 25 skewed donors misses the truth; or a value half a deviation off."""
    donors = np.repeat(np.arange(25), 4)
    values = rng.exponential(size=25)[donors] + rng.normal(0, 0.3, 100)
    found = bootstrap(lambda rows: values[rows].mean(keepdims=True), donors, 499, [int(rng.integers(2**31))])
    low, high = found.interval(method=method)
    wanted = 1.5 if planted else 1.0
    return ((low <= wanted) & (wanted <= high)).astype(np.float64)


def share_interval(rng, planted):
    """0 if Wilson's interval of a share of 0.1 among 80 misses it; or misses 0.2."""
    low, high = wilson(rng.binomial(80, 0.1, 10), np.full(10, 80))
    wanted = 0.2 if planted else 0.1
    return ((low <= wanted) & (wanted <= high)).astype(np.float64)
