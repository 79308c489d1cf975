"""Donors as the unit of edges: how often nothing is called something, what is found, and the slow twin."""

from itertools import product

import numpy as np
import polars as pl
import pytest
import torch

from tasks.statistics.fdr import benjamini_hochberg
from tasks.statistics.unit_flips import unit_effects
from tasks.trace.settings import TraceSettings
from tasks.trace.significance.pair_tests import feature_statistics
from tests.builders.planted_donors import NAMES, SIZES, as_cells, as_donors, donor_effects, donors_of

CPU = torch.device("cpu")
DONORS = TraceSettings(unit="donor")
N_DRAWS = 3000
GOLDEN = {  # true nulls rejected at 0.05, over 1,500 draws: flips of cells, of donors
    ("5x100", 0.05): (0.423, 0.0),
    ("8x100", 0.05): (0.436, 0.056),
    ("10x20", 0.05): (0.169, 0.057),
    ("10x100", 0.05): (0.443, 0.057),
    ("20x50", 0.05): (0.297, 0.053),
    ("8 uneven", 0.05): (0.615, 0.043),
}


def statistics(part, settings) -> pl.DataFrame:
    return feature_statistics(part, NAMES, settings, CPU).tests


def rejected(sizes, icc, seed, n_draws=N_DRAWS, mean=0.0) -> tuple[float, float]:
    """Shares of draws with p <= 0.05: over cells, over donors."""
    effects = donor_effects(sizes, icc, np.full(n_draws, mean), np.random.default_rng(seed))
    few = {"n_flips": 512, "fine_flips": 512, "min_units": 2}
    cells = statistics(as_cells(effects), TraceSettings(**few))
    donors = statistics(as_donors(effects, sizes), TraceSettings(unit="donor", **few))
    return (cells["p"] <= 0.05).mean(), (donors["p"] <= 0.05).mean()


def near(found, golden, n_draws=N_DRAWS) -> bool:
    """Within four standard errors of their difference."""
    rate = max(golden, 1 / 1500)
    return abs(found - golden) <= 4 * (rate * (1 - rate) * (1 / n_draws + 1 / 1500)) ** 0.5


def check_rates(case, icc) -> None:
    cells, donors = rejected(SIZES[case], icc, [1, len(SIZES[case])], N_DRAWS)
    assert near(cells, GOLDEN[case, icc][0]), (case, cells)
    assert near(donors, GOLDEN[case, icc][1]), (case, donors)
    assert cells > 0.13 > 0.05 + 3 * (0.05 * 0.95 / N_DRAWS) ** 0.5 >= donors


@pytest.mark.parametrize("case", ["10x20", "8 uneven"])
def test_donor_effects_break_flips_of_cells_and_not_of_donors(case):
    check_rates(case, 0.05)


@pytest.mark.slow
@pytest.mark.parametrize("case", ["5x100", "8x100", "10x100", "20x50"])
def test_so_they_do_in_other_designs(case):
    check_rates(case, 0.05)


@pytest.mark.parametrize("sizes", [SIZES["10x20"], (60, *(15,) * 8, 20)])
def test_strong_donor_effects_change_nothing_for_donors(sizes):
    cells, donors = rejected(sizes, 0.2, 7)
    assert cells > 0.3
    assert donors == pytest.approx(25 / 512, abs=4 * (0.05 * 0.95 / N_DRAWS) ** 0.5)  # 25 of 512 flips are at most 0.05


def test_power_is_as_published():
    assert near(rejected(SIZES["8x100"], 0.05, 3, mean=0.3)[1], 0.83)
    assert near(rejected(SIZES["10x100"], 0.05, 3, mean=0.3)[1], 0.92)


@pytest.mark.parametrize(("icc", "mean"), [(0.05, 1.2), (0.2, 1.9)])
def test_the_false_discovery_rate_over_a_family_holds_for_donors_alone(icc, mean):
    sizes, truth = SIZES["10x20"], np.arange(1000) < 150
    rates = []
    for seed in range(8):
        effects = donor_effects(sizes, icc, np.where(truth, mean, 0.0), np.random.default_rng([seed, 5]))
        both = (as_cells(effects), TraceSettings()), (as_donors(effects, sizes), DONORS)
        called = [benjamini_hochberg(statistics(*each)["p"].to_numpy()) <= 0.05 for each in both]
        rates.append([(~truth[each]).mean() for each in called] + [called[1][truth].mean()])
    cells, donors, recall = np.mean(rates, axis=0)
    assert donors <= 0.05
    assert cells > 0.1
    assert recall >= 0.95


def test_every_number_equals_the_slow_twin():
    """All flips of donors, one after the other."""
    sizes, rng = (5, 1, 9, 3, 7, 2, 4, 6, 8), np.random.default_rng(0)
    effects = donor_effects(sizes, 0.3, np.linspace(0, 2, 12), rng) * (rng.random((sum(sizes), 12)) < 0.6)
    effects = effects.astype(np.float32).astype(np.float64)
    effects[donors_of(sizes) == 1, 3] = 0
    found = statistics(as_donors(effects, sizes), DONORS)
    means = np.array([[effects[donors_of(sizes) == g, t].mean() for t in range(12)] for g in range(9)])
    np.testing.assert_allclose(means, unit_effects(effects, donors_of(sizes)).effects, atol=1e-12)
    sd = means.std(0, ddof=1)
    d = means.mean(0) / sd
    for name, slow in {"mean": means.mean(0), "sd": sd, "d": d, "g": d * (1 - 3 / 31)}.items():
        np.testing.assert_allclose(found[name], slow, rtol=1e-6)
    flips = [np.abs((np.array(signs)[:, None] * means).sum(0)) for signs in product((1, -1), repeat=9)]
    reached = (np.array(flips) >= np.abs(means.sum(0)) - 1e-9).mean(0)
    np.testing.assert_allclose(found["p"], reached, rtol=1e-12)
    assert found["exact"].all()
    assert found["n_pos"].to_list() == (means > 0).sum(0).tolist()
    assert found["n_neg"].to_list() == (means < 0).sum(0).tolist()
    assert set(found["n_units"]) == {9}
    assert set(found["n_cells"]) == {sum(sizes)}


def test_donors_of_one_cell_are_cells():
    effects = donor_effects((1,) * 14, 0.2, np.linspace(0, 1.5, 40), np.random.default_rng(2))
    cells, donors = statistics(as_cells(effects), TraceSettings()), statistics(as_donors(effects, (1,) * 14), DONORS)
    assert cells["n_units"].null_count() == 40
    assert donors.drop("n_units").equals(cells.drop("n_units"))


def test_a_feature_in_too_few_donors_is_not_tested_and_makes_no_edge():
    sizes = (20,) * 7
    effects = donor_effects(sizes, 0.05, np.full(30, 5.0), np.random.default_rng(4))
    found = feature_statistics(as_donors(effects, sizes), NAMES, DONORS, CPU)
    for name in ("p", "n_exceed", "n_perm", "exact"):
        assert found.tests[name].null_count() == 30
    assert found.null["observed"].to_list() == found.null["expected_null"].to_list() == [0, 0]
    assert found.sweep["degree"].sum() == found.sweep["expected_null"].sum() == 0
    enough = DONORS.model_copy(update={"min_units": 7})
    again = feature_statistics(as_donors(effects, sizes), NAMES, enough, CPU)
    assert (again.tests["p"] == 1 / 64).all()
    assert set(again.null["observed"]) == {30}
    assert set(again.null["n_cells"]) == {140}


def test_an_effect_in_too_few_of_the_donors_makes_no_edge():
    sizes = (10,) * 12
    effects = donor_effects(sizes, 0.05, np.full(2, 5.0), np.random.default_rng(4))
    effects[donors_of(sizes) > 6, 0] = 0
    found = feature_statistics(as_donors(effects, sizes), NAMES, DONORS, CPU)
    assert found.tests["n_pos"].to_list() == [7, 12]
    assert set(found.null["observed"]) == {1}


def test_chance_expectations_are_those_of_donors():
    """How many of the pairs that mean nothing pass the calibrated rule's effect and agreement."""
    sizes = SIZES["10x20"]
    effects = donor_effects(sizes, 0.2, np.zeros(3000), np.random.default_rng(11))
    null = feature_statistics(as_donors(effects, sizes), NAMES, DONORS, CPU).null
    for row in null.iter_rows(named=True):
        assert row["expected_null"] == pytest.approx(row["observed"], rel=0.15)
    settings = TraceSettings()
    over_cells = feature_statistics(as_cells(effects), NAMES, settings, CPU).null
    assert (over_cells["expected_null"] <= 1).all()
