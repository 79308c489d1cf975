"""Rates of both p on planted differences: noise of cells, directions that mean nothing, donors that differ."""

import numpy as np
import polars as pl
import pytest

from tasks.analyses.patching.significance import flip_tests, with_directions, with_q
from tasks.analyses.patching.step import PatchingSettings

FAST = PatchingSettings(n_flips=500, fine_flips=500)
KIND = "term"


def frame(differences):
    """patch_cell of ``differences`` [F, n] by treatment: feature f in cell c."""
    parts = []
    for treatment, values in differences.items():
        features, cells = np.meshgrid(*(np.arange(size) for size in values.shape), indexing="ij")
        columns = {"feature": features.ravel(), "cell_id": cells.ravel(), "difference": values.ravel()}
        parts.append(pl.DataFrame(columns).with_columns(treatment=pl.lit(treatment)))
    same = {name: pl.lit(1.0) for name in ("target_effect", "other_effect", "elsewhere", "kl", "dose")}
    return pl.concat(parts).with_columns(target_kind=pl.lit(KIND), **same)


def noise(rng, n_features, n_cells):
    """Symmetric, of another spread in every cell."""
    return rng.standard_normal((n_features, n_cells)) * rng.lognormal(0, 0.7, (n_features, n_cells))


def real(rows):
    return [row for row in rows if row["treatment"] == "real"]


def test_noise_of_cells_is_called_as_often_as_said_and_planted_effects_are_found():
    rng = np.random.default_rng(0)
    values = noise(rng, 300, 16)
    planted = np.arange(300) < 60
    values[planted] -= 2.5
    rows, family = with_q(real(flip_tests(frame({"real": values}), None, FAST, 0)), 0)
    p, q = (np.array([row[name] for row in rows]) for name in ("p", "q"))
    assert np.mean(p[~planted] <= 0.05) <= 0.05 + 3 * (0.05 * 0.95 / 240) ** 0.5
    called = q <= 0.05
    assert (called & ~planted).sum() / called.sum() <= 0.05 * 0.8 + 3 * (0.04 * 0.96 / called.sum()) ** 0.5
    assert called[planted].mean() >= 0.9
    assert family.n_tests == 300


def directions(rng, n_features, n_cells, spread=1.0):
    """Each direction has an effect of its own, the same in all cells."""
    return noise(rng, n_features, n_cells) + spread * rng.standard_normal((n_features, 1))


def test_what_any_direction_does_is_no_finding_by_p_direction():
    rng = np.random.default_rng(1)
    null, found, alone = [], [], []
    for _ in range(10):
        values = directions(rng, 30, 20)
        values[:5] -= 8.0
        controls = {name: directions(rng, 30, 20) for name in ("random_direction", "covariance_matched")}
        rows = real(with_directions(flip_tests(frame({"real": values, **controls}), None, FAST, 0)))
        p = np.array([row["p_direction"] for row in rows])
        found += (p[:5] <= 0.05).tolist()
        null += (p[5:] <= 0.05).tolist()
        alone += [row["p"] <= 0.05 for row in rows[5:]]
    assert np.mean(null) <= 0.05 + 3 * (0.05 * 0.95 / len(null)) ** 0.5
    assert np.mean(found) >= 0.9
    assert np.mean(alone) > 0.3  # flips of cells know nothing of directions


def test_donors_that_differ_are_no_finding_where_signs_of_donors_are_flipped():
    rng = np.random.default_rng(2)
    donor = np.arange(64) % 8
    values = noise(rng, 200, 64) + 1.5 * rng.standard_normal((200, 8))[:, donor]
    units = {cell: f"d{donor[cell]}" for cell in range(64)}
    by_donor = real(flip_tests(frame({"real": values}), units, FAST, 0))
    by_cell = real(flip_tests(frame({"real": values}), None, FAST, 0))
    assert {row["n_units"] for row in by_donor} == {8}
    assert np.mean([row["p"] <= 0.05 for row in by_donor]) <= 0.05 + 3 * (0.05 * 0.95 / 200) ** 0.5
    assert np.mean([row["p"] <= 0.05 for row in by_cell]) > 0.25
    means = [np.mean([values[3][donor == one].mean() for one in range(8)])]
    assert by_donor[3]["difference"] == pytest.approx(means[0])


def test_one_cell_has_a_row_and_nothing_to_test():
    (row,) = with_directions(flip_tests(frame({"real": np.array([[0.5]])}), None, FAST, 0))
    assert (row["p"], row["sd"], row["p_direction"]) == (1.0, None, None)


@pytest.mark.slow
def test_rates_hold_over_many_features():
    rng = np.random.default_rng(3)
    for n_cells in (6, 12, 40):
        rows = real(flip_tests(frame({"real": noise(rng, 2000, n_cells)}), None, FAST, 0))
        assert np.mean([row["p"] <= 0.05 for row in rows]) == pytest.approx(
            0.05, abs=3 * (0.05 * 0.95 / 2000) ** 0.5 + 0.02
        )
