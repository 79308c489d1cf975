"""Correlations of codes equal those of dense codes."""

import numpy as np
import pytest

from tasks.analyses.tracking.code_correlations import code_correlations
from tasks.codes.reader import CodesReader
from tests.builders.codes import write_codes


@pytest.mark.parametrize("places", [7, 2**21])
@pytest.mark.parametrize("n_chunks", [1, 5])
def test_correlations_equal_numpy(tmp_path, monkeypatch, places, n_chunks):
    monkeypatch.setattr("tasks.analyses.tracking.code_correlations.PLACES", places)
    rng = np.random.default_rng(0)
    one, other = (np.where(rng.random((90, 12)) < 0.3, rng.random((90, 12)), 0).astype(np.float32) for _ in range(2))
    other[:, 3] = one[:, 5]
    one[:, 7] = 0
    first, second = np.array([5, 0, 11, 7, 2]), np.array([3, 8, 1, 9, 0])
    readers = [
        CodesReader(write_codes(tmp_path / f"codes-{n}", dense, n_chunks=n_chunks))
        for n, dense in enumerate((one, other))
    ]
    found = code_correlations(*readers, first, second)
    with np.errstate(invalid="ignore"):
        expected = [np.corrcoef(one[:, i], other[:, j])[0, 1] for i, j in zip(first, second, strict=True)]
    np.testing.assert_allclose(found, np.nan_to_num(expected), atol=1e-9)
    assert found[0] == pytest.approx(1.0)
    assert code_correlations(*readers, first[:0], second[:0]).shape == (0,)
