"""Enrichment against loops over scipy, Fisher's test and gseapy, and its null."""

import gseapy.stats
import numpy as np
import pytest
from scipy.sparse import csr_matrix, vstack
from scipy.stats import chisquare, false_discovery_control, fisher_exact, hypergeom

from tasks.references import null_lists
from tasks.references.enrichment import MIN_OVERLAP, annotated, enrich, family_q
from tasks.references.gene_sets import cut_to_background
from tasks.references.null_lists import null_fractions, random_lists
from tasks.references.tails import EvenTails, MatchedTails

N_BACKGROUND = 300
SYMBOLS = [f"G{g}" for g in range(N_BACKGROUND)]


def binary(rows):
    dense = np.zeros((len(rows), N_BACKGROUND), dtype=np.int32)
    for place, row in enumerate(rows):
        dense[place, list(row)] = 1
    return csr_matrix(dense)


@pytest.fixture(scope="module")
def lists():
    """40 lists of 2 to 20 genes; the first ten lie mostly in one set."""
    rng = np.random.default_rng(0)
    rows = [set(rng.choice(N_BACKGROUND, rng.integers(2, 21), replace=False).tolist()) for _ in range(40)]
    for i in range(10):
        rows[i] |= set(range(10 * i, 10 * i + 8))
    return binary(rows)


@pytest.fixture(scope="module")
def library():
    rng = np.random.default_rng(1)
    sets = {f"own {i}": frozenset(SYMBOLS[10 * i : 10 * i + 10]) for i in range(10)}
    sets |= {f"any {i}": frozenset(rng.choice(SYMBOLS, rng.integers(5, 60), replace=False)) for i in range(50)}
    return cut_to_background("lib", sets, SYMBOLS, 5, 500)


@pytest.fixture(scope="module")
def loop(lists, library):
    """p of every pair [40, 60], one scipy call each."""
    left, right = lists.toarray(), library.members.toarray()
    p = np.ones((len(left), len(right)))
    for i, genes in enumerate(left):
        for j, members in enumerate(right):
            p[i, j] = hypergeom.sf((genes & members).sum() - 1, N_BACKGROUND, members.sum(), genes.sum())
    return p


def test_p_is_bit_identical_to_a_scipy_loop(lists, library, loop):
    tests = enrich(lists, library.members, EvenTails(library.members))
    assert np.array_equal(tests.p, loop[tests.row, tests.term])
    assert tests.n_tests == loop.size
    silent = np.ones(loop.shape, dtype=bool)
    silent[tests.row, tests.term] = False
    assert silent.any()
    assert (loop[silent] == 1).all()  # what was not written out is exactly p = 1


def test_q_is_that_of_all_pairs(lists, library, loop):
    tests = enrich(lists, library.members, EvenTails(library.members))
    q = false_discovery_control(loop.ravel()).reshape(loop.shape)
    np.testing.assert_allclose(family_q([tests])[0], q[tests.row, tests.term], rtol=1e-12)


def test_p_equals_fishers_exact_test(lists, library):
    tests = enrich(lists, library.members, EvenTails(library.members))
    for i in np.random.default_rng(2).choice(tests.p.size, 40, replace=False):
        a, size, members = tests.overlap[i], lists[[tests.row[i]]].nnz, library.members[[tests.term[i]]].nnz
        table = [[a, size - a], [members - a, N_BACKGROUND - size - members + a]]
        np.testing.assert_allclose(tests.p[i], fisher_exact(table, alternative="greater").pvalue, rtol=1e-9)


def test_p_equals_gseapys(lists, library):
    tests = enrich(lists, library.members, EvenTails(library.members))
    members = {term: {SYMBOLS[g] for g in library.members[[j]].indices} for j, term in enumerate(library.terms)}
    for row in (0, 7, 25):
        query = {SYMBOLS[g] for g in lists[[row]].indices}
        terms, p, *_ = gseapy.stats.calc_pvalues(query, members, set(SYMBOLS))
        theirs = dict(zip(terms, p, strict=True))
        mine = {
            library.terms[t]: v for t, v in zip(tests.term[tests.row == row], tests.p[tests.row == row], strict=True)
        }
        assert mine == pytest.approx(theirs, rel=1e-12)


def test_a_table_of_tails_may_be_asked_again(lists, library, loop):
    tails = EvenTails(library.members)
    enrich(lists[:3], library.members, tails)
    tests = enrich(lists, library.members, tails)
    assert np.array_equal(tests.p, loop[tests.row, tests.term])


def test_annotated_lists_are_those_with_a_small_q_and_two_genes(lists, library):
    tests = enrich(lists, library.members, EvenTails(library.members))
    slow = np.zeros(40, dtype=bool)
    for row, q, overlap in zip(tests.row, family_q([tests])[0], tests.overlap, strict=True):
        slow[row] |= q <= 0.05 and overlap >= MIN_OVERLAP
    assert np.array_equal(annotated([tests], 40, 0.05)[0], slow)
    assert slow[:10].all()


def test_one_common_gene_is_never_an_annotation():
    lists = csr_matrix(np.eye(1, 10_000, dtype=np.int32))
    tests = enrich(lists, lists, EvenTails(lists))
    assert family_q([tests])[0] < 0.05
    assert not annotated([tests], 1, 0.05).any()


def test_an_empty_library_tests_nothing(lists):
    nothing = csr_matrix((0, N_BACKGROUND), dtype=np.int32)
    for tails in (EvenTails(nothing), MatchedTails(nothing, lists)):
        tests = enrich(lists, nothing, tails)
        assert (tests.n_tests, tests.p.size, family_q([tests])[0].size) == (0, 0, 0)
    assert not annotated([tests], 40, 0.05)[0].any()


def test_random_lists_keep_sizes_and_hold_distinct_genes(lists):
    drawn = random_lists(lists, np.random.default_rng(0))
    assert np.array_equal(np.diff(drawn.indptr), np.diff(lists.indptr))
    assert drawn.toarray().max() == 1
    assert drawn.toarray().sum() == lists.sum()


def test_random_lists_follow_the_frequency_of_genes():
    """Single-gene lists: gene 0 in 30 of 40, gene 1 in 10, so three draws in four are gene 0."""
    lists = binary([{0}] * 30 + [{1}] * 10)
    rng = np.random.default_rng(0)
    drawn = sum(random_lists(lists, rng).toarray().sum(axis=0) for _ in range(100))
    assert drawn[:2].sum() == 4000
    assert 2890 <= drawn[0] <= 3110  # 3000 expected, SD 27


@pytest.mark.parametrize("spare", [1, 2, 20])
def test_random_lists_are_draws_one_after_the_other_without_replacement(monkeypatch, spare):
    """However many lists must be filled by the race: each order of three genes of weights 6, 3, 2 and 1, against its
    probability, in lists of two."""
    monkeypatch.setattr(null_lists, "SPARE", spare)
    weights = np.array([6, 3, 2, 1])
    lists = binary([{0, 1}] * 3 + [{0, 2}] * 2 + [{0, 3}])
    many = vstack([lists] * 5000).tocsr()  # the same frequencies, and enough lists
    drawn = random_lists(many, np.random.default_rng(spare)).indices.reshape(-1, 2)
    seen = np.zeros((4, 4))
    np.add.at(seen, (drawn[:, 0], drawn[:, 1]), 1)
    chance = weights[:, None] / 12 * weights / (12 - weights[:, None])
    apart = ~np.eye(4, dtype=bool)
    assert not seen[~apart].any()
    assert chisquare(seen[apart], chance[apart] * 30_000).pvalue > 0.01


def test_the_null_repeats_with_its_seed_and_finds_little(lists, library):
    null = null_fractions(lists, [library], [EvenTails(library.members)], 0.05, draws=10, seed=3)
    assert null.shape == (10, 2)
    assert np.array_equal(null, null_fractions(lists, [library], [EvenTails(library.members)], 0.05, draws=10, seed=3))
    assert null.mean() < 0.05
    tests = enrich(lists, library.members, EvenTails(library.members))
    assert annotated([tests], 40, 0.05).mean() >= 0.25


def test_the_null_sees_sets_that_always_go_together():
    """Genes in every list make any library with them look enriched; the matched null shows as much."""
    lists = binary([set(range(10))] * 20)
    library = cut_to_background("lib", {"common": frozenset(SYMBOLS[:10])}, SYMBOLS, 5, 500)
    assert null_fractions(lists, [library], [EvenTails(library.members)], 0.05, draws=2, seed=0).min() == 1.0


def test_sets_that_always_go_together_are_no_annotation_of_lists_drawn_by_frequency():
    lists = binary([set(range(10))] * 20)
    library = cut_to_background("lib", {"common": frozenset(SYMBOLS[:10])}, SYMBOLS, 5, 500)
    tails = MatchedTails(library.members, lists)
    assert enrich(lists, library.members, tails).p.min() > 0.5
    assert null_fractions(lists, [library], [tails], 0.05, draws=2, seed=0).max() == 0.0


def test_all_libraries_are_one_family(lists, library):
    other = cut_to_background("other", {"any": frozenset(SYMBOLS[40:90])}, SYMBOLS, 5, 500)
    tests = [enrich(lists, one.members, EvenTails(one.members)) for one in (library, other)]
    p = np.ones((2, 40, 60))
    for place, found in enumerate(tests):
        p[place, found.row, found.term] = found.p
    q = false_discovery_control(np.concatenate([p[0].ravel(), p[1, :, 0]]))
    np.testing.assert_allclose(family_q(tests)[0], q[:2400].reshape(40, 60)[tests[0].row, tests[0].term], rtol=1e-12)
    np.testing.assert_allclose(family_q(tests)[1], q[2400:][tests[1].row], rtol=1e-12)
    found = annotated(tests, 40, 0.05)
    for own, one, q in zip(found, tests, family_q(tests), strict=True):
        assert set(np.flatnonzero(own)) == set(one.row[(q <= 0.05) & (one.overlap >= MIN_OVERLAP)])


def test_the_null_of_no_lists_is_zero(library):
    nothing = csr_matrix((0, N_BACKGROUND), dtype=np.int32)
    assert np.array_equal(
        null_fractions(nothing, [library], [EvenTails(library.members)], 0.05, draws=3, seed=0), np.zeros((3, 2))
    )
