import pytest
import torch
from torch import Tensor

from tasks.sae.codes import ByFeature, SparseCodes, combine, project

N, D, F, K = 37, 5, 11, 3


@pytest.fixture
def codes() -> SparseCodes:
    generator = torch.Generator().manual_seed(3)
    dense = torch.randn(N, F, generator=generator, dtype=torch.float64)
    values, indices = dense.topk(K, dim=1)
    return SparseCodes((values - 0.5).relu(), indices)  # some entries are 0, as when few pre-activations are positive


@pytest.fixture
def x() -> Tensor:
    return torch.randn(N, D, generator=torch.Generator().manual_seed(4), dtype=torch.float64)


def dense(codes: SparseCodes) -> Tensor:
    return torch.zeros(N, F, dtype=torch.float64).scatter(1, codes.indices, codes.values)


def test_combine_is_the_dense_product(codes: SparseCodes) -> None:
    matrix = torch.randn(F, D, dtype=torch.float64)
    torch.testing.assert_close(combine(codes, matrix), dense(codes) @ matrix, rtol=0, atol=1e-12)


def test_project_is_the_dense_product_at_the_codes(codes: SparseCodes, x: Tensor) -> None:
    matrix = torch.randn(F, D, dtype=torch.float64)
    expected = (x @ matrix.T).gather(1, codes.indices)[codes.values > 0]
    torch.testing.assert_close(project(codes, x, matrix), expected, rtol=0, atol=1e-12)


def test_accumulate_is_the_transposed_product(codes: SparseCodes, x: Tensor) -> None:
    found = ByFeature.of(codes, F).accumulate(codes.entries.values, x)
    torch.testing.assert_close(found, dense(codes).T @ x, rtol=0, atol=1e-12)


def test_total_is_the_sum_over_positions(codes: SparseCodes) -> None:
    found = ByFeature.of(codes, F).total(codes.entries.values)
    torch.testing.assert_close(found, dense(codes).sum(0), rtol=0, atol=1e-12)


def test_accumulate_leaves_unused_features_at_zero(x: Tensor) -> None:
    only_two = SparseCodes(torch.ones(N, 1, dtype=torch.float64), torch.full((N, 1), 2))
    found = ByFeature.of(only_two, F).accumulate(only_two.entries.values, x)
    torch.testing.assert_close(found[2], x.sum(0))
    assert found.abs().sum(1).count_nonzero() == 1


def test_counts_ignore_entries_of_value_zero(codes: SparseCodes) -> None:
    assert (codes.values == 0).any()
    assert torch.equal(codes.n_active, (dense(codes) > 0).sum(1))
    assert torch.equal(codes.fire_counts(F), (dense(codes) > 0).sum(0))
