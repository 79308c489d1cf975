"""The published rules: a loop with scipy's Fisher test, and rare features called for what stands last in the file."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.stats import false_discovery_control, fisher_exact

from tasks.analyses.labels.tables import called, family_q
from tasks.analyses.labels.top_cells import top_cells, top_labels
from tests.builders.planted_labels import Cells


@pytest.fixture(scope="module")
def sample():
    """200 cells: features of all frequencies, one of 9 active cells, one with ties, and labels of which one is tiny."""
    rng = np.random.default_rng(0)
    values = rng.exponential(size=(200, 8)) * (rng.random((200, 8)) < np.linspace(0.06, 0.9, 8))
    values[:, 0] = 0
    values[:9, 0] = 1
    values[:, 4] = np.ceil(values[:, 4])
    label = rng.choice(4, 200, p=[0.5, 0.3, 0.19, 0.01])
    label[label == 3] = 2
    label[[5, 17]] = 3
    return values, label


@pytest.mark.parametrize("rule", ["geneformer", "scgpt"])
def test_equals_a_loop_with_scipy(sample, rule):
    values, label = sample
    found = top_labels(top_cells(csr_matrix(values), rule), label, 4)
    for feature in range(8):
        column = values[:, feature]
        if (column > 0).sum() < 10:
            assert np.isnan(found.q[feature]).all()
            continue
        if rule == "geneformer":
            bar = np.sort(column)[-20]
            top = column > 0 if (column > 0).sum() <= 20 else column >= bar
        else:
            ranked = sorted(range(200), key=lambda cell: (-column[cell], -cell))
            top = np.isin(np.arange(200), ranked[:20])
        p = {}
        for one in range(3):  # the fourth has two cells
            inside = label == one
            table = [[(top & inside).sum(), (top & ~inside).sum()], [(~top & inside).sum(), (~top & ~inside).sum()]]
            odds, p_value = fisher_exact(table, alternative="greater")
            if rule == "geneformer" or table[0][0]:
                p[one] = p_value
                assert found.p[feature, one] == pytest.approx(p_value, rel=1e-9)
                assert found.odds[feature, one] == pytest.approx(odds)
            assert (found.overlap[feature, one], found.n_top[feature]) == (table[0][0], top.sum())
        q = false_discovery_control(list(p.values()))
        np.testing.assert_allclose(found.q[feature][list(p)], q, rtol=1e-9)
        assert np.isnan(found.q[feature]).sum() == 4 - len(p)


def test_rare_features_at_random_are_called_for_the_last_tissue():
    """Active in 40 of 3,000 cells at random, tissues one after the other as in a file put together of three."""
    rng = np.random.default_rng(1)
    tissue = np.repeat([0, 1, 2], 1000)
    values = np.zeros((3000, 300))
    for column in values.T:
        column[rng.choice(3000, 40, replace=False)] = rng.exponential(size=40)
    by_rule = {
        rule: top_labels(top_cells(csr_matrix(values), rule), tissue, 3).q <= 0.05 for rule in ("geneformer", "scgpt")
    }
    assert by_rule["scgpt"][:, 2].all()
    assert not by_rule["scgpt"][:, :2].any()
    assert by_rule["geneformer"].any(axis=1).mean() < 0.1
    cells = Cells(rng.integers(200, 2000, 3000), np.zeros(3000, dtype=np.int64), tissue)
    auroc, p = cells.ranked(values).test(tissue)
    (q,) = family_q([p])
    assert called(q, auroc, 0.05).any(axis=1).mean() < 0.01
    assert abs((p < 0.05).mean() - 0.05) < 4 * (0.05 / 600) ** 0.5  # of three tissues two are free
