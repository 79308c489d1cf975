"""Expression where a feature fires: a loop, features that follow expression, and those that follow genes or depth."""

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from tasks.analyses.labels.expression import PositionValues, expression_rows, log_counts, position_values
from tasks.analyses.labels.sums import sum_for_labels
from tasks.cells.reader import CellsReader
from tasks.codes.axes import Axes
from tasks.codes.reader import Firings
from tests.builders.describe import make_world
from tests.builders.labelled_cells import write_labelled

N_CELLS, N_GENES = 120, 60


def values_of(axes, value):
    """What ``position_values`` says of given values of expression [N]."""
    count = np.bincount(axes.gene).astype(float)
    total = np.bincount(axes.gene, weights=value)
    excess = value - (total / count)[axes.gene]
    return PositionValues(value, excess, count, total, np.bincount(axes.cell, weights=excess))


def world(rng):
    """All genes in all cells: expression is the gene's, the cell's depth, and noise."""
    cell, gene = (one.ravel() for one in np.mgrid[:N_CELLS, :N_GENES])
    names = [f"G{g}" for g in range(N_GENES)]
    axes = Axes(cell, np.arange(N_CELLS, dtype=np.uint32), gene, names, names)
    depth = rng.normal(0, 0.5, N_CELLS)
    return axes, rng.normal(2, 1, N_GENES)[gene] + depth[cell] + rng.normal(0, 0.5, cell.size), depth


def rows_of(axes, value, fires):
    position, feature = np.nonzero(fires)
    firings = [Firings(position.astype(np.int64), feature.astype(np.int32), np.ones(position.size, dtype=np.float32))]
    values = values_of(axes, value)
    return expression_rows(sum_for_labels(firings, axes, fires.shape[1], values.value, values.excess), values, axes)


def test_equals_a_loop():
    rng = np.random.default_rng(0)
    axes, value, _ = world(rng)
    fires = rng.random((axes.cell.size, 6)) < np.array([0.3, 0.05, 0.002, 0.5, 0, 1])
    rows = rows_of(axes, value, fires)
    assert rows["feature"].to_list() == [0, 1, 2, 3, 5]
    excess = values_of(axes, value).excess
    for row in rows.to_dicts():
        own = fires[:, row["feature"]]
        by_gene = []
        for gene in range(N_GENES):
            here = axes.gene == gene
            if min((own & here).sum(), (~own & here).sum()) >= 5:
                by_gene.append(value[own & here].mean() - value[~own & here].mean())
        by_cell = []
        for cell in range(N_CELLS):
            here = axes.cell == cell
            if (own & here).any() and (~own & here).any():
                by_cell.append(excess[own & here].mean() - excess[~own & here].mean())
        assert (row["n_genes"], row["n_genes_up"]) == (len(by_gene), sum(one > 0 for one in by_gene))
        assert row["n_cells"] == len(by_cell)
        if by_gene:
            assert row["difference"] == pytest.approx(np.mean(by_gene), abs=1e-9)
        else:
            assert row["difference"] is None
        if len(by_cell) < 3:
            assert row["p"] is None
            continue
        test = ttest_1samp(by_cell, 0)
        low, high = test.confidence_interval()
        assert (row["within_cells"], row["sd"]) == pytest.approx((np.mean(by_cell), np.std(by_cell, ddof=1)), abs=1e-9)
        assert (row["p"], row["low"], row["high"]) == pytest.approx((test.pvalue, low, high), abs=1e-9)


def test_genes_and_depth_alone_are_called_at_the_nominal_rate_and_expression_is_found():
    rng = np.random.default_rng(1)
    axes, value, depth = world(rng)
    taste = rng.lognormal(0, 1.5, (N_GENES, 500))[axes.gene]
    chance = np.minimum(0.9, 0.05 * taste * np.exp(depth)[axes.cell][:, None])
    noise = rng.random(chance.shape) < chance
    rows = rows_of(axes, value, noise)
    p = rows["p"].to_numpy()
    assert abs((p < 0.05).mean() - 0.05) < 3.5 * (0.05 * 0.95 / 500) ** 0.5
    assert (rows["q"] < 0.05).mean() < 0.01
    planted = rng.random(chance.shape) < np.minimum(0.95, chance * np.exp(values_of(axes, value).excess)[:, None])
    found = rows_of(axes, value, planted)
    assert ((found["q"] < 0.05) & (found["within_cells"] > 0)).mean() > 0.95


def test_values_are_logs_of_counts_per_ten_thousand(tmp_path):
    reader, axes = CellsReader(write_labelled(tmp_path)["cells"]), make_world().axes
    counts = reader.counts().toarray()
    expected = np.log1p(counts / counts.sum(axis=1, keepdims=True) * 1e4)
    genes = [int(symbol[1:]) for symbol in axes.symbol]
    np.testing.assert_allclose(log_counts(reader, axes).toarray(), expected[:, genes], rtol=1e-6)
    found = position_values(reader, axes)
    np.testing.assert_allclose(found.value, expected[:, genes][axes.cell, axes.gene], rtol=1e-6)
    np.testing.assert_allclose(np.bincount(axes.gene, weights=found.excess), 0, atol=1e-8)
    np.testing.assert_allclose(found.cell_excess, np.bincount(axes.cell, weights=found.excess), atol=1e-9)
