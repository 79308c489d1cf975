"""Lists that hold genes as often as they are listed: weights and laws against brute force, and their error rates."""

from itertools import combinations

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.stats import hypergeom

from tasks.references.enrichment import annotated, enrich
from tasks.references.tails import EvenTails, MatchedTails
from tasks.statistics.listing import SetLaws, listing_weights
from tasks.statistics.rewiring import rewire


def binary(dense) -> csr_matrix:
    return csr_matrix(np.asarray(dense, dtype=np.int32))


def brute_force(weights, inside, length):
    """P(X = x) over every list of ``length`` genes, one by one."""
    law = np.zeros(length + 1)
    for genes in combinations(range(len(weights)), length):
        law[sum(inside[list(genes)])] += np.prod(weights[list(genes)])
    return law / law.sum()


@pytest.mark.parametrize("length", [1, 2, 4, 6])
def test_laws_are_those_of_all_lists_counted_one_by_one(length):
    rng = np.random.default_rng(length)
    weights = rng.lognormal(0, 2, 12)  # some genes are in nearly every list
    members = rng.random((5, 12)) < [[0.2], [0.4], [0.6], [0.9], [0.1]]
    laws = SetLaws(weights, binary(members), longest=7)
    tails = laws.tails(length)
    for place, inside in enumerate(members):
        slow = brute_force(weights, inside, length)
        np.testing.assert_allclose(tails[:, place], np.cumsum(slow[::-1])[::-1][: len(tails)], rtol=1e-9, atol=1e-300)
        assert laws.means(length)[place] == pytest.approx(slow @ np.arange(length + 1), rel=1e-9)


def test_equal_weights_give_the_hypergeometric_law_far_into_the_tail():
    members = np.zeros((3, 2000))
    for place, size in enumerate((5, 60, 500)):
        members[place, :size] = 1
    laws = SetLaws(np.full(2000, 0.3), binary(members), longest=100)
    for length in (2, 37, 100):
        tails = laws.tails(length)
        x = np.arange(len(tails))
        for place, size in enumerate((5, 60, 500)):
            wanted = hypergeom.sf(x - 1, 2000, size, length)
            np.testing.assert_allclose(tails[:, place], wanted, rtol=1e-9, atol=1e-290)
        assert 0 < tails[min(length, 60), 1] < 1e-30 or length == 2


def test_weights_give_every_gene_its_number_of_lists():
    """Mean number of lists that hold each gene, when lists are drawn with odds a b: what was observed."""
    rng = np.random.default_rng(0)
    lists = rng.random((300, 120)) < rng.beta(0.4, 2.5, 120)
    sizes, times = lists.sum(axis=1), lists.sum(axis=0)
    weights = listing_weights(sizes, times)
    expected = np.zeros(120)
    for size in sizes[sizes > 0]:
        low, high = 1e-12, 1e12
        for _ in range(200):  # the a at which the list has its length
            middle = np.sqrt(low * high)
            low, high = (middle, high) if (middle * weights / (1 + middle * weights)).sum() < size else (low, middle)
        expected += low * weights / (1 + low * weights)
    np.testing.assert_allclose(expected, times, atol=1e-4)
    assert (weights[times == 0] == 0).all()


@pytest.mark.parametrize("seed", range(20))
def test_tiny_tables_and_genes_of_every_list_come_out_as_counted(seed):
    rng = np.random.default_rng(seed)
    lists = rng.random((rng.integers(2, 12), rng.integers(3, 10))) < 0.6
    lists[:, 0] = lists[0] = True  # a gene of every list, and a list of every gene
    members = rng.random((4, lists.shape[1])) < rng.random((4, 1))
    weights = listing_weights(lists.sum(axis=1), lists.sum(axis=0))
    laws = SetLaws(weights, binary(members), int(lists.sum(axis=1).max()))
    for length in range(1, np.count_nonzero(weights) + 1):
        tails = laws.tails(length)
        for place, inside in enumerate(members):
            slow = np.cumsum(brute_force(weights, inside, length)[::-1])[::-1]
            np.testing.assert_allclose(tails[:, place], slow[: len(tails)], atol=1e-10)


def test_short_lists_beside_long_ones_full_of_frequent_genes_keep_their_law():
    """Of 400 lists 20 have three genes, the others 500, among them 300 that nearly all hold: e_3 is exact by hand."""
    rng = np.random.default_rng(0)
    lists = np.zeros((400, 2000), dtype=bool)
    for row, own in enumerate(lists):
        frequent = rng.permutation(300)[: 3 if row % 20 == 0 else 300]
        own[frequent] = True
        own[300 + rng.choice(1700, 0 if row % 20 == 0 else 200, replace=False)] = True
    weights = listing_weights(lists.sum(axis=1), lists.sum(axis=0))
    members = rng.random((5, 2000)) < 0.03
    laws = SetLaws(weights, binary(members), longest=500)
    for place, inside in enumerate(members):
        e, f = (elementary(weights[mask]) for mask in (inside, ~inside))
        law = e * f[::-1]
        np.testing.assert_allclose(laws.tails(3)[:, place], np.cumsum((law / law.sum())[::-1])[::-1], rtol=1e-9)
    assert laws.tails(500)[0] == pytest.approx(1)


def elementary(weights):
    """e_0 to e_3 of some weights, by Newton's identities."""
    p1, p2, p3 = (np.sum(weights**power) for power in (1, 2, 3))
    return np.array([1, p1, (p1**2 - p2) / 2, (p1**3 - 3 * p1 * p2 + 2 * p3) / 6])


def test_numbers_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="lists hold 5 genes, but genes stand in 4 lists"):
        listing_weights(np.array([2, 3]), np.array([2, 2, 0]))
    assert (listing_weights(np.array([0, 0]), np.array([0, 0, 0])) == 0).all()


def frequent_world(rng, n_lists=400, n_genes=900):
    """Lists of genes of very unequal frequency, and sets that prefer frequent genes, as measured data have them."""
    weight = rng.lognormal(0, 1.6, n_genes)
    keys = rng.standard_exponential((n_lists, n_genes)) / weight
    length = rng.integers(15, 80, n_lists)
    dense = np.argsort(np.argsort(keys, axis=1), axis=1) < length[:, None]
    members = np.zeros((250, n_genes), dtype=bool)
    for row in members:
        liking = weight ** rng.uniform(-0.5, 1.2)
        row[rng.choice(n_genes, rng.integers(5, 80), replace=False, p=liking / liking.sum())] = True
    return binary(dense), members


def rewired(lists, seed):
    """Lists of equal lengths in which every gene stands as often: independent of any law above."""
    edges = np.stack(lists.nonzero(), axis=1).astype(np.int64)
    (draw,) = rewire(edges, 1, [seed])
    return csr_matrix((np.ones(len(edges), np.int32), (draw.edges[:, 0], draw.edges[:, 1])), shape=lists.shape)


def rates(seed):
    """Of a null world: data sets with any call, annotated lists, and share of p below 0.01, matched and even."""
    rng = np.random.default_rng(seed)
    lists, members = frequent_world(rng)
    drawn, sets = rewired(lists, seed), binary(members)
    found = []
    for tails in (MatchedTails(sets, drawn), EvenTails(sets)):
        tests = enrich(drawn, sets, tails)
        called = annotated([tests], drawn.shape[0], 0.05)
        found.append((called.any(), called.mean(), (tests.p <= 0.01).sum() / tests.n_tests))
    return found


@pytest.mark.parametrize("n_worlds", [3, pytest.param(12, marks=pytest.mark.slow)])
def test_matched_lists_are_called_at_the_nominal_rate_and_evenly_tested_ones_are_not(n_worlds):
    matched, even = np.array([rates(seed) for seed in range(n_worlds)]).transpose(1, 0, 2)
    assert matched[:, 0].sum() <= max(1, n_worlds // 4)  # 0.05 nominal: more has a chance of 1 % at most
    assert matched[:, 1].max() <= 0.01
    assert 0.003 <= matched[:, 2].mean() <= 0.0105  # overlaps are whole numbers: below the nominal 0.01
    assert even[:, 0].mean() == 1.0
    assert even[:, 1].mean() > 0.1


def test_planted_sets_are_found_among_frequent_genes():
    rng = np.random.default_rng(5)
    lists, members = frequent_world(rng)
    dense = lists.toarray()
    for row in range(40):  # genes of a set take the place of as many others
        own = np.flatnonzero(members[row])
        more = rng.permutation(own[dense[row, own] == 0])[:16]
        gone = rng.permutation(np.setdiff1d(np.flatnonzero(dense[row]), own))[: len(more)]
        dense[row, more[: len(gone)]], dense[row, gone] = 1, 0
    planted, sets = binary(dense), binary(members)
    large = members[:40].sum(axis=1) >= 20
    tests = enrich(planted, sets, MatchedTails(sets, planted))
    found = annotated([tests], planted.shape[0], 0.05)[0]
    assert found[:40][large].mean() >= 0.95
    assert found[40:].mean() <= 0.005
