"""Catalogue, gene lists and histograms against loops over dense codes."""

import numpy as np
import polars as pl
import pytest

from tasks.codes.axes import NO_GENE, make_axes
from tasks.codes.firing_sums import sum_firings
from tasks.codes.reader import Firings
from tasks.describe.catalogue import N_BINS, catalogue, histograms, tiers
from tasks.describe.genes import top_genes
from tasks.store import RequestError
from tests.builders.describe import DEAD, N_CELLS, N_FEATURES, N_GENES, gene_table, make_world


@pytest.fixture(scope="module")
def world():
    return make_world()


@pytest.fixture(scope="module")
def sums(world):
    return sum_firings(world.firings(), world.axes, N_FEATURES)


def test_sums_equal_a_loop_over_dense_codes(world, sums):
    gene_total, gene_fires = np.zeros((N_FEATURES, N_GENES)), np.zeros((N_FEATURES, N_GENES), dtype=int)
    cell_total = np.zeros((N_CELLS, N_FEATURES))
    for cell, gene, codes in zip(world.cell, world.gene, world.codes, strict=True):
        gene_total[:, gene] += codes
        gene_fires[:, gene] += codes > 0
        cell_total[cell] += codes
    np.testing.assert_allclose(sums.gene_total, gene_total, rtol=1e-12)
    assert np.array_equal(sums.gene_fires, gene_fires)
    np.testing.assert_allclose(sums.cell_total.toarray(), cell_total, rtol=1e-12)


@pytest.mark.parametrize("n_chunks", [1, 7, 1000])  # the last cuts cells in two and leaves chunks empty
def test_chunks_do_not_matter(world, sums, n_chunks):
    other = sum_firings(world.firings(n_chunks), world.axes, N_FEATURES)
    assert np.array_equal(other.fire_count, sums.fire_count)
    np.testing.assert_allclose(other.gene_total, sums.gene_total, rtol=1e-12)
    np.testing.assert_allclose(other.cell_total.toarray(), sums.cell_total.toarray(), rtol=1e-12)
    assert np.array_equal(other.n_cells_active, sums.n_cells_active)


def test_the_catalogue_equals_a_loop_over_features(world, sums):
    frame = catalogue(sums, len(world.cell), np.ones(N_FEATURES))
    for row, codes in zip(frame.iter_rows(named=True), world.codes.T, strict=True):
        fires = codes > 0
        assert row["fire_count"] == fires.sum()
        assert row["frequency"] == pytest.approx(fires.mean())
        assert row["n_cells_active"] == len(set(world.cell[fires]))
        assert row["n_genes"] == len(set(world.gene[fires]))
        assert row["mean_activation"] == pytest.approx(codes.mean(dtype=float))
        assert row["max_activation"] == codes.max()
        assert row["mean_when_active"] == (pytest.approx(codes[fires].mean(dtype=float)) if fires.any() else None)
        assert row["alive"] == fires.any()


def test_tiers_at_their_borders(sums):
    counts, cells = np.array([0, 99, 100, 100, 1000, 1001, 9999]), [0, 99, 19, 20, 500, 500, 10]
    sums = type(sums)(**{**vars(sums), "fire_count": counts, "cell_total": Columns(cells)})
    assert tiers(sums, 10_000).tolist() == ["dead", "rare", "rare", "normal", "normal", "dense", "rare"]


class Columns:
    """Stands for a sparse matrix of which only the entries a column are asked."""

    def __init__(self, counts):
        self.counts = counts

    def getnnz(self, axis):
        return self.counts


def test_histograms_equal_a_loop(world, sums):
    frame = histograms(world.firings(), sums.maximum)
    assert set(frame["feature"]) == set(range(N_FEATURES)) - {DEAD}
    for (feature,), rows in frame.group_by("feature"):
        values = world.codes[:, feature].astype(float)
        counts = [0] * N_BINS
        for value in values[values > 0]:
            counts[min(int(value / values.max() * N_BINS), N_BINS - 1)] += 1
        assert rows.sort("bin")["n"].to_list() == counts
        assert rows["lower"].min() == 0
        assert rows["upper"].max() == values.max()


@pytest.mark.parametrize(("min_fire", "shrinkage"), [(1, 0.0), (4, 5.0), (10, 100.0)])
def test_top_genes_equal_a_loop(world, sums, min_fire, shrinkage):
    frame = top_genes(sums, world.axes, 6, min_fire, shrinkage)
    for feature in range(N_FEATURES):
        scored = []
        for gene in range(N_GENES):
            here = world.codes[world.gene == gene, feature].astype(float)
            if (here > 0).sum() >= min_fire:
                scored.append((-here.sum() / (len(here) + shrinkage), gene, (here > 0).sum(), len(here)))
        rows = frame.filter(pl.col("feature") == feature)
        best = sorted(scored)[:6]
        assert rows["rank"].to_list() == list(range(1, len(best) + 1))
        assert rows["symbol"].to_list() == [f"G{gene}" for _, gene, _, _ in best]
        assert rows["score"].to_list() == pytest.approx([-score for score, *_ in best], rel=1e-12)
        assert rows["fire_count"].to_list() == [fires for *_, fires, _ in best]
        assert rows["fire_rate"].to_list() == pytest.approx([fires / n for *_, fires, n in best])


def test_shrinkage_ranks_a_gene_seen_often_above_one_seen_once():
    """One position with activation 10 against 200 with activation 5."""
    gene = np.array([0] + [1] * 200)
    axes = make_axes(np.arange(201, dtype=np.uint32), (gene + 4).astype(np.int32), gene_table())
    sums = sum_firings([firing_of(np.where(gene == 0, 10.0, 5.0))], axes, 1)
    assert top_genes(sums, axes, 2, 1, 0.0)["symbol"].to_list() == ["G0", "G1"]
    assert top_genes(sums, axes, 2, 1, 20.0)["symbol"].to_list() == ["G1", "G0"]


def firing_of(values):
    position = np.arange(len(values), dtype=np.int32)
    return Firings(position, np.zeros_like(position), values.astype(np.float32))


def test_axes_number_what_occurs():
    token = np.array([9, 5, 7, 9], dtype=np.int32)
    genes = pl.DataFrame(
        {
            "gene_id": list("abcd"),
            "symbol": ["S1", "s1", "S2", "S3"],
            "token_id": pl.Series([9, 5, 8, None], dtype=pl.Int32),
        }
    )
    axes = make_axes(np.array([30, 30, 10, 10], dtype=np.uint32), token, genes)
    assert axes.gene_id == ["a", "b"]
    assert axes.gene.tolist() == [0, 1, NO_GENE, 0]
    assert (axes.gene_count.tolist(), axes.cell_count.tolist()) == ([2, 1], [2, 2])
    assert (axes.cell_id.tolist(), axes.cell.tolist()) == ([10, 30], [1, 1, 0, 0])
    assert axes.background == ["S1"]  # two spellings of one symbol are one gene of the background


def test_positions_of_unknown_genes_count_for_the_feature_only():
    axes = make_axes(np.zeros(3, np.uint32), np.array([4, 999, 999], np.int32), gene_table())
    sums = sum_firings([firing_of(np.ones(3))], axes, 1)
    assert sums.fire_count[0] == 3
    assert sums.gene_fires.sum() == 1


def test_activations_of_other_cells_are_refused():
    with pytest.raises(RequestError, match="no activation belongs to a gene"):
        make_axes(np.zeros(2, np.uint32), np.array([900, 901], np.int32), gene_table())
