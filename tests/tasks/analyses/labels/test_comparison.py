"""What is said of labels: depth alone is no finding, donors are no cells, and planted labels are found."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.stats import ttest_1samp, ttest_ind

from tasks.analyses.labels.folds import log_folds
from tasks.analyses.labels.tables import called, family_q
from tests.builders.planted_labels import deep_cells, deep_features, donor_cells, donor_features

N_FEATURES = 400
SD = (0.05 * 0.95 / N_FEATURES) ** 0.5


def p_of(ranked, label=1):
    auroc, p = ranked.test(ranked.code)
    return auroc[:, label], p[:, label]


def test_depth_alone_is_called_without_strata_and_not_within_them():
    rng = np.random.default_rng(0)
    cells = deep_cells(rng)
    values = deep_features(rng, cells, N_FEATURES)
    rates = {bins: (p_of(cells.ranked(values, bins=bins))[1] < 0.05).mean() for bins in (1, 4, 20)}
    assert rates[1] > 0.95
    assert rates[4] > 0.1, "quartiles leave much of the depth within them: hence twenty bins"
    assert rates[20] < 0.05 + 4 * SD
    calls = {}
    for bins in (1, 20):
        auroc, p = cells.ranked(values, bins=bins).test(cells.label)
        (q,) = family_q([p])
        calls[bins] = called(q, auroc, 0.05).any(axis=1).mean()
    assert calls[1] > 0.95
    assert calls[20] < 0.01


def test_a_label_is_found_within_depth():
    rng = np.random.default_rng(1)
    cells = deep_cells(rng)
    values = deep_features(rng, cells, N_FEATURES) * (1 + (np.arange(N_FEATURES) < 100) * cells.label[:, None])
    auroc, p = cells.ranked(values).test(cells.label)
    (q,) = family_q([p])
    marks = called(q, auroc, 0.05)[:, 1]
    assert marks[:100].mean() > 0.9
    assert marks[100:].sum() <= 0.05 * marks.sum() + 3 * (0.05 * marks.sum()) ** 0.5


def test_cells_of_donors_of_unlike_level_and_composition():
    """Label and level both differ between five donors: cells over all donors are called, within donors they are not."""
    rng = np.random.default_rng(2)
    cells = donor_cells(rng, 5)
    values = donor_features(rng, cells, N_FEATURES, icc=0.2)
    assert (p_of(cells.ranked(values, donors=False))[1] < 0.05).mean() > 0.3
    assert abs((p_of(cells.ranked(values, donors=True))[1] < 0.05).mean() - 0.05) < 3.5 * SD


@pytest.mark.parametrize("n_donors", [5, 8])
def test_what_holds_of_other_donors_takes_donors_as_units(n_donors):
    """The label's effect differs between donors and is 0 on average: true of these donors, of none besides."""
    rng = np.random.default_rng([3, n_donors])
    cells = donor_cells(rng, n_donors)
    values = donor_features(rng, cells, N_FEATURES, icc=0.05, slopes=0.6)
    found = cells.ranked(values, donors=True, bins=4).compare()
    assert (found.p[:, 1] < 0.05).mean() > 0.2
    assert abs((found.donor_p[:, 1] < 0.05).mean() - 0.05) < 3.5 * SD
    assert found.n_donors.tolist() == [n_donors] * 2
    alike = values + 0.6 * cells.label[:, None]
    found = cells.ranked(alike, donors=True, bins=4).compare()
    assert (found.donor_p[:, 1] < 0.05).mean() > (0.25 if n_donors == 5 else 0.5)


@pytest.mark.parametrize("n_donors", [6, 12])
def test_a_label_of_whole_donors_is_compared_between_donors(n_donors):
    rng = np.random.default_rng([4, n_donors])
    cells = donor_cells(rng, n_donors, between=True)
    values = donor_features(rng, cells, N_FEATURES, icc=0.1)
    ranked = cells.ranked(values, donors=True, bins=4)
    assert ranked.by_donor.all()
    rates = {donors: (p_of(cells.ranked(values, donors=donors, bins=4))[1] < 0.05).mean() for donors in (False, True)}
    assert rates[False] > 0.4, "cells as units"
    assert abs(rates[True] - 0.05) < 3.5 * SD
    found = ranked.compare()
    assert np.isnan(found.low).all()
    assert np.isnan(found.donor_p).all()
    planted = values + 1.5 * cells.label[:, None]
    assert (p_of(cells.ranked(planted, donors=True, bins=4))[1] < 0.05).mean() > 0.9
    few = cells.ranked(values, donors=True, bins=4, min_donors=n_donors // 2 + 1).compare()
    assert np.isnan(few.p).all()
    assert not np.isnan(few.auroc).any()


def test_donor_tests_equal_scipy():
    rng = np.random.default_rng(5)
    cells = donor_cells(rng, 4, per_donor=40)
    values = donor_features(rng, cells, 6, icc=0.3)
    found = cells.ranked(values, donors=True, bins=1).compare()
    for feature in range(6):
        aurocs = []
        for donor in range(4):
            inside = values[(cells.donor == donor) & (cells.label == 1), feature]
            outside = values[(cells.donor == donor) & (cells.label == 0), feature]
            above = inside[:, None] > outside
            aurocs.append(above.mean() + (inside[:, None] == outside).mean() / 2)
        assert found.donor_auroc[feature, 1] == pytest.approx(np.mean(aurocs), abs=1e-9)
        assert found.donor_p[feature, 1] == pytest.approx(ttest_1samp(aurocs, 0.5).pvalue, abs=1e-9)
    whole = donor_cells(rng, 7, per_donor=40, between=True)
    values = donor_features(rng, whole, 6, icc=0.3)
    ranked = whole.ranked(values, donors=True, bins=1)
    ties = np.stack([(values < row).sum(0) + (values == row).sum(0) / 2 for row in values]) / len(values)
    means = np.stack([ties[whole.donor == one].mean(axis=0) for one in range(7)])
    expected = ttest_ind(means[1::2], means[::2]).pvalue
    np.testing.assert_allclose(ranked.test(whole.label)[1][:, 1], expected, atol=1e-9)


def test_folds_are_of_means_over_donors():
    cells = donor_cells(np.random.default_rng(6), 4, per_donor=30)
    values = donor_features(np.random.default_rng(7), cells, 5, icc=0.3)
    values[:, 4] = 0
    label, donor = cells.label.copy(), cells.donor
    label[donor == 3] = 0  # a donor without the label has no say
    for own in (None, donor):
        folds = log_folds(csr_matrix(values), label, 2, own)
        groups = [np.ones(120, dtype=bool)] if own is None else [donor == one for one in range(3)]
        inside = np.mean([values[g & (label == 1)].mean(axis=0) for g in groups], axis=0)
        outside = np.mean([values[g & (label == 0)].mean(axis=0) for g in groups], axis=0)
        floor = values.mean(axis=0) / 100
        np.testing.assert_allclose(folds[:4, 1], np.log2((inside + floor)[:4] / (outside + floor)[:4]), atol=1e-9)
        assert folds[4].tolist() == [0, 0]
    whole = donor_cells(np.random.default_rng(8), 4, per_donor=30, between=True)
    means = np.stack([values[whole.donor == one].mean(axis=0) for one in range(4)])
    floor = values.mean(axis=0) / 100
    expected = np.log2((means[1::2].mean(axis=0) + floor)[:4] / (means[::2].mean(axis=0) + floor)[:4])
    np.testing.assert_allclose(log_folds(csr_matrix(values), whole.label, 2, whole.donor)[:4, 1], expected, atol=1e-9)
