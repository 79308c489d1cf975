"""The share of a basis that gets a name: counted by evidence, on planted features, and on firings without meaning."""

import numpy as np
import polars as pl

from tasks.analyses.baselines.named import named_rates
from tasks.analyses.baselines.rates import libraries_of
from tasks.codes.firing_sums import cell_means, sum_firings
from tasks.describe.cell_types import cell_types
from tasks.describe.concentration import concentration
from tasks.describe.genes import top_genes
from tasks.references.annotation import annotate, gene_lists
from tasks.references.tails import tails_of
from tests.builders.describe import N_FEATURES, N_PLANTED, make_world
from tests.tasks.analyses.test_baselines import DESCRIBE, SETS, rate, sample_of


def test_names_are_counted_by_the_describe_steps_rule_and_stand_beside_nearly_none():
    """Planted: features of one set of genes, of a cell type, and of any gene in any cell."""
    world = make_world()
    found = rate(world.firings(), N_FEATURES, world)
    sums = sum_firings(world.firings(), world.axes, N_FEATURES)
    ranked = top_genes(sums, world.axes, DESCRIBE.top_genes, DESCRIBE.min_fire, DESCRIBE.shrinkage)
    five = concentration(sums, world.axes, ranked).filter(pl.col("top5_share") >= DESCRIBE.diffuse)["feature"].to_list()
    means = cell_means(sums, world.axes)
    sample = sample_of(world)
    typed = cell_types(means, sample.labels, sample.lengths, sums.alive, DESCRIBE).filter("called")["feature"].to_list()
    genes = gene_lists(ranked.filter(pl.col("rank") <= DESCRIBE.tested_genes), world.axes.background)
    libraries = libraries_of(SETS, sample.axes, DESCRIBE)
    tails = [tails_of(one.members, genes.lists, DESCRIBE.listed) for one in libraries]
    terms = annotate(genes, libraries, tails, DESCRIBE.alpha)[0].filter("significant")["feature"].to_list()
    assert found["n_named"] == len({*five, *typed, *terms})  # any evidence names a feature, whichever comes first
    assert found["n_named"] >= N_PLANTED
    assert found["named_fraction"] == found["n_named"] / found["n_alive"]
    nothing = rate([], N_FEATURES, world)
    assert (nothing["n_named"], nothing["named_fraction"], nothing["null_named"]) == (0, None, None)


def test_without_meaning_as_many_are_named_as_the_null_says():
    """Features that fire anywhere, of which chance alone names half: a share of 5.75 % on five genes is enough here."""
    easy = DESCRIBE.model_copy(update={"concentrated": 0.0575, "diffuse": 0.0575})
    shares, nulls = [], []
    for seed in range(12):
        world = make_world(planted=False, seed=seed)
        sample, sums = sample_of(world), sum_firings(world.firings(), world.axes, N_FEATURES)
        found = named_rates(world.firings(), sums, sample, libraries_of({}, sample.axes, easy), easy, 0)
        shares.append(found["named_fraction"])
        nulls.append(found["null_named"])
    assert 0.2 < np.mean(nulls) < 0.8
    error = np.sqrt(np.mean(nulls) * (1 - np.mean(nulls)) / (12 * (N_FEATURES - 1)) * 2)  # both are drawn
    assert abs(np.mean(shares) - np.mean(nulls)) <= 3 * error


def test_planted_features_are_named_and_shuffled_ones_are_not():
    for seed in range(2):
        world = make_world(seed=seed)
        found = rate(world.firings(), N_FEATURES, world)
        assert N_PLANTED <= found["n_named"] <= N_PLANTED + 1
        assert found["null_named"] < 0.05
