import numpy as np
import pytest
from scipy.sparse import csr_matrix

from tasks.cells.choose import Fate, Passing, fair_shares, read_cells
from tasks.cells.select import Draw
from tasks.store import RequestError
from tests.builders.h5ad_files import random_counts


class InMemory:
    """Counts that note how many rows are read at a time."""

    def __init__(self, counts):
        self.counts, self.reads = csr_matrix(counts, dtype=np.float32), []
        self.n_cells, self.n_genes = self.counts.shape

    def rows(self, wanted):
        self.reads.append(len(wanted))
        return self.counts[wanted]


def read(counts, order=None, known=None, n=None, min_genes=1, queues=None):
    source = InMemory(counts)
    order = np.arange(source.n_cells) if order is None else np.array(order)
    passing = Passing(np.ones(source.n_genes, dtype=bool) if known is None else np.array(known), min_genes)
    queues = (order,) if queues is None else tuple(map(np.array, queues))
    return read_cells(Draw(order, queues), source, passing, n), source


def test_every_cell_has_its_fate():
    counts = [[1, 1, 0], [0, 0, 0], [0, 0, 5], [1, 0, 9], [2, 2, 2], [3, 3, 3]]
    cells, _ = read(counts, order=[4, 3, 2, 1, 0], known=[True, True, False], min_genes=2)
    reasons = [Fate(fate).reason for fate in cells.fate]
    assert reasons == [None, "no counts", "no known genes", "too few genes", None, "filtered out"]
    assert cells.chosen.tolist() == [0, 4]
    np.testing.assert_array_equal(cells.counts.toarray(), [[1, 1, 0], [2, 2, 2]])
    np.testing.assert_array_equal(cells.n_counts, [2, 0, 5, 10, 6, np.nan])
    np.testing.assert_array_equal(cells.n_genes, [2, 0, 1, 2, 3, np.nan])
    np.testing.assert_array_equal(cells.draw_rank, [4, 3, 2, 1, 0, np.nan])


def test_n_cells_are_the_first_that_pass_in_draw_order():
    counts = random_counts().toarray()
    order = np.random.default_rng(1).permutation(len(counts))
    counts[order[:7]] = 0
    cells, _ = read(counts, order=order, n=10)
    assert cells.chosen.tolist() == sorted(order[7:17])
    assert (cells.fate[order[:7]] == Fate.NO_COUNTS).all()
    assert (cells.fate[order[17:]] == Fate.NOT_SAMPLED).all()
    np.testing.assert_array_equal(cells.counts.toarray(), counts[np.sort(order[7:17])])


def test_many_empty_droplets_are_passed_over_in_few_reads():
    counts = np.zeros((1000, 4))
    counts[::50] = 1
    cells, matrix = read(counts, n=15)
    assert len(cells.chosen) == 15
    assert len(matrix.reads) <= 6
    assert matrix.reads == sorted(matrix.reads)


def test_fewer_cells_than_asked_are_taken_if_there_are_no_more():
    cells, _ = read(random_counts(n_cells=5), n=100)
    assert len(cells.chosen) == 5


@pytest.mark.parametrize(
    ("counts", "order", "why"),
    [
        ([[1, 1], [1, 1]], [0], "1 of 2 cells are left and at least 2 are needed (1 filtered out)"),
        (
            [[0, 0], [0, 0], [1, 0]],
            [0, 1, 2],
            "0 of 3 cells are left and at least 2 are needed (2 no counts, 1 too few",
        ),
        ([[1, 1], [1, 1]], [], "0 of 2 cells are left and at least 2 are needed (2 filtered out)"),
    ],
)
def test_too_small_a_selection_is_refused_with_its_reasons(counts, order, why):
    with pytest.raises(RequestError) as caught:
        read(counts, order=np.array(order, dtype=np.int64), min_genes=2)
    assert str(caught.value).startswith(why)
    assert "loosen cells.where or cells.min_genes (now 2)" in str(caught.value)


def test_a_draw_may_leave_out_cells_that_the_filter_left():
    draw = Draw(shuffled=np.array([5, 2, 0, 3, 1]), queues=(np.array([1, 2, 5]),))
    cells = read_cells(draw, InMemory(np.ones((6, 2))), Passing(np.ones(2, dtype=bool), 1), n=2)
    reasons = [Fate(fate).reason for fate in cells.fate]
    assert reasons == ["not sampled", None, None, "not sampled", "filtered out", "not sampled"]
    np.testing.assert_array_equal(cells.draw_rank, [np.nan, 0, 1, np.nan, np.nan, 2])


def test_heldout_cells_are_the_last_in_the_random_order():
    shuffled = np.array([3, 1, 5, 4, 0, 2])
    cells, _ = read(np.ones((6, 2)), order=[4, 3, 2, 1, 0])  # 5 was not tried
    assert sorted(cells.draw_heldout(0.4, shuffled)) == [0, 2]
    assert cells.draw_heldout(0.01, shuffled).tolist() == [2]
    assert sorted(cells.draw_heldout(0.99, shuffled)) == [0, 1, 2, 4]


def dealt_one_by_one(n, most):
    shares = [0] * len(most)
    while sum(shares) < min(n, sum(most)):
        for group, cap in enumerate(most):
            shares[group] += shares[group] < cap and sum(shares) < n
    return shares


@pytest.mark.parametrize("most", [[5], [0], [3, 3, 3], [1, 10, 4], [0, 7, 0, 2], [100, 1]])
def test_shares_are_those_of_dealing_one_by_one(most):
    for n in range(sum(most) + 3):
        assert fair_shares(n, most) == dealt_one_by_one(n, most)


@pytest.mark.parametrize("n", [2, 7, 20, 31, 60, None])
@pytest.mark.parametrize("seed", range(3))
def test_groups_give_equal_numbers_of_cells_that_pass(n, seed):
    """Held against reading every cell: the first that passes of each group, then the second of each, until n do."""
    rng = np.random.default_rng(seed)
    rows = rng.permutation(80)
    queues = [rows[:6], rows[6:30], rows[30:]]
    counts = np.where(rng.random((80, 1)) < 0.4, 0, 1 + rng.integers(0, 3, (80, 5)))
    cells, _ = read(counts, order=rows, queues=queues, n=n)
    passing = [[row for row in queue if counts[row].any()] for queue in queues]
    dealt = [queue[turn] for turn in range(80) for queue in passing if turn < len(queue)]
    wanted = sorted(dealt[:n])
    assert cells.chosen.tolist() == wanted
    np.testing.assert_array_equal(cells.counts.toarray(), counts[wanted])
    assert (cells.fate[[row for row in dealt if row not in wanted]] == Fate.NOT_SAMPLED).all()
