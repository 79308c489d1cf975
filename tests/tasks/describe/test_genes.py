"""The genes of a feature by the published rule, beside the shrunk score, and the truth that tells the two apart."""

import numpy as np
import polars as pl
import pytest

from tasks.codes.axes import make_axes
from tasks.codes.firing_sums import sum_firings
from tasks.codes.reader import Firings
from tasks.describe.genes import PUBLISHED_GENES, genes_by_both_rules, top_genes
from tasks.describe.intervals import with_intervals
from tests.builders.describe import N_FEATURES, N_GENES, gene_table, make_world

MIN_FIRE, SHRINKAGE, TOP = 8, 5.0, 6


@pytest.fixture(scope="module")
def world():
    return make_world()


@pytest.fixture(scope="module")
def genes(world):
    sums = sum_firings(world.firings(), world.axes, N_FEATURES)
    return genes_by_both_rules(sums, world.axes, TOP, MIN_FIRE, SHRINKAGE)


def test_published_ranks_equal_a_loop(world, genes):
    for feature in range(N_FEATURES):
        means = []
        for gene in range(N_GENES):
            here = world.codes[world.gene == gene, feature].astype(float)
            if here.any():
                means.append((-here[here > 0].mean(), gene))
        rows = genes.filter(pl.col("feature") == feature, pl.col("published_rank").is_not_null()).sort("published_rank")
        best = sorted(means)[:PUBLISHED_GENES]
        assert rows["symbol"].to_list() == [f"G{gene}" for _, gene in best]
        assert rows["published_rank"].to_list() == list(range(1, len(best) + 1))
        assert rows["mean_activation"].to_list() == pytest.approx([-mean for mean, _ in best], rel=1e-12)


def test_ranks_of_ones_own_are_those_of_the_score_alone(world, genes):
    sums = sum_firings(world.firings(), world.axes, N_FEATURES)
    own = top_genes(sums, world.axes, TOP, MIN_FIRE, SHRINKAGE)
    ranked = genes.filter(pl.col("rank").is_not_null())
    assert ranked.select(own.columns).equals(own)
    assert genes.filter(pl.col("rank").is_null())["published_rank"].null_count() == 0
    assert 0 < genes["rank"].null_count() < genes.height
    assert genes.select("feature", "gene").is_duplicated().sum() == 0


def test_specificity_is_the_rate_on_the_gene_over_the_rate_anywhere(world, genes):
    for row in genes.sample(40, seed=0).iter_rows(named=True):
        fires = world.codes[:, row["feature"]] > 0
        on_gene = fires[world.gene == row["gene"]].mean()
        assert row["specificity"] == pytest.approx(on_gene / fires.mean(), rel=1e-12)


def test_a_feature_that_always_fires_on_one_gene_and_once_on_another():
    """G1 at 1.0 in each of 300 cells, G2 at 9 in one of 300: rules disagree, and the interval tells why."""
    n_cells = 300
    cell = np.repeat(np.arange(n_cells, dtype=np.uint32), 3)
    axes = make_axes(cell, np.tile(np.array([5, 6, 7], dtype=np.int32), n_cells), gene_table())
    value = np.zeros(cell.size, dtype=np.float32)
    value[0::3], value[1] = 1.0, 9.0
    position = np.flatnonzero(value)
    firings = [Firings(position, np.zeros(position.size, dtype=np.int32), value[position])]
    ranked = genes_by_both_rules(sum_firings(firings, axes, 1), axes, 20, 10, 20.0)
    found = {row["symbol"]: row for row in with_intervals(ranked, firings, axes, 1, 20.0).iter_rows(named=True)}
    always, once = found["G1"], found["G2"]
    assert (always["rank"], always["published_rank"]) == (1, 2)
    assert (once["rank"], once["published_rank"]) == (None, 1)
    assert (always["n_cells"], once["n_cells"]) == (n_cells, 1)
    assert always["score_high"] - always["score_low"] < 0.02 * always["score"]
    assert once["score_low"] == 0.0
    assert once["score_high"] > 4 * once["score"]
    assert "G3" not in found
