"""AMI and F1 of two splits: another package's values, a loop over all arrangements, and what holds by definition."""

from itertools import combinations
from math import log

import numpy as np
import pytest

from tasks.statistics.agreement import Agreement, f1

# n items, labelled, called, both; then scikit-learn 1.9.1's adjusted_mutual_info_score
PUBLISHED = [
    (50, 10, 20, 0, 0.1871943968154057),
    (50, 10, 20, 5, -0.009599528182631838),
    (50, 10, 20, 10, 0.36886338577665),
    (300, 7, 150, 0, 0.03654359977922878),
    (300, 7, 150, 3, -0.00396378634933023),
    (300, 7, 150, 7, 0.03654359977922878),
    (2000, 400, 30, 0, 0.010789164356469861),
    (2000, 400, 30, 15, 0.01091437365617702),
    (2000, 400, 30, 30, 0.08427901298337595),
    (60, 1, 59, 0, 1.0),
    (60, 1, 59, 1, -0.016949152542372333),
    (3000, 17, 1500, 0, 0.010365795303837478),
    (3000, 17, 1500, 8, -0.0004456567918054332),
    (3000, 17, 1500, 17, 0.010365795303837478),
    (40, 40, 3, 3, 0.0),
    (40, 0, 0, 0, 1.0),
    (40, 5, 40, 5, 0.0),
    (3000, 300, 2999, 299, 0.004023643359850786),
    (3000, 300, 2999, 300, -0.00044707148441487107),
]


def ami(n, marked, drawn, both):
    return Agreement(n, marked, np.array([drawn])).of(np.array([both]), np.array([drawn]))[0]


@pytest.mark.parametrize(("n", "marked", "drawn", "both", "expected"), PUBLISHED)
def test_equals_scikit_learn(n, marked, drawn, both, expected):
    assert ami(n, marked, drawn, both) == pytest.approx(expected, abs=1e-9)


def entropy(values):
    share = np.bincount(values) / len(values)
    return -sum(p * log(p) for p in share if p)


def information(one, other):
    joint = np.array([[np.mean((one == a) & (other == b)) for b in (0, 1)] for a in (0, 1)])
    return sum(p * log(p / (joint[a].sum() * joint[:, b].sum())) for (a, b), p in np.ndenumerate(joint) if p)


@pytest.mark.parametrize("marked", [1, 2, 4])
@pytest.mark.parametrize("drawn", [1, 3, 6])
def test_equals_the_definition_with_all_arrangements(marked, drawn):
    arranged = [np.isin(np.arange(7), own).astype(int) for own in combinations(range(7), marked)]
    for both in range(max(0, marked + drawn - 7), min(marked, drawn) + 1):
        label, call = (np.arange(7) < marked).astype(int), np.zeros(7, dtype=int)
        call[:both] = 1
        call[marked : marked + drawn - both] = 1
        expected = np.mean([information(one, call) for one in arranged])
        found = (information(label, call) - expected) / ((entropy(label) + entropy(call)) / 2 - expected)
        assert ami(7, marked, drawn, both) == pytest.approx(found, abs=1e-9)


def test_every_overlap_at_once_is_each_alone_and_nan_where_impossible():
    drawn = np.array([4, 9, 4])
    every = Agreement(10, 3, drawn).every(drawn)
    assert every.shape == (3, 4)
    for row, n in zip(every, drawn, strict=True):
        for both, value in enumerate(row):
            possible = both <= n and n - both <= 7
            assert value == pytest.approx(ami(10, 3, n, both), abs=1e-12) if possible else np.isnan(value)


def test_chance_is_zero_on_average():
    rng = np.random.default_rng(0)
    table = Agreement(60, 12, np.array([20]))
    both = np.array([(rng.permutation(60)[:20] < 12).sum() for _ in range(4000)])
    assert abs(table.of(both, np.full(4000, 20)).mean()) < 3 * table.of(both, np.full(4000, 20)).std() / 4000**0.5


def test_f1_is_the_harmonic_mean_of_precision_and_recall():
    both, marked, drawn = np.array([0, 3, 5, 0]), 5, np.array([4, 6, 5, 0])
    for value, b, d in zip(f1(both, marked, drawn), both, drawn, strict=True):
        precision, recall = (b / d if d else 0), b / marked
        expected = 2 * precision * recall / (precision + recall) if b else 0
        assert value == pytest.approx(expected)
    assert f1(np.array([0]), 0, np.array([0]))[0] == 0
