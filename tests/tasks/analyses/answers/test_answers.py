"""Features after a perturbation: loops agree, controls are called at their level, what is planted is found."""

import numpy as np
import pytest
from scipy.stats import mannwhitneyu, norm

from tasks.analyses.answers.compare import Compared, compare, groups_of, least_auroc, mock_labels
from tasks.analyses.answers.published import effect_sizes, published_calls, sum_positions
from tasks.analyses.answers.shifts import shifts
from tasks.analyses.answers.specific import specific
from tasks.analyses.responses.labels import CONTROL, CellLabels
from tasks.statistics.fdr import benjamini_hochberg
from tests.builders.planted_answers import N_FEATURES, RARE, Cells, plant_answers

LEAST_POSITIONS, LEAST = 5, (20, 100)


@pytest.fixture(scope="module")
def cells():
    return plant_answers()


def compared(cells: Cells, labels: CellLabels | None = None) -> list[Compared]:
    of = cells.labels if labels is None else labels
    found = shifts(cells.firings, cells.axes, of, N_FEATURES, LEAST_POSITIONS)
    return [compare(group, found.shift, found.fires, of.stratum, LEAST) for group in groups_of(of)]


def slow_shift(cells: Cells, one: int) -> np.ndarray:
    """The definition, position by position, control cells held against the others of their stratum."""
    labels, axes = cells.labels, cells.axes
    stratum, switched = labels.stratum, labels.perturbation
    total, n = np.zeros(N_FEATURES), 0
    for place in np.flatnonzero(axes.cell == one):
        gene = axes.gene[place]
        if switched[one] >= 0 and axes.symbol[gene] == labels.names[switched[one]]:
            continue
        others = np.flatnonzero(
            (axes.gene == gene) & (switched[axes.cell] == CONTROL) & (stratum[axes.cell] == stratum[one])
        )
        if len(others) < LEAST_POSITIONS:
            continue
        others = others[axes.cell[others] != one]
        total, n = total + cells.fires[place] - cells.fires[others].mean(axis=0), n + 1
    return total / max(n, 1)


def test_shifts_are_those_of_a_loop(cells):
    found = shifts(cells.firings, cells.axes, cells.labels, N_FEATURES, LEAST_POSITIONS)
    for one in (0, 5, 77, 160, 199, 250, 319):
        assert found.shift[one] == pytest.approx(slow_shift(cells, one), abs=1e-9)


def test_what_is_planted_answers_and_other_genes_alone_do_not():
    """Recall and false discoveries at q 0.05 over 5 sets of cells, other genes in the perturbed ones."""
    hits = planted = false = 0
    for seed in range(5):
        cells = plant_answers(seed, strength=0.15)
        found = compared(cells)
        q = benjamini_hochberg(np.concatenate([one.p for one in found]))
        for one, own in zip(found, np.split(q, np.cumsum([len(one.p) for one in found])[:-1]), strict=True):
            true = cells.answers[cells.labels.names[one.perturbation]]
            called = set(one.tested[own <= 0.05].tolist())
            hits, planted = hits + len(called & set(true)), planted + len(true)
            false += len(called - set(true))
    assert hits / planted > 0.8
    assert false / max(hits + false, 1) < 0.12


def test_nothing_planted_is_called_at_its_level():
    """Perturbations that only hold other genes: 5 % of p below 0.05, and so among control cells by themselves."""
    p, mock = [], []
    for seed in range(6):
        cells = plant_answers(seed, strength=0.0)
        p += [one.p for one in compared(cells)]
        mock += [one.p for one in compared(cells, mock_labels(cells.labels, seed))]
    for values in (np.concatenate(p), np.concatenate(mock)):
        assert len(values) > 400
        assert 0.025 < np.mean(values < 0.05) < 0.08


def test_the_published_rule_calls_what_never_fired(cells):
    """One firing of a silent feature has an effect of tens of thousands; it is not even tested by ours."""
    sums, labels = sum_positions(cells.firings, cells.axes, N_FEATURES), cells.labels
    effect = effect_sizes(sums, labels, 0, 0)
    own, control = (labels.perturbation[cells.axes.cell] == kind for kind in (0, CONTROL))
    variance = np.maximum(cells.fires[control].var(axis=0), 1e-10)
    wanted = (cells.fires[own].mean(axis=0) - cells.fires[control].mean(axis=0)) / np.sqrt(variance)
    assert effect == pytest.approx(wanted)
    assert published_calls(effect).tolist()[0] == RARE
    assert all(RARE not in one.tested for one in compared(cells))


def test_least_auroc_is_called_in_four_fifths():
    rng, n_own, n_control, alpha = np.random.default_rng(0), 40, 200, 0.05
    aim = least_auroc(n_own, n_control, 1, alpha)
    shift = norm.ppf(aim) * np.sqrt(2)
    called = [mannwhitneyu(rng.normal(shift, 1, n_own), rng.normal(0, 1, n_control)).pvalue < alpha for _ in range(300)]
    assert 0.7 < np.mean(called) < 0.9
    assert least_auroc(3, 3, 100, alpha) == 1.0


def test_too_few_cells_or_no_control_in_the_batch_are_not_compared(cells):
    labels = cells.labels
    few = np.where(np.cumsum(labels.perturbation == 0) > 3, -2, labels.perturbation)
    few = np.where(labels.perturbation == 0, few, labels.perturbation)
    batch = np.where(labels.perturbation == 1, 1, 0)
    alone = CellLabels(few, labels.line, batch, labels.names, labels.lines, labels.batches, None)
    found = {one.perturbation: one for one in compared(cells, alone)}
    assert (found[0].n_cells, len(found[0].tested)) == (3, 0)
    assert (found[1].n_cells, found[1].n_control, len(found[1].tested)) == (0, 0, 0)
    assert len(found[2].tested) > 0


def compared_of(n, rng):
    return Compared(0, 0, 30, 99, np.arange(n), np.full(n, 0.5), np.ones(n), rng.integers(100, 2000, n))


def test_known_targets_count_only_beyond_features_that_fire_as_often():
    rng = np.random.default_rng(0)
    compared_ = [compared_of(200, rng) for _ in range(12)]
    names = [f"TF{i}" for i in range(12)]
    lists = {f: frozenset({f"T{f % 40}", f"X{f}"}) for f in range(200)}
    targets = {name: frozenset({f"T{i}", name}) for i, name in enumerate(names)}
    right = [np.array([i, i + 40]) for i in range(12)]
    found = specific(compared_, right, names, lists, targets, 199, 0)
    assert (found.n_factors, found.observed, found.by_factor[0]) == (12, 12, 2)
    assert found.p == pytest.approx(1 / 200)
    p = []
    for seed in range(30):
        drawn = np.random.default_rng([seed, 9])
        any_ = [drawn.choice(200, 4, replace=False) for _ in names]
        p.append(specific(compared_, any_, names, lists, targets, 199, seed).p)
    assert np.mean(np.array(p) < 0.05) <= 0.2
    none = specific(compared_, right, names, lists, {}, 199, 0)
    assert (none.n_factors, none.p, none.expected) == (0, None, None)
