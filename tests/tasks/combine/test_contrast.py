"""Kinds of sets against each other: the published twenty triplets, kinds that mean nothing, and kinds that differ."""

import numpy as np
import polars as pl
import pytest

from tasks.combine.contrast import contrast_rows, super_test
from tasks.statistics.proportion import wilson

ORIGINAL = [  # of the first eight triplets: kind, median R_ABC, targets below 0.8, up to 1.2, above
    ("pathway", 0.607, 592, 29, 0), ("pathway", 0.593, 510, 20, 0), ("pathway", 0.619, 445, 31, 0),
    ("pathway", 0.585, 775, 40, 0), ("pathway", 0.594, 754, 36, 0), ("pathway", 0.548, 430, 14, 2),
    ("pathway", 0.669, 358, 93, 1), ("across", 0.556, 839, 27, 4),
]  # fmt: skip
EXTENDED = [  # of the twelve that followed: kind, targets, pairwise ratio, R_ABC, its interval, targets above 1.2
    ("pathway", 594, 0.709, 0.560, 0.544, 0.579, 0), ("pathway", 642, 0.698, 0.529, 0.503, 0.547, 0),
    ("pathway", 726, 0.669, 0.482, 0.454, 0.499, 1), ("pathway", 641, 0.714, 0.571, 0.551, 0.586, 0),
    ("across", 920, 0.699, 0.527, 0.513, 0.538, 4), ("across", 837, 0.687, 0.530, 0.508, 0.544, 1),
    ("across", 525, 0.691, 0.526, 0.512, 0.540, 0), ("across", 401, 0.708, 0.561, 0.536, 0.589, 0),
    ("random", 307, 0.696, 0.532, 0.504, 0.562, 0), ("random", 605, 0.701, 0.528, 0.494, 0.548, 1),
    ("random", 173, 0.650, 0.491, 0.465, 0.543, 0), ("random", 554, 0.729, 0.611, 0.593, 0.632, 0),
]  # fmt: skip


def extended():
    names = ["design", "n_targets", "r2", "ratio", "low", "high", "n_super"]
    frame = pl.DataFrame(EXTENDED, schema=names, orient="row")
    target = {"target_sae": pl.lit("L17"), "target_layer": pl.lit(17), "energy": pl.lit(None, pl.Float64)}
    return frame.with_columns(**target)


def test_the_published_twelve_by_our_aggregation():
    sets = extended()
    by_kind = {kind: own for (kind,), own in sets.group_by("design")}
    medians = {kind: (own["r2"].median(), own["ratio"].median()) for kind, own in by_kind.items()}
    assert medians["pathway"] == (pytest.approx(0.7035), pytest.approx(0.5445))
    assert medians["across"] == (pytest.approx(0.6948, abs=3e-4), pytest.approx(0.5286, abs=3e-4))
    assert medians["random"] == (pytest.approx(0.6984, abs=3e-4), pytest.approx(0.5302, abs=3e-4))
    assert [by_kind[kind]["n_targets"].sum() for kind in ("pathway", "across", "random")] == [2603, 2683, 1639]
    assert (sets["r2"].median(), sets["ratio"].median()) == (
        pytest.approx(0.699, abs=2e-3),
        pytest.approx(0.530, abs=2e-3),
    )
    assert (sets["n_super"].sum(), sets["n_targets"].sum()) == (7, 6925)  # the manuscript prints 6
    (low,), (high,) = wilson(np.array([7]), np.array([6925]))
    assert low < 0.00101 < high


@pytest.mark.parametrize(
    ("first", "second", "odds", "p"),
    [("across", "pathway", 4.86, 0.219), ("across", "random", 3.06, 0.418), ("pathway", "random", 0.63, 1.0)],
)
def test_the_published_tests_of_superadditive_targets(first, second, odds, p):
    sides = [extended().filter(design=kind) for kind in (first, second)]
    found = super_test(sides)
    assert found == (pytest.approx(odds, abs=5e-3), pytest.approx(p, abs=5e-4))


def test_with_sets_as_units_no_published_kind_differs():
    rows = pl.DataFrame(contrast_rows(extended(), 2000, [0]), infer_schema_length=None)
    assert set(rows["measure"]) == {"ratio", "superadditive"}  # raw effects were not published
    assert rows["exact"].all()
    assert rows["n_draws"].unique().to_list() == [70]
    assert rows["q"].min() > 0.5
    one = rows.filter(measure="ratio", first="pathway", second="random").row(0, named=True)
    assert (one["median_first"], one["median_second"]) == (pytest.approx(0.5445), pytest.approx(0.530))


def test_the_first_eight():
    of_pathways = [row[1] for row in ORIGINAL if row[0] == "pathway"]
    assert np.median(of_pathways) == 0.594
    assert [row[1] for row in ORIGINAL if row[0] == "across"] == [0.556]
    assert all(sub / (sub + add + above) > 0.79 for *_, sub, add, above in ORIGINAL)


def sets(seed, shift=0.0, n=6):
    rng = np.random.default_rng(seed)
    kinds = np.repeat(["pathway", "across", "random"], n)
    energy = np.exp(rng.normal(size=3 * n) + shift * (kinds == "pathway"))
    columns = {"design": kinds, "energy": energy, "ratio": rng.normal(0.55, 0.03, 3 * n)}
    counts = {"n_targets": rng.integers(100, 900, 3 * n), "n_super": rng.integers(0, 4, 3 * n)}
    return pl.DataFrame({**columns, **counts}).with_columns(target_sae=pl.lit("L17"), target_layer=17)


def called(seeds, **planted):
    """By measure, the share of p <= 0.05; and of layers in which any comparison has q <= 0.05."""
    rows, any_q = [], []
    for seed in seeds:
        found = contrast_rows(sets(seed, **planted), 199, [seed])
        rows += [{"measure": row["measure"], "first": row["first"], "low": row["p"] <= 0.05} for row in found]
        any_q.append(min(row["q"] for row in found) <= 0.05)
    return pl.DataFrame(rows), float(np.mean(any_q))


def test_kinds_that_mean_nothing_differ_as_often_as_chance_says():
    rows, any_q = called(range(80))
    most = 0.05 + 3 * (0.05 * 0.95 / 80) ** 0.5
    for (measure,), own in rows.group_by("measure"):
        assert own["low"].mean() <= most, measure
    assert any_q <= most


def test_a_kind_that_interacts_more_is_told():
    rows, _ = called(range(100, 120), shift=3.0)
    assert rows.filter(measure="energy", first="pathway")["low"].mean() >= 0.95


def test_too_few_sets_of_a_kind_are_not_compared():
    assert contrast_rows(sets(0, n=1), 199, [0]) == []
