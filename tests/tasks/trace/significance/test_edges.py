"""q over many files against each family corrected in one piece."""

import numpy as np
import polars as pl
import pytest

from tasks.statistics import benjamini_hochberg
from tasks.trace.significance.edges import q_values


@pytest.fixture
def tests(tmp_path):
    """Five files of tests of three target layers, permutation p of two sizes; one file has no row."""
    rng = np.random.default_rng(0)
    paths = []
    for number, height in enumerate([700, 0, 1, 300, 500]):
        n_flips = rng.choice([500, 128], height)
        p = (1 + rng.integers(0, n_flips * rng.random(height) ** 2 + 1)) / (1 + n_flips)
        frame = pl.DataFrame({"target_layer": rng.choice([6, 11, 17], height).astype(np.uint16), "p": p})
        paths.append(tmp_path / f"{number}.parquet")
        frame.write_parquet(paths[-1])
    return paths


def test_q_is_that_of_each_family_in_one_piece(tests):
    found = [pl.read_parquet(path) for path in tests]
    every = pl.concat(found)
    layer, p = every["target_layer"].to_numpy(), every["p"].to_numpy()
    slow = np.empty(every.height)
    for family in (6, 11, 17):
        slow[layer == family] = benjamini_hochberg(p[layer == family])
    q = list(q_values(tests))
    assert [len(part) for part in q] == [frame.height for frame in found]
    assert (np.concatenate(q) == slow).all()
    assert len(np.unique(slow)) > 10


def test_without_any_test_there_is_no_q(tests):
    assert [len(part) for part in q_values(tests[1:2])] == [0]
    assert list(q_values([])) == []
