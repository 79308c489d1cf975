"""Cohorts on planted states: equal terms, the obvious formula, what pooled autoencoders find, and rates of errors."""

import numpy as np
import polars as pl
import pytest
import torch

from tasks.analyses.cohort.contrasts import compared, contrasts
from tasks.analyses.cohort.sources import deal
from tasks.analyses.cohort.step import POOLED, CohortSettings
from tasks.analyses.cohort.training import settings_of
from tasks.compare.overlap import highest_cosines
from tasks.sae.settings import SaeSettings
from tests.builders.planted_cohorts import NAMES, plant_cohorts, trained_cohorts

FULL = SaeSettings(
    expansion=4, k=2, steps=400, batch=256, warmup=20, decay=150, dead_after=2000, log_every=400, lr=1e-2
)
QUICK = FULL.model_copy(update={"expansion": 2, "steps": 40, "batch": 128, "warmup": 5, "decay": 10, "log_every": 40})
FOUND = 0.9  # a direction is found again above this cosine


@pytest.fixture(scope="module")
def apart():
    """A world of two sources without a direction in common, and what came of it."""
    world = plant_cohorts(0, equal=False, n_train=(210, 120))
    return world, *trained_cohorts(world, FULL)


def test_all_are_trained_on_equal_terms_and_no_cell_twice():
    world = plant_cohorts(1, equal=True, n_train=(61, 40), n_heldout=(9, 12))
    cohorts = deal(world.sources, world.cell_id, (5, 7, 8), 0)
    assert [(one.name, one.seed) for one in cohorts[:3]] == [(POOLED, 5), (NAMES[0], 5), (NAMES[1], 5)]
    assert {one.n_cells for one in cohorts} == {12}  # of 40 cells 13 a seed, and two sources share evenly
    assert len({len(one.rows) for one in cohorts}) == 1
    cells = {(one.name, one.seed): set(world.cell_id[one.rows].tolist()) for one in cohorts}
    for source in world.sources:
        own = [cells[source.name, seed] for seed in (5, 7, 8)]
        assert sum(map(len, own)) == len(set().union(*own)) == 36
        assert set().union(*own) <= set(source.train.tolist())
        for seed, single in zip((5, 7, 8), own, strict=True):
            part = cells[POOLED, seed] & set(source.train.tolist())
            assert len(part) == 6
            assert part <= single
    for one in cohorts:
        assert (np.diff(one.rows) > 0).all()
        if one.name == POOLED:
            lung = np.isin(world.cell_id[one.rows], world.sources[1].train)
            assert lung.sum() * 2 == len(one.rows)


def test_cells_of_unequal_length_give_equal_numbers_of_positions():
    world = plant_cohorts(2, equal=True)
    kept = np.random.default_rng(0).random(len(world.cell_id)) < 0.2 + 0.8 * (world.cell_id < 80)
    kept[np.unique(world.cell_id, return_index=True)[1]] = True
    cohorts = deal(world.sources, world.cell_id[kept], (0, 1, 2), 3)
    assert len({len(one.rows) for one in cohorts}) == 1
    again = deal(world.sources, world.cell_id[kept], (0, 1, 2), 3)
    assert all(np.array_equal(a.rows, b.rows) for a, b in zip(cohorts, again, strict=True))
    other = deal(world.sources, world.cell_id[kept], (0, 1, 2), 4)
    assert not all(np.array_equal(a.rows, b.rows) for a, b in zip(cohorts, other, strict=True))


def test_fvu_is_that_of_the_obvious_formula(apart):
    world, made, rows = apart
    for cohort, sae in made[:4]:
        for source in world.sources:
            errors, deviations, states = 0.0, 0.0, []
            for cell in source.heldout:
                states += [world.hidden[row].double() for row in np.flatnonzero(world.cell_id == cell)]
            mean = sum(states) / len(states)
            for x in states:
                p = (x - sae.b_dec.double()) @ sae.W_enc.double() + sae.b_enc.double()
                x_hat = sae.b_dec.double()
                for feature in sorted(range(sae.n_features), key=lambda f: -float(p[f]))[: sae.k]:
                    x_hat = x_hat + max(float(p[feature]), 0.0) * sae.W_dec[feature].double()
                errors += float((x - x_hat) @ (x - x_hat))
                deviations += float((x - mean) @ (x - mean))
            (found,) = rows.filter(cohort=cohort.name, seed=cohort.seed, source=source.name)["fvu"]
            assert found == pytest.approx(errors / deviations, rel=1e-4)


def test_the_pooled_autoencoder_finds_what_both_sources_have_and_a_single_one_its_own(apart):
    world, made, rows = apart
    halves = dict(zip(NAMES, torch.split(world.atoms, len(world.atoms) // 2), strict=True))
    for cohort, sae in made:
        for name, atoms in halves.items():
            recall = float((highest_cosines(atoms, sae.W_dec) > FOUND).float().mean())
            assert (recall >= 0.8) == (cohort.name in (POOLED, name)), (cohort.name, cohort.seed, name, recall)
    table = {(row["metric"], row["source"], row["cohort"]): row for row in contrasts(rows)}
    for name, other in (NAMES, NAMES[::-1]):
        foreign, pooled = table["fvu", name, other], table["fvu", name, POOLED]
        assert foreign["low"] > 0.2
        assert 0 <= pooled["mean"] < 0.25 * foreign["mean"]  # half the positions of each source are left


def misses(n_worlds: int, *, equal: bool) -> np.ndarray:
    """Whether the interval misses 0: of pooled and of the other source, in the order of ``contrasts``."""
    found = []
    for seed in range(n_worlds):
        _, rows = trained_cohorts(plant_cohorts(seed, equal=equal, n_train=(36, 48)), QUICK)
        found.append([row["low"] > 0 or row["high"] < 0 for row in contrasts(rows) if row["metric"] == "fvu"])
    return np.array(found)


def test_equal_sources_differ_by_nothing():
    assert misses(8, equal=True).sum() <= 5  # of 32, of which those of one world are related


@pytest.mark.slow
def test_intervals_miss_nothing_as_often_as_they_say():
    assert misses(60, equal=True).mean() <= 0.1


def test_numbers_of_a_contrast_and_what_cannot_be_said():
    found = compared({0: 0.5, 1: 0.7, 2: 0.6}, {0: 0.2, 1: 0.3, 2: 0.4})
    assert found["mean"] == pytest.approx(0.3)
    assert found["sd"] == pytest.approx(0.1)
    half = 4.302653 * 0.1 / 3**0.5  # Student's quantile with two degrees of freedom
    assert (found["low"], found["high"]) == pytest.approx((0.3 - half, 0.3 + half))
    assert found["p"] == pytest.approx(0.0351, abs=1e-4)
    assert (found["own_mean"], found["cohort_mean"], found["n_seeds"]) == (pytest.approx(0.3), pytest.approx(0.6), 3)
    for other, own, reason in (
        ({0: None, 1: None}, {0: 0.1, 1: 0.2}, "no seed"),
        ({0: 0.3, 1: None}, {0: 0.1, 1: 0.2}, "one seed"),
        ({0: 0.3, 1: 0.4}, {0: 0.1, 1: 0.2}, "all seeds differ by the same"),
    ):
        found = compared(other, own)
        assert found["reason"].startswith(reason)
        assert found["p"] is found["low"] is None


def test_annotation_is_compared_beyond_its_null():
    rows = pl.DataFrame(
        [
            {"cohort": cohort, "seed": seed, "source": source, "fvu": 0.1 * seed + 0.1 * (cohort != source),
             "annotated_fraction": 0.5 + 0.01 * seed * (cohort == POOLED), "null_annotated": 0.1 * (cohort == POOLED)}
            for cohort in (POOLED, *NAMES) for seed in range(3) for source in NAMES
        ]
    )  # fmt: skip
    table = {(row["metric"], row["source"], row["cohort"]): row for row in contrasts(rows)}
    assert len(table) == 2 * 2 * 2
    assert table["annotated", NAMES[0], POOLED]["mean"] == pytest.approx(0.01 - 0.1)
    assert table["annotated", NAMES[0], NAMES[1]]["reason"].startswith("all seeds")
    assert all((row["q"] is None) == (row["p"] is None) for row in table.values())
    assert all(row["q"] >= row["p"] for row in table.values() if row["p"] is not None)


def test_training_has_the_settings_of_section_sae_but_for_seed_and_length():
    common = SaeSettings(variant="gated", steps=1000, warmup=50, decay=400, patience=3, seed=4, path="x/{layer}")
    own = settings_of(common, 100, 9)
    assert (own.seed, own.steps, own.warmup, own.decay, own.patience, own.path) == (9, 100, 5, 40, None, None)
    assert (own.variant, own.lr, own.batch) == (common.variant, common.lr, common.batch)
    assert settings_of(common, 5000, 9).steps == settings_of(common, None, 9).steps == 1000


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "name the obs column"),
        ({"column": "a", "seeds": [1, 1, 2]}, "give different ones"),
        ({"column": "a", "seeds": [1, 2]}, "at least 3 items"),
        ({"column": "a", "groups": {"x": ["1"]}}, "names x alone"),
        ({"column": "a", "groups": {"x": ["1"], "pooled": ["2"]}}, "no source can be called pooled"),
        ({"column": "a", "groups": {"x": ["1"], "y": ["2", "1"]}}, "names 1 twice"),
    ],
)
def test_settings_that_say_nothing_are_refused(given, told):
    with pytest.raises(ValueError, match=told):
        CohortSettings(wanted=True, **given)
