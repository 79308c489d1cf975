"""How often questions are answered with yes where nothing is there, over many draws, and where something is."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import polars as pl
import pytest

from tests.builders.claim_cases_edges import WITH_DONORS, controls, donors
from tests.builders.claim_cases_features import guilt, labels, one
from tests.builders.claim_cases_interventions import damage, patched
from tests.builders.claim_cases_networks import joint, pairs, rewired
from tests.builders.claim_cases_traps import directions, modules
from tests.builders.planted_claims import Tables, clear, open_planted, plant
from tests.builders.thinned import thinned
from warehouse.claims.item import items

N_DRAWS = 400
LARGE = {"targets_beyond_genes", "features_interact"}  # tables that take long to make
SQL = {item.name: item.sql for item in items()}
Build = Callable[[np.random.Generator], Tables]


@pytest.fixture(scope="module")
def passed() -> Iterator[Callable[..., pl.DataFrame]]:
    """Gates of a question in as many runs as draws: run_id, part, sound, passed, observed."""
    with open_planted() as con:

        def gates(build: Build, item: str, n_draws: int = N_DRAWS, study: str = "{}") -> pl.DataFrame:
            plant(con, {f"{draw}": build(np.random.default_rng(draw)) for draw in range(n_draws)}, study)
            found = con.execute(f"SELECT * FROM ({SQL[item]})").pl()
            clear(con)
            return found

        yield gates


def most(n_draws: int, rate: float = 0.05) -> float:
    """The realised rate that two standard errors allow."""
    return rate + 2 * float(np.sqrt(rate * (1 - rate) / n_draws))


def by_run(gates: pl.DataFrame) -> float:
    """Share of runs of which all parts are sound and pass."""
    return float(gates.group_by("run_id").agg((pl.col("sound") & pl.col("passed")).all())["sound"].mean())


QUESTIONS = {
    "features_beyond_random_directions": (partial(controls, generic=1.0), partial(controls, generic=0.1)),
    "targets_beyond_genes": (partial(pairs, gain=0, n_genes=150), partial(pairs, gain=0.9, n_genes=150)),
    "targets_beyond_rewiring": (partial(rewired, shift=0), partial(rewired, shift=0.04)),
    "types_beyond_chance": (partial(labels, effect=0), partial(labels, effect=2.5)),
    "features_interact": (partial(joint, stacked=True), partial(joint, stacked=True, excess=1)),
    "guilt_beyond_chance": (partial(guilt, shift=0), partial(guilt, shift=0.05)),
    "targets_beyond_directions": (partial(patched, power=1), partial(patched, power=4)),
    "hubs_cost_more": (partial(damage, shift=0), partial(damage, shift=6)),
    "modules_beyond_chance": (partial(modules, shift=0), partial(modules, shift=0.1)),
    "directions_beyond_genes": (
        partial(directions, slope=0, usual=1, n=60, n_genes=350),
        partial(directions, slope=1, n=60, n_genes=350),
    ),
}


@pytest.mark.parametrize("item", thinned(QUESTIONS, 2))
def test_few_draws_of_nothing_pass_and_most_truths_do(passed, item):
    trap, truth = QUESTIONS[item]
    if item == "targets_beyond_rewiring":  # the observed value is a draw of the null itself
        trap = lambda rng: rewired(rng, shift=float(rng.normal(0, 0.01)))  # noqa: E731
    n_draws = N_DRAWS // 4 if item in LARGE else N_DRAWS
    assert by_run(passed(trap, item, n_draws)) <= most(n_draws)
    assert by_run(passed(truth, item, 30)) >= 0.95


@pytest.mark.parametrize("falls", [0.5, 0.9])
def test_predictions_of_no_pair_pass_at_the_level_however_many_falls_they_say(passed, falls):
    gates = passed(partial(directions, slope=0, falls=falls, n=60, n_genes=350), "directions_beyond_genes", 200)
    assert 0.01 <= by_run(gates) <= most(200)


def test_each_control_alone_keeps_its_level(passed):
    gates = passed(partial(controls, generic=1.0), "features_beyond_random_directions")
    rates = gates.group_by("part").agg(pl.col("passed").mean())["passed"]
    assert rates.len() == 2
    assert rates.max() <= most(N_DRAWS)
    assert rates.min() >= 0.005


def test_a_share_above_every_random_list_is_as_rare_as_it_says(passed):
    def shares(rng: np.random.Generator, gain: float) -> Tables:
        null = rng.beta(20, 30, 20)
        numbers = {"annotated_fraction": rng.beta(20, 30) + gain, "null_mean": null.mean(), "null_max": null.max()}
        return {"annotation_summary": one(sae_id="L00-a", library="all", rule="default", n_null=20, **numbers)}

    item = "annotated_beyond_chance"
    assert 0.01 <= by_run(passed(partial(shares, gain=0), item)) <= most(N_DRAWS, 1 / 21)
    assert by_run(passed(partial(shares, gain=0.4), item, 50)) >= 0.95


@pytest.mark.parametrize("n_donors", [6, pytest.param(10, marks=pytest.mark.slow)])
def test_donors_as_units_keep_the_level_that_cells_break(passed, n_donors):
    """Of pairs without an effect, whose donors differ: 5 % hold by donors, four in ten would be called by cells."""
    build = partial(donors, mean=0, n_donors=n_donors, n_pairs=400, called=0.0)
    gates = passed(build, "edges_of_other_donors", 3, WITH_DONORS)
    assert gates["observed"].mean() == pytest.approx(0.05, abs=2 * np.sqrt(0.05 * 0.95 / 1_200))
    called = [
        donors(np.random.default_rng(draw), mean=0, n_donors=n_donors, n_pairs=400)["edge"].height for draw in range(3)
    ]
    assert 0.3 < np.mean(called) / 400 < 0.55


def slow_donor_share(tables: Tables) -> float:
    """The share of edges that hold, pair by pair with the t test of scipy."""
    from scipy.stats import ttest_1samp

    donor = np.array(tables["cell_obs"]["value"].to_list())
    effects = np.array(tables["effect_cell"]["deltas"].to_list(), dtype=np.float32)
    means = np.stack([effects[donor == name].mean(0, dtype=np.float64) for name in np.unique(donor)])
    tested = tables["edge"]["target_feature"].to_numpy()
    return float(np.mean(ttest_1samp(means[:, tested], 0).pvalue < 0.05))


def test_donors_agree_with_the_slow_twin(passed):
    tables = donors(np.random.default_rng(5), mean=0.12, n_donors=10, n_pairs=200)
    gates = passed(lambda _: tables, "edges_of_other_donors", 1, WITH_DONORS)
    assert 0.2 < gates["observed"][0] < 0.95
    assert gates["observed"][0] == pytest.approx(slow_donor_share(tables), abs=1 / 200)
