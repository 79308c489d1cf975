"""Do hubs cost the model more than other features? Features are the units, or cells where an arm is taken out whole.

1. ``hub_matched``: each hub less its match, which fires as often; signs of the differences are flipped. Likewise
   ``hub_random_direction`` and ``hub_covariance_matched``: each hub less its activations along another direction.
2. ``hub_random``, ``matched_random``: Mann-Whitney tests of two arms. Hubs fire more often than random features, and
   features that fire more often do more: the first of the two says little of edges, and ``imbalance`` says how little.
3. ``degree_given``: Spearman's correlation, over the features of all arms, of what a natural spline of log10 frequency
   leaves of log10(degree + 1) and of cost; ``degree`` and ``frequency`` with cost as they are. Published: a line in the
   ranks of frequency is taken off ranks, which leaves some of a strong confounder: 9 to 11 % errors on planted costs.
4. ``together_...``: one arm less another, both taken out whole, cell by cell; signs of cells are flipped. Only arms of
   equally many features are compared.
5. Benjamini-Hochberg over all tests of a layer, two-sided. Rule ``published``: steps 2 and 3 on published costs, arms
   by one-sided tests (the first costs more), without correction.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import mannwhitneyu

from tasks.analyses.damage.summary import COST, published, same_cells
from tasks.statistics.fdr import benjamini_hochberg
from tasks.statistics.matching import balance
from tasks.statistics.partial_rank import PartialRank, partial_spearman
from tasks.statistics.splines import fitted, natural_spline
from tasks.statistics.unit_flips import UnitEffects, flip_units
from tasks.trace.controls import DIRECTIONS

Floats = NDArray[np.float64]
Row = dict[str, Any]
Given = Callable[[Floats, Floats, Floats], PartialRank]  # of degree, cost and frequency
GIVEN = {"hub_matched", "degree_given", "together_hub_matched"}
ARM_PAIRS = (("hub", "random"), ("matched", "random"))
PUBLISHED_PAIRS = (("hub", "random"), ("hub", "matched"), ("matched", "random"))
FEWEST = 5  # features of an arm whose ranks are compared
FEWEST_FLIPPED = 6  # pairs whose signs are flipped: fewer can give no p of 0.05


def comparison_rows(cells: pl.DataFrame, features: pl.DataFrame, n_draws: int, seed: list[int]) -> list[Row]:
    """Rows of damage_test behind sae_id, of rows of lm_damage; ``features``: feature, degree and frequency."""
    ours = same_cells(cells).join(features, on="feature", how="left", maintain_order="left")
    theirs = published(cells).join(features, on="feature", how="left", maintain_order="left")
    rows = [
        *paired_tests(ours, n_draws, seed),
        *arm_tests(ours, ARM_PAIRS, "two-sided"),
        *rank_tests(ours, given_frequency),
    ]
    rows += together_tests(cells, n_draws, seed)
    q = benjamini_hochberg(np.array([row["p"] for row in rows], dtype=np.float64))
    sound = [{"rule": "same_cells", **row, "q": float(each)} for row, each in zip(rows, q, strict=True)]
    as_published = [*arm_tests(theirs, PUBLISHED_PAIRS, "greater"), *rank_tests(theirs, partial_spearman)]
    return [*sound, *({"rule": "published", **row, "q": None} for row in as_published)]


def paired_tests(costs: pl.DataFrame, n_draws: int, seed: list[int]) -> Iterator[Row]:
    """Step 1; ``costs``: columns of ``same_cells`` with degree and frequency."""
    others = {"hub_matched": ("matched", "ablated"), **{f"hub_{name}": ("hub", name) for name in DIRECTIONS}}
    hubs = _alone(costs, "hub")
    for number, (test, (arm, change)) in enumerate(others.items()):
        both = hubs.join(_alone(costs, arm, change), on="place", suffix="_other", maintain_order="left")
        if both.height >= FEWEST_FLIPPED:
            apart = _imbalance(both["frequency"], both["frequency_other"]) if arm != "hub" else None
            found = flipped(both["cost"].to_numpy(), both["cost_other"].to_numpy(), n_draws, [*seed, number])
            yield _row(test, imbalance=apart, **found)


def arm_tests(costs: pl.DataFrame, pairs: tuple[tuple[str, str], ...], alternative: str) -> Iterator[Row]:
    """Step 2; the statistic is the share of pairs of features in which the first arm's costs more."""
    for first, second in pairs:
        one, other = _alone(costs, first), _alone(costs, second)
        if min(one.height, other.height) >= FEWEST:
            found = mannwhitneyu(one["cost"], other["cost"], alternative=alternative)
            sides = _sides(one["cost"].to_numpy(), other["cost"].to_numpy())
            auroc = float(found.statistic) / (one.height * other.height)
            apart = _imbalance(one["frequency"], other["frequency"])
            yield _row(f"{first}_{second}", statistic=auroc, p=float(found.pvalue), imbalance=apart, **sides)


def rank_tests(costs: pl.DataFrame, given: Given) -> Iterator[Row]:
    """Step 3; ``given`` correlates degree and cost given frequency. Nothing where one of the two does not vary."""
    every = costs.filter(pl.col("place") > 0, pl.col("change") == "ablated")
    cost, degree, frequency = (every[name].to_numpy().astype(np.float64) for name in ("cost", "degree", "frequency"))
    if every.height < FEWEST or not np.ptp(cost) or not np.ptp(degree):
        return
    correlations = {
        "degree": partial_spearman(degree, cost),
        "frequency": partial_spearman(frequency, cost),
        "degree_given": given(degree, cost, frequency),
    }
    for test, found in correlations.items():
        if not np.isnan(found.p):
            yield _row(test, statistic=found.rho, p=found.p, n_first=every.height)


def given_frequency(degree: Floats, cost: Floats, frequency: Floats) -> PartialRank:
    """Spearman's correlation of what a natural spline of log10 frequency leaves of log10(degree + 1) and of cost."""
    spline = natural_spline(np.log10(frequency))
    left = [np.round(each - fitted(each, spline), 12) for each in (np.log10(degree + 1), cost)]  # they are ranked
    return partial_spearman(left[0], left[1])


def together_tests(cells: pl.DataFrame, n_draws: int, seed: list[int]) -> Iterator[Row]:
    """Step 4."""
    sizes = {arm: own["place"].n_unique() for (arm,), own in cells.filter(pl.col("place") > 0).group_by("arm")}
    whole = cells.filter(place=0).with_columns(cost=COST).sort("cell_id")
    cost = {key: own["cost"].to_numpy() for key, own in whole.group_by("arm", "change", maintain_order=True)}
    others = {name: (name, "ablated") for name in ("matched", "random") if sizes.get(name) == sizes["hub"]}
    others |= {name: ("hub", name) for name in DIRECTIONS}
    for number, (name, key) in enumerate(others.items()):
        if len(cost[key]) >= FEWEST_FLIPPED:
            found = flipped(cost["hub", "ablated"], cost[key], n_draws, [*seed, 10 + number])
            yield _row(f"together_hub_{name}", **found)


def flipped(first: Floats, second: Floats, n_draws: int, seed: list[int]) -> Row:
    """The mean difference of paired units [n], and its p under sign flips."""
    effects = UnitEffects((first - second)[:, None], np.ones(len(first), np.int64), np.arange(len(first)))
    draws = flip_units(effects, n_draws, seed)
    return {**_sides(first, second), "statistic": float(draws.observed[0]), "p": float(draws.p("two-sided")[0])}


def _alone(costs: pl.DataFrame, arm: str, change: str = "ablated") -> pl.DataFrame:
    return costs.filter(pl.col("place") > 0, arm=arm, change=change)


def _sides(first: Floats, second: Floats) -> Row:
    means = {"first": float(first.mean()), "second": float(second.mean())}
    return {**means, "n_first": len(first), "n_second": len(second)}


def _imbalance(first: pl.Series, second: pl.Series) -> float:
    """How far two arms' mean log10 frequencies are apart, in standard deviations of the first."""
    both = np.log10(np.concatenate([first.to_numpy(), second.to_numpy()]))
    places = np.arange(len(both))
    found = balance(places[: len(first)], places[len(first) :][None], both, ["log10_frequency"])
    return float(found["difference_in_sd"][0])


def _row(test: str, **values: float | int | None) -> Row:
    nothing = dict.fromkeys(("n_second", "first", "second", "imbalance"))
    return {"test": test, "given_frequency": test in GIVEN, **nothing, **values}
