"""Folds of a screen: loops give the same sums, nothing planted is called at its level, what is planted is found."""

import numpy as np
import pytest
from scipy.stats import nbinom, poisson

from tasks.analyses.responses.folds import Controls, fold_of, tail_p
from tasks.analyses.responses.labels import CONTROL, number_labels
from tasks.analyses.responses.settings import ResponsesSettings
from tasks.analyses.responses.sums import sum_screen
from tests.builders.planted_screen import FALLS, KNOCKED, RISES, plant_screen

MIN_COUNTS = 10


class Held:
    """Counts in memory, as a file gives them."""

    def __init__(self, counts):
        self.counts = counts

    def rows(self, wanted):
        return self.counts[wanted]


def labels_of(screen, *, line=True, batch=True):
    text = {name: screen.cells.obs[name].to_numpy(dtype=object) for name in ("gene", "cell_line", "batch")}
    return number_labels(
        ResponsesSettings(), text["gene"], text["cell_line"] if line else None, text["batch"] if batch else None, None
    )


def summed(screen, at_once=2048, **columns):
    labels = labels_of(screen, **columns)
    return labels, sum_screen(Held(screen.cells.X), labels, screen.cells.n_vars, at_once)


def all_folds(screen, **columns):
    """(line, perturbation, folds) of every group."""
    labels, sums = summed(screen, **columns)
    controls = Controls.of(sums.control)
    return [
        (labels.lines[line], labels.names[name], fold_of(sums, controls, group, MIN_COUNTS))
        for group, (line, name) in enumerate(sums.groups)
    ]


@pytest.fixture(scope="module")
def screen():
    return plant_screen()


def test_folds_are_those_of_loops_over_cells(screen):
    counts, labels = screen.cells.X.toarray().astype(float), labels_of(screen)
    n, stratum = counts.sum(axis=1), labels.stratum
    for line, name, found in all_folds(screen)[:3]:
        own = np.flatnonzero(
            (labels.perturbation == labels.names.index(name)) & (labels.line == labels.lines.index(line))
        )
        expected, variance, residuals, total = (np.zeros(counts.shape[1]) for _ in range(4))
        for one in np.unique(stratum[own]):
            control = np.flatnonzero((stratum == one) & (labels.perturbation == CONTROL))
            share = counts[control].sum(axis=0) / n[control].sum()
            depth = n[own[stratum[own] == one]].sum()
            left = sum((counts[cell] - n[cell] * share) ** 2 for cell in control)
            expected += depth * share
            spread = np.maximum(left * len(control) / (len(control) - 1), counts[control].sum(axis=0) + 0.5)
            variance += depth**2 * spread / n[control].sum() ** 2
            residuals, total = residuals + left, total + counts[control].sum(axis=0)
        observed = counts[own].sum(axis=0)
        left = sum((counts[cell] - n[cell] * observed / n[own].sum()) ** 2 for cell in own) * len(own) / (len(own) - 1)
        se = np.hypot(
            np.sqrt(np.maximum(left, observed + 0.5)) / (observed + 0.5), np.sqrt(variance) / (expected + 0.5)
        ) / np.log(2)
        phi = np.maximum(residuals / np.maximum(total, 1e-300), 1.0)
        assert found.observed == pytest.approx(observed)
        assert found.expected == pytest.approx(expected)
        assert found.se == pytest.approx(se, rel=1e-6)
        kept = found.measured
        assert np.array_equal(kept, expected >= MIN_COUNTS)
        spread = np.maximum(phi * expected, left) + variance
        for gene in np.flatnonzero(kept)[:40]:
            size = expected[gene] ** 2 / (spread[gene] - expected[gene])
            law = nbinom(size, size / (size + expected[gene]))
            below = law.cdf(observed[gene]) - law.pmf(observed[gene]) / 2
            assert found.p[gene] == pytest.approx(min(2 * min(below, 1 - below), 1.0), rel=1e-6)


def test_without_more_spread_the_law_is_poisson():
    mean, counts = np.full(40, 12.5), np.arange(40.0)
    below = poisson(12.5).cdf(counts) - poisson(12.5).pmf(counts) / 2
    assert tail_p(counts, mean, mean) == pytest.approx(np.minimum(2 * np.minimum(below, 1 - below), 1), rel=1e-3)


def test_published_responses_are_logs_of_means_of_logs(screen):
    counts, labels = screen.cells.X.toarray().astype(float), labels_of(screen)
    logs = np.log1p(counts / counts.sum(axis=1, keepdims=True) * 1e4)
    line, name, found = all_folds(screen)[0]
    of_line = labels.line == labels.lines.index(line)
    own = logs[of_line & (labels.perturbation == labels.names.index(name))].mean(axis=0)
    control = logs[of_line & (labels.perturbation == CONTROL)].mean(axis=0)
    assert found.published == pytest.approx(np.log2(own + 1) - np.log2(control + 1))
    assert found.published_e1 == pytest.approx(np.log2(own + 1e-3) - np.log2(control + 1e-3))


@pytest.mark.parametrize("at_once", [1, 7, 100])
def test_slices_change_nothing(screen, at_once):
    _, one = summed(screen)
    _, other = summed(screen, at_once)
    for field in ("counts", "squares", "by_total", "logs", "n_cells", "total", "total_squares"):
        for side in ("perturbed", "control"):
            first, second = getattr(getattr(one, side), field), getattr(getattr(other, side), field)
            assert first == pytest.approx(second)
    assert one.depth == pytest.approx(other.depth)


def test_what_is_planted_is_found_and_little_else():
    """Of 10 perturbations: recall among genes with counts, false discoveries at q 0.05, folds near the truth."""
    screen = plant_screen(1, n_perturbations=10, n_cells=400, n_control=1500)
    hits = false = planted = 0
    errors = []
    for _, name, found in all_folds(screen):
        truth = screen.effects[name]
        changed = np.array([symbol in truth for symbol in screen.symbols])
        called, strong = found.q <= 0.05, changed & (found.expected >= 80)
        hits, planted = hits + int((called & strong).sum()), planted + int(strong.sum())
        false += int((called & ~changed).sum())
        wanted = np.array([np.log2(truth.get(symbol, 1.0)) for symbol in screen.symbols])
        errors.append(((found.log2_fold - wanted) / found.se)[strong & (wanted > np.log2(KNOCKED) + 0.1)])
    assert planted > 50
    assert hits / planted > 0.6
    assert false / max(hits + false, 1) < 0.1
    assert abs(np.median(np.concatenate(errors))) < 0.6  # genes that change also change what is left of the others
    assert {FALLS, RISES} == {0.5, 2.0}


def test_nothing_planted_is_called_at_its_level_or_less():
    """Perturbations that do nothing, though lines and batches lean: no more than 5 % of p below 0.05, hardly any q."""
    rates, called = [], []
    for seed in range(4):
        screen = plant_screen(seed, n_genes=150, n_cells=80, n_control=400, effects={f"N{i}": {} for i in range(6)})
        for _, _, found in all_folds(screen):
            rates.append(np.mean(found.p[found.measured] < 0.05))
            called.append(bool((found.q[found.measured] <= 0.05).any()))
    assert 0.005 < np.mean(rates) < 0.05
    assert np.mean(called) < 0.15


def test_pooled_lines_and_batches_shift_what_nothing_touched():
    screen = plant_screen(5, n_genes=150, n_cells=300, n_control=1500, effects={f"N{i}": {} for i in range(6)})
    pooled, matched = (
        np.mean([np.mean(found.p[found.measured] < 0.05) for _, _, found in all_folds(screen, line=one, batch=one)])
        for one in (False, True)
    )
    assert pooled > 3 * matched


def test_errors_are_those_of_drawing_cells_again(screen):
    """Against a bootstrap of the perturbed cells: on average, within a quarter."""
    labels = labels_of(screen)
    _, name, found = all_folds(screen)[0]
    own = np.flatnonzero((labels.perturbation == labels.names.index(name)) & (labels.line == 0))
    counts, rng = screen.cells.X[own].toarray().astype(float), np.random.default_rng(0)
    n = counts.sum(axis=1)
    drawn = rng.integers(len(own), size=(400, len(own)))
    share = np.stack([counts[rows].sum(axis=0) / n[rows].sum() for rows in drawn])
    kept = found.measured & (found.observed > 30)
    spread = share.std(axis=0)[kept] / share.mean(axis=0)[kept] / np.log(2)
    ratio = found.se[kept] / spread
    assert 0.9 < np.median(ratio) < 1.6  # the control's error is in it too
