"""Tests of arms on planted costs: errors are as rare as they say, what degree adds is found, and frequency misleads."""

from collections import defaultdict

import numpy as np
import polars as pl
import pytest

from tasks.analyses.damage.comparisons import (
    ARM_PAIRS,
    arm_tests,
    comparison_rows,
    given_frequency,
    paired_tests,
    rank_tests,
)
from tasks.analyses.damage.summary import ITEM, published, same_cells, summary_rows
from tests.builders.planted_damage import planted_costs

SOUND = ("hub_matched", "degree_given")
UNMATCHED = ("hub_random", "degree")


def rates(n_worlds, first=0, **planted):
    """By test, the share of p <= 0.05."""
    called = defaultdict(list)
    for seed in range(first, first + n_worlds):
        costs = planted_costs(seed, **planted)
        arms, ranks = arm_tests(costs, ARM_PAIRS, "two-sided"), rank_tests(costs, given_frequency)
        for row in (*paired_tests(costs, 199, [seed]), *arms, *ranks):
            called[row["test"]].append(row["p"] <= 0.05)
    return {test: float(np.mean(found)) for test, found in called.items()}


def most(n_worlds):
    """Three standard errors above 0.05."""
    return 0.05 + 3 * (0.05 * 0.95 / n_worlds) ** 0.5


def test_hubs_chosen_at_random_are_found_no_more_often_than_chance_says():
    assert max(rates(100, exchangeable=True).values()) <= most(100)


def test_cost_that_follows_frequency_fools_unmatched_tests_alone():
    found = rates(100, by_frequency=1.0)
    assert max(found[test] for test in SOUND) <= most(100)
    assert min(found[test] for test in UNMATCHED) >= 0.9


def test_what_degree_adds_is_found():
    found = rates(30, by_frequency=1.0, by_degree=1.0)
    assert min(found[test] for test in SOUND) >= 0.9


@pytest.mark.slow
@pytest.mark.parametrize("planted", [{"exchangeable": True}, {"by_frequency": 1.0}, {"by_frequency": 3.0}], ids=str)
def test_rates_hold_over_many_layers(planted):
    found = rates(600, 1000, **planted)
    assert max(found[test] for test in SOUND) <= most(600)


def cells_of(silent, n_cells=50, n_features=6):
    """Rows of lm_damage: taking out does nothing at all, cells differ in how hard they are, some are silent."""
    rng = np.random.default_rng(0)
    hard = np.sort(rng.normal(5.4, 0.6, n_cells))
    rows = [
        (arm, "ablated", place, arm_number * 100 + place, cell, cell < n_cells - silent, hard[cell])
        for arm_number, arm in enumerate(("hub", "matched", "random"))
        for place in range(1, n_features + 1)
        for cell in range(n_cells)
    ]
    rows += [("hub", "zero", 0, None, cell, True, hard[cell]) for cell in range(n_cells)]
    names = ["arm", "change", "place", "feature", "cell_id", "active", "ce_clean"]
    frame = pl.DataFrame(rows, schema=names, orient="row")
    return frame.with_columns(ce_ablated="ce_clean", n_masked=305, norm=1.0, n_right_clean=47, n_right_ablated=47)


@pytest.mark.parametrize("silent", [0, 10])
def test_cells_where_a_feature_is_silent_make_its_published_cost(silent):
    """Features that are silent in the ten hardest of fifty cells seem to help by 0.2 nat, as one published did."""
    cells = cells_of(silent)
    assert set(same_cells(cells)["cost"]) == {0.0}
    costs = published(cells)["cost"].to_numpy()
    assert len(costs) == 18
    if silent:
        assert np.all((costs < -0.15) & (costs > -0.3))
    else:
        np.testing.assert_allclose(costs, 0, atol=1e-12)


def test_both_rules_are_plain_sums():
    cells, rng = cells_of(7), np.random.default_rng(1)
    noise = rng.normal(0, 0.1, cells.height)
    cells = cells.with_columns(
        ce_ablated=pl.when(pl.col("active") & (pl.col("place") > 0))
        .then(pl.col("ce_clean") + noise)
        .otherwise("ce_clean"),
        n_masked=pl.Series(rng.integers(200, 400, 50)[cells["cell_id"].to_numpy()]),
    )
    ours, theirs = (table.filter(pl.col("place") > 0) for table in (same_cells(cells), published(cells)))
    whole = cells.filter(place=0)
    clean = (whole["ce_clean"] * whole["n_masked"]).sum() / whole["n_masked"].sum()
    for mine, other in zip(ours.iter_rows(named=True), theirs.iter_rows(named=True), strict=True):
        own = cells.filter(arm=mine["arm"], place=mine["place"])
        assert [mine[name] for name in ITEM] == [other[name] for name in ITEM]
        assert mine["cost"] == pytest.approx(sum((own["ce_ablated"] - own["ce_clean"]).to_list()) / 50)
        used = own.filter("active")
        pooled = (used["ce_ablated"] * used["n_masked"]).sum() / used["n_masked"].sum()
        assert other["cost"] == pytest.approx(pooled - clean)
        assert (mine["n_active"], other["n_active"]) == (43, 43)


def test_tables_say_what_was_compared():
    cells = cells_of(5).vstack(cells_of(5).filter(place=0).with_columns(arm=pl.lit("hub"), change=pl.lit("ablated")))
    for change in ("random_direction", "covariance_matched"):
        cells = cells.vstack(cells.filter(arm="hub", change="ablated").with_columns(change=pl.lit(change)))
    for arm in ("matched", "random"):
        cells = cells.vstack(cells_of(5).filter(place=0).with_columns(arm=pl.lit(arm), change=pl.lit("ablated")))
    numbers = cells["feature"].drop_nulls().unique().sort()
    known = pl.DataFrame({"feature": numbers, "degree": range(18), "frequency": [0.01 * (i + 1) for i in range(18)]})
    tests = pl.DataFrame(comparison_rows(cells, known, 99, [0]), infer_schema_length=None)
    assert set(tests.filter(rule="same_cells")["test"]) == {
        "hub_matched", "hub_random", "matched_random", "hub_random_direction", "hub_covariance_matched",
        "together_hub_matched", "together_hub_random", "together_hub_random_direction",
        "together_hub_covariance_matched",
    }  # fmt: skip
    assert tests.filter(rule="same_cells")["p"].min() > 0.999  # nothing costs anything
    arms = pl.DataFrame(summary_rows(cells, known, 99, [0]), infer_schema_length=None)
    assert arms.filter(rule="same_cells")["mean"].abs().max() == 0
    assert arms.filter("together")["n_units"].unique().to_list() == [50]
