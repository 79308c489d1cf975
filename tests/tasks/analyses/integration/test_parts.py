"""Parts of the cells, and the width of intervals of means, of which everything is known."""

import numpy as np
import pytest

from tasks.analyses.integration.parts import half_width, inflation, parts, without_batches


def test_parts_take_three_quarters_of_every_batch_and_no_cell_twice():
    batch = np.repeat([0, 1, 2, 3], [12, 21, 8, 1])
    taken = parts(batch, 30, [1])
    for one, n in enumerate((9, 15, 6, 1)):
        assert np.unique(taken[:, batch == one].sum(axis=1)).tolist() == [n]
    assert inflation(taken) == pytest.approx((31 / 11) ** 0.5)
    assert inflation(taken[:0]) == 0
    batch = batch[:-1]
    assert len(np.unique(taken, axis=0)) == 30
    assert without_batches(batch).shape == (0, 41)
    each = without_batches(np.arange(60) % 6)
    assert each.sum(axis=1).tolist() == [50] * 6


def test_deviation_over_parts_is_that_of_a_mean():
    """Of a mean everything is known: its standard error is s / sqrt(n)."""
    values = np.random.default_rng(0).exponential(size=400)
    drawn = parts(np.zeros(400, np.int64), 4000, [2])
    in_parts = np.array([values[cells].mean() for cells in drawn])
    width = half_width(in_parts, inflation(drawn), np.empty(0), 0.95)
    assert width == pytest.approx(1.96 * values.std(ddof=1) / 20, rel=0.05)


def test_batches_that_differ_widen_the_interval():
    """Of a mean over batches, the deviation without each is that of the mean of as many batches."""
    of_batch = np.random.default_rng(0).normal(size=7)
    without = np.array([np.delete(of_batch, one).mean() for one in range(7)])
    width = half_width(np.full(20, 0.3), 1.7, without, 0.95)
    assert width == pytest.approx(2.4469 * of_batch.std(ddof=1) / np.sqrt(7), rel=1e-3)
    assert half_width(np.array([np.nan] * 5 + [1.0] * 15), 1.7, without, 0.95) is None
