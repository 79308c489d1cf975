"""Strength of knock-downs: distances beside their slow twin, and a correlation that genes, not features, decide."""

import numpy as np
import polars as pl
import pytest
from scipy.sparse import csr_matrix
from scipy.stats import spearmanr

from tasks.analyses.strength.association import Library, association, feature_weights
from tasks.analyses.strength.distances import draw_pairs, energy_distance, n_usable, states
from tasks.analyses.strength.step import StrengthSettings
from tasks.statistics.partial_rank import partial_spearman
from tests.builders.planted_strength import plant_strength

SETTINGS = StrengthSettings(n_draws=199, min_genes=5)
CHANCE = 0.05


def within(rate, n):
    """Whether a realised rate of ``n`` tests is no more than sampling lets one of CHANCE be."""
    return rate <= CHANCE + 3 * (CHANCE * (1 - CHANCE) / n) ** 0.5


def test_the_distance_is_that_of_loops_over_pairs():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(6, 4)), rng.normal(0.5, 1, size=(6, 4))

    def slow(first, second):
        d = lambda a, b: float(np.sqrt(((a - b) ** 2).sum()))  # noqa: E731
        pairs = [(i, j) for i in range(6) for j in range(6) if i != j]
        terms = (
            d(first[i], second[j]) + d(second[i], first[j]) - d(first[i], first[j]) - d(second[i], second[j])
            for i, j in pairs
        )
        return sum(terms) / 30

    found = energy_distance(x, y, 4000, [0])
    assert found.distance == pytest.approx(slow(x, y))
    swaps = []
    for signs in np.ndindex(*(2,) * 6):
        turned = np.array(signs, dtype=bool)[:, None]
        swaps.append(slow(np.where(turned, y, x), np.where(turned, x, y)))
    assert found.sd == pytest.approx(np.std(swaps), rel=0.06)
    assert found.p == pytest.approx(np.mean(np.array(swaps) >= found.distance - 1e-12), abs=0.03)


def test_pairs_are_of_one_stratum_and_no_cell_comes_twice():
    stratum = np.array([0] * 10 + [1] * 10 + [0] * 3 + [1] * 9)
    perturbed, control = np.arange(20), np.arange(20, 32)
    assert n_usable(stratum[perturbed], stratum[control]) == 12
    x, y = draw_pairs(perturbed, control, stratum, 11, [0])
    assert (stratum[x] == stratum[y]).all()
    assert len(set(x.tolist())) == len(set(y.tolist())) == 11
    assert set(x.tolist()) <= set(perturbed.tolist())
    assert set(y.tolist()) <= set(control.tolist())
    assert n_usable(np.zeros(0, dtype=np.int64), stratum) == 0


def test_the_gene_itself_is_no_shift():
    counts = csr_matrix(np.array([[4, 6, 0], [0, 6, 0]], dtype=np.float32))
    moved = states(counts, [0])
    assert (moved[0] == moved[1]).all()
    assert moved[0, 1] == pytest.approx(np.log1p(10_000))


def distances(n_cells, n_drawn, seeds, shift):
    """Distances of ``n_drawn`` among ``n_cells`` cells in two batches that differ much more than they are shifted."""
    found = []
    for seed in seeds:
        rng = np.random.default_rng([seed, n_cells])
        batch = rng.integers(0, 2, 2 * n_cells)
        state = rng.normal(size=(2 * n_cells, 30)) + 3 * batch[:, None]
        state[:n_cells] += shift
        rows = np.arange(2 * n_cells)
        n = min(n_drawn, n_usable(batch[:n_cells], batch[n_cells:]))
        x, y = draw_pairs(rows[:n_cells], rows[n_cells:], batch, n, [seed])
        found.append(energy_distance(state[x], state[y], 99, [seed]))
    return found


def test_without_a_shift_distances_are_about_zero_however_many_cells_there_are():
    for n_cells in (30, 200):
        found = distances(n_cells, 20, range(120), 0.0)
        value = np.array([one.distance for one in found])
        assert abs(value.mean()) < 3 * value.std() / len(value) ** 0.5
        assert within(np.mean([one.p <= CHANCE for one in found]), len(found))
    assert np.mean([one.p <= CHANCE for one in distances(60, 20, range(30), 0.5)]) > 0.9


def planted_p(seeds, follows):
    """p of exchanged strengths, and p as published, of every planted study."""
    rows = []
    for seed in seeds:
        library, lists, about = plant_strength(seed, follows)
        features, weights = feature_weights(lists, library, SETTINGS.min_genes)
        assert features["feature"].to_list() == about["feature"].to_list()
        row = association(SETTINGS.model_copy(update={"seed": seed}), weights, about, library)
        rows.append((row["p"], row["p_alone"], row["rho"] - row["expected"]))
    return np.array(rows).T


def test_degrees_that_follow_frequency_and_expression_alone_are_not_called_and_planted_ones_are():
    """As published, with features as units, they would be too often."""
    exchanged, alone, _ = planted_p(range(100), 0.0)
    assert within((exchanged <= CHANCE).mean(), 100)
    assert (alone <= CHANCE).mean() > 2 * CHANCE
    found, _, rho = planted_p(range(20), 0.7)
    assert (found <= CHANCE).mean() >= 0.8
    assert (rho > 0).all()


def test_weights_and_rho_are_those_of_loops():
    library, lists, about = plant_strength(1)
    _, weights = feature_weights(lists, library, 5)
    first = lists.filter(feature=0)
    strength = dict(zip(library.symbols, library.strength, strict=True))
    expression = dict(zip(library.symbols, library.expression, strict=True))

    def mean(of, feature):
        own = lists.filter(feature=feature).select("symbol", "weight").rows()
        return sum(of[symbol] * weight for symbol, weight in own) / sum(weight for _, weight in own)

    assert (weights @ library.strength)[0] == pytest.approx(mean(strength, 0))
    assert first.height == weights[[0]].nnz
    x = about["degree"].to_numpy().astype(float)
    y, given = ([mean(of, feature) for feature in about["feature"]] for of in (strength, expression))
    row = association(SETTINGS, weights, about, library)
    covariates = np.column_stack([about["frequency"], given])
    assert row["rho"] == pytest.approx(partial_spearman(x, np.array(y), covariates).rho)
    assert row["rho_alone"] == pytest.approx(spearmanr(x, y).statistic)
    drawn = library.exchanged(3, 50, [0])
    assert (np.sort(drawn, axis=1) == np.sort(library.strength)).all()
    least = Library(library.symbols[:4], library.strength[:4], library.expression[:4]).exchanged(5, 9, [0])
    assert np.unique(least[:, 0]).size > 1, "four genes make one bin"


def test_few_features_or_equal_degrees_say_why():
    library, lists, about = plant_strength(0)
    features, weights = feature_weights(lists.filter(pl.col("feature") < 4), library, 5)
    row = association(SETTINGS, weights, about.head(features.height), library)
    assert row["p"] is None
    assert row["reason"].startswith("4 features list 5 or more of the 60 genes")
    _, weights = feature_weights(lists, library, 5)
    row = association(SETTINGS, weights, about.with_columns(degree=pl.lit(3)), library)
    assert row["reason"].startswith("all features have equally many edges")
    row = association(SETTINGS, weights, about.with_columns(frequency=pl.col("degree").cast(pl.Float64)), library)
    assert row["reason"].startswith("firing frequency and expression leave nothing")
