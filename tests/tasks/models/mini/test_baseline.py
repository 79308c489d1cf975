"""The frequency baseline against a plain count."""

from collections import Counter

import numpy as np
import pytest

from tasks.models.masked import draw_hidden
from tasks.models.mini.baseline import BUCKET, baseline_score
from tests.builders.models import random_cells, tiny_vocabulary

VOCABULARY = tiny_vocabulary(60)


def plain(train, heldout, hidden):
    counts = {}
    for i in range(train.n_cells):
        for position, token in enumerate(train.cell(i).tolist()):
            if token >= 4:
                counts.setdefault(position // BUCKET, Counter())[token] += 1
    losses, right, row = [], [], 0
    for i in range(heldout.n_cells):
        for position, token in enumerate(heldout.cell(i).tolist()):
            if hidden[row]:
                bucket = counts.get(position // BUCKET, Counter())
                losses.append(-np.log((bucket[token] + 1) / (sum(bucket.values()) + 60)))
                best = max(range(4, 64), key=lambda gene: (bucket[gene], -gene))
                right.append(best == token)
            row += 1
    return np.mean(losses), np.mean(right), len(losses)


@pytest.mark.parametrize("seed", range(3))
def test_scores_equal_a_plain_count(seed):
    train, heldout = random_cells(VOCABULARY, [20, 40, 33, 7], seed), random_cells(VOCABULARY, [12, 60], seed + 9)
    hidden = draw_hidden(VOCABULARY, heldout, seed, 0.5)
    loss, top1, n_masked = plain(train, heldout, hidden)
    score = baseline_score(VOCABULARY, train, heldout, hidden)
    assert (score.loss, score.top1, score.n_masked) == (pytest.approx(loss), pytest.approx(top1), n_masked)
