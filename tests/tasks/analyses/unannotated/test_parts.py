"""Guilt by association against shuffled annotations, consensus genes by hand, gene sets against one test each."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from tasks.analyses.unannotated.consensus import Consensus, best_terms, consensus_genes
from tasks.analyses.unannotated.guilt import guilt
from tasks.references.enrichment import enrich, family_q
from tasks.references.gene_sets import Library
from tasks.references.tails import MatchedTails


@pytest.mark.parametrize("n_annotated", [1, 6, 40])
def test_expected_guilt_equals_shuffled_annotations(n_annotated):
    rng = np.random.default_rng(0)
    module = np.repeat([1, 2, 3, 4, 9], [30, 20, 4, 3, 3])
    annotated = rng.permutation(np.arange(60) < n_annotated)
    found = guilt(module, annotated)
    assert found.n_in_modules == 60 - n_annotated
    assert found.n_guilty == sum(
        not annotated[i] and any(annotated[j] for j in range(60) if module[j] == module[i]) for i in range(60)
    )
    drawn = np.array([guilt(module, rng.permutation(annotated)).n_guilty for _ in range(4000)])
    assert found.expected == pytest.approx(drawn.mean(), abs=4 * drawn.std() / np.sqrt(4000) + 1e-9)


def test_without_modules_or_annotations_nobody_is_guilty():
    nothing = guilt(np.empty(0, dtype=np.int64), np.empty(0, dtype=bool))
    assert (nothing.n_in_modules, nothing.n_guilty, nothing.expected) == (0, 0, 0.0)
    bare = guilt(np.array([1, 1, 1]), np.zeros(3, dtype=bool))
    assert (bare.n_in_modules, bare.n_guilty, bare.expected) == (3, 0, 0.0)


def test_consensus_by_hand():
    lists = csr_matrix(np.array([[1, 1, 0, 1, 0], [1, 0, 1, 1, 0], [0, 0, 1, 1, 0], [0, 0, 0, 0, 1]], dtype=np.int32))
    assert consensus_genes(lists, [0, 1, 2]) == Consensus([3, 0, 2], 3, 4)
    many = csr_matrix((np.arange(12)[:, None] < [3, 4, 12]).astype(np.int32))
    assert consensus_genes(many, range(12)) == Consensus([2, 1], 2, 3)  # 30 % of 12 members are four


def test_best_terms_equal_one_test_a_pair():
    rng = np.random.default_rng(1)
    lists = csr_matrix((rng.random((60, 40)) < 0.3).astype(np.int32))
    members = (rng.random((30, 40)) < 0.2).astype(np.int32)
    members[3] = np.arange(40) < 8
    library = Library("go", [f"t{i}" for i in range(30)], csr_matrix(members))
    shared = [Consensus(list(range(8)), 8, 20), Consensus([9, 20, 31], 3, 20), Consensus([], 0, 9)]
    found = best_terms(lists, shared, [library], 0.05)
    genes = np.zeros((3, 40), dtype=np.int32)
    for row, own in enumerate(shared):
        genes[row, own.genes] = 1
    tests = enrich(csr_matrix(genes), library.members, MatchedTails(library.members, lists))
    (q,) = family_q([tests])
    (place,) = np.flatnonzero((tests.row == 0) & (tests.term == 3))
    assert found[0] == ("go", "t3", pytest.approx(q[place]))
    assert found[1:] == [None, None]
