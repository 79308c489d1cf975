"""How large an effect must be: published arithmetic, and draws that cannot reach a q."""

import numpy as np
import polars as pl
import pytest
from scipy.stats import t as student

from tasks.analyses.stability.thresholds import least_effect, smallest_p, threshold_rows
from tasks.statistics.fdr import benjamini_hochberg
from tasks.statistics.permutation import permute


@pytest.mark.parametrize(("tests", "d"), [(550_000, 0.392), (2_350_080, 0.413), (5_114_880, 0.423)])
def test_the_least_effect_of_two_hundred_cells_is_the_published_one(tests, d):
    t, found = least_effect(tests, 200, 0.05)
    assert found == pytest.approx(d, abs=5e-4)
    if tests == 550_000:
        assert t == pytest.approx(5.55, abs=0.005)
    assert 2 * tests * student.sf(t, 199) == pytest.approx(0.05)


def test_few_cells_ask_for_large_effects():
    found = [least_effect(550_000, n, 0.05)[1] for n in (5, 20, 50, 200, 1_000)]
    assert found == sorted(found, reverse=True)
    assert found[0] > 5
    assert least_effect(10, 1, 0.05) is None


@pytest.mark.parametrize("n", [1, 2, 6, 10, 12])
def test_no_permutation_has_a_smaller_p(n):
    import torch

    effects = torch.ones(n, 3) + 0.1 * torch.rand(n, 3, generator=torch.Generator().manual_seed(n))
    p = permute(effects, 500, 1_000, [0]).p
    assert p.min() == pytest.approx(smallest_p(n, 500, 1_000)) if n < 12 else p.min() >= smallest_p(n, 500, 1_000)


def family(rng, m, n, n_true, flips=(500, 1_000)):
    """Tests of n cells, of which ``n_true`` have the smallest p."""
    p = np.maximum(rng.uniform(0.01, 1, m), 1e-9)
    p[:n_true] = smallest_p(n, *flips)
    return pl.DataFrame(
        {
            "n": np.full(m, n, np.uint16),
            "d": np.where(np.arange(m) < n_true, 2.0, 0.1),
            "p": p,
            "q": benjamini_hochberg(p),
        }
    )


def test_rejections_take_as_many_as_it_says():
    """With 1,000 flips and 10,000 tests it takes 200: 199 are not called, 200 are."""
    for n_true, called in ((199, 0), (200, 200)):
        (row,) = threshold_rows(family(np.random.default_rng(0), 10_000, 40, n_true), 0.05, 500, 1_000)
        assert row["min_rejections"] == 200
        assert row["n_at_smallest"] == n_true
        assert row["n_called"] == called
        assert row["d_called"] == (None if not called else pytest.approx(2.0))


def test_rows_are_by_number_of_cells_and_share_their_family():
    rng = np.random.default_rng(1)
    stat = pl.concat([family(rng, 300, n, n_true) for n, n_true in ((8, 0), (30, 40), (1, 0))])
    stat = stat.with_columns(q=benjamini_hochberg(stat["p"].to_numpy()))
    rows = threshold_rows(stat, 0.05, 500, 20_000)
    assert [row["n_cases"] for row in rows] == [1, 8, 30]
    assert {row["n_tests"] for row in rows} == {900}
    assert [row["p_smallest"] for row in rows] == [1, 1 / 128, 1 / 20_001]
    assert rows[0]["d_bonferroni"] is None
    assert sum(row["n_called"] for row in rows) == stat.filter(pl.col("q") <= 0.05).height
