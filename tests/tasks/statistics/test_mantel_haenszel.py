"""The odds ratio of several tables, beside a textbook's figures and loops."""

import numpy as np
import pytest

from tasks.statistics.mantel_haenszel import excess, odds_ratio, two_sided

# Admissions to Berkeley, 1973: men admitted and not, women admitted and not, by department.
BERKELEY = np.array(
    [
        (512, 313, 89, 19), (353, 207, 17, 8), (120, 205, 202, 391),
        (138, 279, 131, 244), (53, 138, 94, 299), (22, 351, 24, 317),
    ],
    dtype=np.float64,
)  # fmt: skip


def cells(tables):
    return tuple(np.asarray(tables, dtype=np.float64).T[:, None, :])


def test_berkeley_by_the_textbook():
    """R's mantelhaen.test: 0.9046968, and 1.4269 with its correction for continuity."""
    assert odds_ratio(cells(BERKELEY))[0] == pytest.approx(0.9046968, abs=1e-7)
    beyond, spread = excess(cells(BERKELEY))
    assert (abs(beyond[0]) - 0.5) ** 2 / spread[0] == pytest.approx(1.4269, abs=5e-5)


def test_loops_over_tables_give_the_same():
    rng = np.random.default_rng(0)
    tables = rng.integers(0, 6, (7, 4)).astype(np.float64)
    above = sum(a * d / max(a + b + c + d, 1) for a, b, c, d in tables)
    below = sum(b * c / max(a + b + c + d, 1) for a, b, c, d in tables)
    assert odds_ratio(cells(tables))[0] == pytest.approx(above / below)
    beyond = variance = 0.0
    for a, b, c, d in tables:
        n = a + b + c + d
        if n > 1:
            beyond += a - (a + b) * (a + c) / n
            variance += (a + b) * (c + d) * (a + c) * (b + d) / n**2 / (n - 1)
    found = excess(cells(tables))
    assert (found[0][0], found[1][0]) == (pytest.approx(beyond), pytest.approx(variance))


def test_tables_that_say_nothing():
    empty = cells([(0, 0, 0, 0), (3, 0, 2, 0)])
    assert np.isnan(odds_ratio(empty)[0])
    assert two_sided(empty)[0] == 1


def test_independent_counts_are_called_as_often_as_the_level_says():
    rng = np.random.default_rng(1)
    share, other = (0.2, 0.5, 0.7), (0.6, 0.3, 0.1)  # strata differ in both, which pooling would take for a tie
    p, pooled = [], []
    for _ in range(400):
        tables = []
        for one, two in zip(share, other, strict=True):
            first, second = rng.random(60) < one, rng.random(60) < two
            table = [(first & second).sum(), (first & ~second).sum(), (~first & second).sum(), (~first & ~second).sum()]
            tables.append(table)
        p.append(two_sided(cells(tables))[0])
        pooled.append(two_sided(cells([np.sum(tables, axis=0)]))[0])
    assert np.mean(np.array(p) <= 0.05) <= 0.05 + 3 * (0.05 * 0.95 / 400) ** 0.5
    assert np.mean(np.array(pooled) <= 0.05) > 0.5
