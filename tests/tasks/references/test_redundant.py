"""Redundant gene sets: the same as a loop over sets, and no two representatives of a list are alike."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from tasks.references.redundant import NOBODY, represent


def binary(sets, n_genes=60):
    return csr_matrix(np.array([[g in own for g in range(n_genes)] for own in sets], dtype=np.int32))


def loop(row, term, sets, least):
    found, leaders = [], {}
    for one, own in zip(row, term, strict=True):
        alike = [
            t for t in leaders.get(one, []) if len(sets[t] & sets[own]) >= least * min(len(sets[t]), len(sets[own]))
        ]
        found.append(alike[0] if alike else NOBODY)
        if not alike:
            leaders.setdefault(one, []).append(own)
    return found, leaders


@pytest.mark.parametrize("least", [0.3, 0.5, 1.0])
def test_representatives_are_those_of_a_loop(least):
    rng = np.random.default_rng(0)
    sets = [set(rng.choice(60, rng.integers(2, 25), replace=False).tolist()) for _ in range(40)]
    row = np.sort(rng.integers(0, 12, 200)).astype(np.int64)
    term = np.concatenate([rng.permutation(40)[: (row == one).sum()] for one in np.unique(row)]).astype(np.int64)
    row = row[: term.size]
    wanted, leaders = loop(row.tolist(), term.tolist(), sets, least)
    assert represent(row, term, binary(sets), least).tolist() == wanted
    assert 0 < wanted.count(NOBODY) < len(wanted)
    for own in leaders.values():
        assert not any(
            len(sets[a] & sets[b]) >= least * min(len(sets[a]), len(sets[b])) for a in own for b in own if a < b
        )


def test_a_parent_is_represented_by_its_better_child_and_the_other_way_round():
    sets = [set(range(10)), set(range(30)), set(range(40, 50))]
    row = np.array([3, 3, 3, 8, 8], dtype=np.int64)
    term = np.array([0, 1, 2, 1, 0], dtype=np.int64)
    assert represent(row, term, binary(sets), 0.5).tolist() == [NOBODY, 0, NOBODY, NOBODY, 1]


def test_no_term_is_represented_by_nobody():
    none = np.empty(0, dtype=np.int64)
    assert represent(none, none, binary([{1}]), 0.5).size == 0
