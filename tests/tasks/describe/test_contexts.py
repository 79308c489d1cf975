"""The strongest activations of every feature against a sort of all of them."""

from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from tasks.codes.axes import NO_GENE, Axes
from tasks.codes.reader import Firings
from tasks.describe.contexts import top_contexts
from tests.builders.describe import DEAD, N_CELLS, N_FEATURES, TYPES, make_world


@pytest.fixture(scope="module")
def world():
    return make_world()


def contexts(firings, axes: Axes, n=10, per_cell=1, n_features=N_FEATURES):
    cells = pl.DataFrame({"cell_id": pl.Series(range(N_CELLS), dtype=pl.UInt32)}).with_columns(
        label=pl.Series([TYPES[cell % 3] for cell in range(N_CELLS)])
    )
    place = (np.arange(axes.n_positions) % 80).astype(np.uint16)
    return top_contexts(firings, axes, place, cells, n_features=n_features, n=n, per_cell=per_cell)


@pytest.mark.parametrize(("n", "per_cell", "n_chunks"), [(10, 1, 3), (10, 1, 40), (4, 2, 7), (10, 10, 3), (300, 1, 3)])
def test_contexts_equal_a_sort_of_all_firings(world, n, per_cell, n_chunks):
    """Activations have 39 levels, so ties abound; chunks end in the middle of cells."""
    frame = contexts(world.firings(n_chunks), world.axes, n, per_cell)
    for feature in range(N_FEATURES):
        taken, expected = dict.fromkeys(range(N_CELLS), 0), []
        for position in sorted(np.flatnonzero(world.codes[:, feature]), key=lambda p: (-world.codes[p, feature], p)):
            cell = world.cell[position]
            taken[cell] += 1
            if taken[cell] <= per_cell and len(expected) < n:
                expected.append((cell, position % 80, f"ENSG{world.gene[position]}", world.codes[position, feature]))
        rows = frame.filter(pl.col("feature") == feature)
        assert rows["rank"].to_list() == list(range(1, len(expected) + 1))
        assert rows.select("cell_id", "position", "gene_id", "activation").rows() == expected
    assert DEAD not in frame["feature"].to_list()
    assert frame["cell_type"].to_list() == [TYPES[cell % 3] for cell in frame["cell_id"]]
    assert frame["tissue"].null_count() == frame.height


def test_the_first_context_is_the_largest_activation(world):
    first = contexts(world.firings(), world.axes).filter(pl.col("rank") == 1)
    assert first["activation"].to_list() == world.codes.max(axis=0)[first["feature"]].tolist()


def test_positions_of_unknown_genes_are_left_out(world):
    axes = world.axes
    known = np.where(axes.gene == 0, NO_GENE, axes.gene)
    hidden = Axes(axes.cell, axes.cell_id, known, axes.gene_id, axes.symbol)
    frame = contexts(world.firings(), hidden, n=300, per_cell=80)
    assert not frame.is_empty()
    assert "ENSG0" not in frame["gene_id"].to_list()


def test_a_feature_that_never_fires_has_no_context(world):
    nothing = [Firings(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32))]
    assert contexts(nothing, world.axes).is_empty()


def test_order_does_not_depend_on_the_chunks(world):
    frames = [contexts(world.firings(n_chunks), world.axes) for n_chunks in (1, 2, 11)]
    assert all(first.equals(second) for first, second in pairwise(frames))
