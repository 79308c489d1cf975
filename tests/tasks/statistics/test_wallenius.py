"""Wallenius' law against scipy, against quadrature of his integral, and against lists that are drawn."""

from itertools import permutations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.sparse import csr_array
from scipy.special import comb, gammaln
from scipy.stats import hypergeom, nchypergeom_wallenius

from tasks.statistics.wallenius import (
    listing_odds,
    wallenius_law,
    wallenius_mean,
    wallenius_pmf,
    wallenius_tail,
)


@pytest.mark.parametrize("odds", [0.05, 0.7, 1.0, 3.0, 40.0])
@pytest.mark.parametrize(
    ("population", "marked", "drawn"), [(30, 8, 12), (200, 15, 20), (12, 12, 5), (9, 4, 9), (50, 30, 40)]
)
def test_equals_scipy(population, marked, drawn, odds):
    law = wallenius_law(population, marked, drawn, odds)[0]
    theirs = nchypergeom_wallenius(population, marked, drawn, odds)
    np.testing.assert_allclose(law, theirs.pmf(np.arange(drawn + 1)), rtol=1e-6, atol=1e-9)
    assert law.sum() == pytest.approx(1, abs=1e-12)
    assert wallenius_mean(population, marked, drawn, odds)[0] == pytest.approx(theirs.mean(), rel=1e-6)


def test_equals_his_integral():
    """P(x) = C(m, x) C(N - m, n - x) times the integral of (1 - t^(w/D))^x (1 - t^(1/D))^(n - x) over [0, 1]."""
    n_all, m, n, w = 60, 20, 15, 2.5

    def integrand(t, x, inside, outside):
        return (1 - t**inside) ** x * (1 - t**outside) ** (n - x)

    law = wallenius_law(n_all, m, n, w)[0]
    for x in range(n + 1):
        d = w * (m - x) + (n_all - m - (n - x))
        area = quad(integrand, 0, 1, (x, w / d, 1 / d), epsabs=0, epsrel=1e-9)[0]
        assert law[x] == pytest.approx(comb(m, x) * comb(n_all - m, n - x) * area, rel=1e-8)


def test_equals_enumeration_of_draws():
    """Five genes, two in the set, three drawn: the chance of every order of draws, added up."""
    weight, law = [3.0, 3.0, 1.0, 1.0, 1.0], np.zeros(4)
    for order in permutations(range(5), 3):
        left, chance = sum(weight), 1.0
        for gene in order:
            chance, left = chance * weight[gene] / left, left - weight[gene]
        law[sum(gene < 2 for gene in order)] += chance
    np.testing.assert_allclose(wallenius_law(5, 2, 3, 3.0)[0], law, rtol=1e-13, atol=1e-16)


def test_far_tails_keep_their_digits():
    """With odds of 1 the law is hypergeometric, whose tail of 1e-200 is known from logarithms."""
    population, marked, drawn = 10_000, 200, 100
    x = np.arange(0, 101)
    log_p = gammaln(201) - gammaln(x + 1) - gammaln(201 - x) + gammaln(9801) - gammaln(101 - x) - gammaln(9701 + x)
    log_p -= gammaln(10_001) - gammaln(101) - gammaln(9901)
    found = wallenius_pmf(x, population, marked, drawn, 1.0)
    assert found[-1] < 1e-150
    np.testing.assert_allclose(np.log(found), log_p, rtol=1e-9)
    np.testing.assert_allclose(
        wallenius_tail(x, population, marked, drawn, 1.0), hypergeom.sf(x - 1, 10_000, 200, 100), rtol=1e-8
    )


def test_many_tests_at_once_are_the_tests_one_by_one():
    rng = np.random.default_rng(0)
    population, marked, drawn = 500, rng.integers(0, 60, 300), rng.integers(0, 30, 300)
    odds, x = rng.choice([0.5, 1.0, 2.2], 300), rng.integers(-1, 35, 300)
    tail, pmf = (f(x, population, marked, drawn, odds) for f in (wallenius_tail, wallenius_pmf))
    for one in range(300):
        law = wallenius_law(population, marked[one], drawn[one], odds[one])[0]
        assert pmf[one] == pytest.approx(law[x[one]] if 0 <= x[one] < len(law) else 0, rel=1e-12)
        assert tail[one] == pytest.approx(law[max(x[one], 0) :].sum(), rel=1e-12)


def test_the_law_is_made_in_parts(monkeypatch):
    arguments = (300, np.arange(20), np.arange(20)[::-1], 2.0)
    whole = wallenius_law(*arguments)
    monkeypatch.setattr("tasks.statistics.wallenius.ENTRIES", 61)
    np.testing.assert_array_equal(wallenius_law(*arguments), whole)


@pytest.mark.parametrize(
    "bad",
    [(10, 11, 2, 1.0), (10, 2, 11, 1.0), (10, 2, 2, -1.0), (10, 2, 2, np.inf), (10, 2.5, 2, 1.0), (10, 8, 3, 0.0)],
)
def test_impossible_tests_are_refused(bad):
    with pytest.raises(ValueError, match=r"need whole numbers|odds of 0"):
        wallenius_law(*bad)


def test_odds_of_nothing_draw_nothing():
    assert wallenius_tail(1, 10, 4, 6, 0.0)[0] == 0


def test_odds_are_read_off_lists():
    """Genes with weight 3 in a set and 1 outside: lists drawn with these weights give back odds of 3."""
    rng = np.random.default_rng(1)
    n_genes, n_lists = 300, 4000
    weight = np.where(np.arange(n_genes) < 40, 3.0, 1.0)
    keys = rng.exponential(1, (n_lists, n_genes)) / weight  # the smallest keys are a weighted draw without replacement
    listed = np.argpartition(keys, 60, axis=1)[:, :60]
    times = np.bincount(listed.ravel(), minlength=n_genes)
    members = csr_array(np.stack([weight == 3, np.arange(n_genes) % 2 == 0]))
    odds = listing_odds(times, n_lists, members)
    assert odds[0] == pytest.approx(3, rel=0.02)
    assert odds[1] == pytest.approx(1, abs=0.03)
    raw = times[:40].mean() / times[40:].mean()
    assert raw < 2.7  # of long lists, plain shares fall short
    overlap = (listed < 40).sum(1)
    assert overlap.mean() == pytest.approx(wallenius_mean(n_genes, 40, 60, odds[0])[0], rel=0.01)


@pytest.mark.parametrize("members", [[[True] * 3], [[False] * 3], [[True, True, False]]])
def test_sets_without_an_outside_have_no_odds(members):
    with pytest.raises(ValueError, match="to have odds"):
        listing_odds(np.array([2, 1, 0]), 5, csr_array(np.array(members)))
