"""Whole numbers that are no counts are refused and called what they are; counts of any shape are counts."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from tasks.cells.whole_numbers import odd_counts
from tasks.store import RequestError
from tests.builders.blood import blood, logged
from tests.builders.cells_step import run_cells
from tests.builders.h5ad_files import matrix_file


def ranks(values):
    return np.where(
        values > 0, values.argsort(axis=1).argsort(axis=1) - (values == 0).sum(axis=1, keepdims=True) + 1, 0
    )


ODD = {
    "presence": (lambda x: x > 0, "presence of genes"),
    "ranks": (ranks, "so they are ranks"),
    "rounded per 10,000": (lambda x: np.rint(x / x.sum(axis=1, keepdims=True) * 1e4), "rounded normalised values"),
    "rounded TPM": (
        lambda x: np.rint(x / x.sum(axis=1, keepdims=True) * np.linspace(0.98e6, 1.02e6, 120)[:, None]),
        "no counts: ",
    ),
    "rounded logarithms": (lambda x: np.rint(logged(x)), "rounded logarithms"),
    "rounded logarithms, base 2": (lambda x: np.rint(logged(x) / np.log(2)), "rounded"),
    "doubled": (lambda x: 2 * x, "multiples of counts"),
}


@pytest.mark.parametrize("depth", [3000, 20_000])
@pytest.mark.parametrize("kind", ODD)
def test_whole_numbers_that_are_no_counts_are_called_what_they_are(tmp_path, kind, depth):
    make, said = ODD[kind]
    values = csr_matrix(make(blood(depth=depth)).astype(np.float32))
    path = matrix_file(tmp_path / "a.h5ad", values)
    with pytest.raises(RequestError, match=said) as caught:
        run_cells(tmp_path, path)
    assert "\n" not in str(caught.value)
    assert run_cells(tmp_path, path, values="integers", min_genes=1).tokens().n_cells > 100


def sampled(counts, total=300):
    """Counts sampled to one depth, which all sum to the same."""
    rng = np.random.default_rng(4)
    return np.stack([rng.multivariate_hypergeometric(row.astype(int), total) for row in counts])


@pytest.mark.parametrize(
    "counts",
    [
        blood(),
        blood(depth=100_000),
        blood(n_cells=12),
        sampled(blood(depth=2000)),
        np.random.default_rng(0).poisson(1.0, (100, 1000)),
        np.random.default_rng(0).poisson(20.0, (100, 1000)),
        np.ones((4, 5)),
    ],
)
def test_counts_of_many_shapes_are_counts(counts):
    assert odd_counts(csr_matrix(counts.astype(np.float32))) is None
