import pytest
import torch

from tasks.sae.select import nth_largest, top_k


@pytest.mark.parametrize(
    ("columns", "k"), [(512, 16), (512, 127), (512, 128), (512, 512), (30, 3), (8, 1), (1, 1)]
)  # with and without groups, at their border, and columns that groups do not divide
def test_values_equal_a_full_sort(columns: int, k: int) -> None:
    x = torch.randn(40, columns, generator=torch.Generator().manual_seed(columns + k))
    values, indices = top_k(x, k)
    assert torch.equal(values.sort(dim=1, descending=True).values, x.sort(dim=1, descending=True).values[:, :k])
    assert torch.equal(x.gather(1, indices), values)


def test_ties_give_distinct_columns() -> None:
    x = torch.tensor([[1.0, 0.0] * 8, [0.0] * 16]).repeat(1, 4)
    values, indices = top_k(x, 5)
    assert torch.equal(values, torch.tensor([[1.0] * 5, [0.0] * 5]))
    assert all(len(set(row)) == 5 for row in indices.tolist())


def test_a_row_is_selected_the_same_way_in_any_batch() -> None:
    x = torch.randint(0, 4, (20, 64), generator=torch.Generator().manual_seed(0)).float()  # many ties
    alone = torch.cat([top_k(row[None], 6)[1] for row in x])
    assert torch.equal(top_k(x, 6)[1], alone)


def test_the_nth_largest_of_a_matrix_is_that_of_a_full_sort() -> None:
    x = torch.randint(0, 30, (20, 64), generator=torch.Generator().manual_seed(0)).float()  # many ties
    ordered = x.flatten().sort(descending=True).values
    assert all(nth_largest(x, n) == ordered[n - 1] for n in (1, 2, 640, 1279, 1280))


def test_no_rows_give_no_rows() -> None:
    assert top_k(torch.empty(0, 64), 3)[1].shape == (0, 3)
