"""Which rows the annotation table keeps, what they say, and what the summary and labels make of them."""

import numpy as np
import polars as pl
import pytest
from scipy.stats import false_discovery_control, hypergeom

from tasks.describe.summary import best_labels, summarise
from tasks.references.annotation import annotate, gene_lists
from tasks.references.gene_sets import cut_to_background
from tasks.references.tails import EvenTails, MatchedTails
from tasks.statistics.listing import SetLaws, listing_weights

SYMBOLS = [f"G{g}" for g in range(120)]
N_LISTS = 30


@pytest.fixture(scope="module")
def ranked():
    """Lists of 15 genes in random order; list i < 5 holds most of set i. Features are numbered 3, 6, 9, …"""
    rng = np.random.default_rng(0)
    rows = []
    for i in range(N_LISTS):
        own = list(range(8 * i, 8 * i + 7)) if i < 5 else []
        rest = [g for g in rng.permutation(120).tolist() if g not in own][: 15 - len(own)]
        genes = rng.permutation(own + rest).tolist()
        rows += [{"feature": 3 * i + 3, "rank": r + 1, "symbol": SYMBOLS[g]} for r, g in enumerate(genes)]
    return pl.DataFrame(rows, schema={"feature": pl.UInt32, "rank": pl.UInt16, "symbol": pl.String})


@pytest.fixture(scope="module")
def library():
    rng = np.random.default_rng(1)
    sets = {f"own {i}": frozenset(SYMBOLS[8 * i : 8 * i + 8]) for i in range(5)}
    sets |= {f"any {i}": frozenset(rng.choice(SYMBOLS, rng.integers(5, 40), replace=False)) for i in range(60)}
    return cut_to_background("lib", sets, SYMBOLS, 5, 500)


@pytest.fixture(scope="module")
def result(ranked, library):
    return annotate(gene_lists(ranked, SYMBOLS), [library], [EvenTails(library.members)], 0.05)


def test_rows_are_those_of_a_loop(ranked, library, result):
    lists = {f: g["symbol"].to_list() for (f,), g in ranked.group_by("feature", maintain_order=True)}
    members = {term: {SYMBOLS[g] for g in library.members[[j]].indices} for j, term in enumerate(library.terms)}
    shared = {(f, t): [g for g in genes if g in members[t]] for f, genes in lists.items() for t in members}
    p = {(f, t): hypergeom.sf(len(common) - 1, 120, len(members[t]), 15) for (f, t), common in shared.items()}
    q = dict(zip(p, false_discovery_control(list(p.values())), strict=True))
    kept = {}
    for f in lists:
        best = sorted((p[f, t], place, t) for place, t in enumerate(members) if len(shared[f, t]) >= 2)
        kept[f] = [t for place, (v, _, t) in enumerate(best) if q[f, t] <= 0.05 or (place < 5 and v < 0.05)]
    frame, _ = result
    assert frame.group_by("feature", maintain_order=True).agg("term").rows() == [(f, t) for f, t in kept.items() if t]
    for row in frame.iter_rows(named=True):
        pair = row["feature"], row["term"]
        assert row["genes"] == ", ".join(shared[pair])
        assert (row["n_overlap"], row["n_set"]) == (len(shared[pair]), len(members[row["term"]]))
        assert (row["n_feature_genes"], row["n_background"]) == (15, 120)
        assert row["p"] == p[pair]
        assert row["q"] == pytest.approx(q[pair], rel=1e-12)
        assert row["fold"] == pytest.approx(row["n_overlap"] / (15 * row["n_set"] / 120))
        assert row["significant"] == (q[pair] <= 0.05)


def test_planted_lists_are_annotated_and_labelled(result):
    frame, found = result
    assert found[0, :5].all()
    labels = best_labels(frame)
    assert labels.head(5)["label"].to_list() == [f"own {i}" for i in range(5)]
    assert labels["feature"].to_list()[:5] == [3, 6, 9, 12, 15]
    assert labels.height == found.sum()


def test_expectations_are_those_of_lists_drawn_by_frequency(ranked, library):
    genes = gene_lists(ranked, SYMBOLS)
    tails = MatchedTails(library.members, genes.lists)
    frame, _ = annotate(genes, [library], [tails], 0.05)
    place = {term: number for number, term in enumerate(library.terms)}
    means = SetLaws(
        listing_weights(np.diff(genes.lists.indptr), np.asarray(genes.lists.sum(axis=0)).ravel()), library.members, 15
    ).means(15)
    assert frame.height
    for row in frame.iter_rows(named=True):
        assert row["expected"] == pytest.approx(means[place[row["term"]]])
        assert row["fold"] == pytest.approx(row["n_overlap"] / row["expected"])
    listed = genes.lists.sum(axis=0)
    assert means @ np.ones(65) != pytest.approx(15 * library.members.sum() / 120)  # genes are not listed alike
    assert listed.sum() == 450


def test_the_better_rank_of_a_symbol_counts_once():
    rows = {"feature": [7, 7, 7], "rank": [1, 2, 3], "symbol": ["G1", "g0", "G0"]}
    genes = gene_lists(pl.DataFrame(rows, schema_overrides={"feature": pl.UInt32}), ["G0", "G1", "G2"])
    assert genes.feature.tolist() == [7]
    assert genes.lists.toarray().tolist() == [[1, 1, 0]]
    assert genes.ranks.toarray().tolist() == [[2, 1, 0]]


def test_labels_prefer_small_q_then_small_p_then_many_genes():
    rows = {
        "feature": [0, 0, 1, 1, 2, 2, 3],
        "term": ["worse q", "best q", "worse p", "best p", "fewer", "more", "no"],
        "library": ["a", "b", "a", "b", "a", "b", "a"],
        "q": [0.02, 0.01, 0.01, 0.01, 0.01, 0.01, 0.5],
        "p": [0.001, 0.002, 0.002, 0.001, 0.001, 0.001, 0.1],
        "n_overlap": [9, 2, 9, 2, 2, 3, 9],
        "significant": [True] * 6 + [False],
    }
    assert best_labels(pl.DataFrame(rows))["label"].to_list() == ["best q", "best p", "more"]


def test_the_summary_sets_the_null_beside_the_found(ranked, library):
    genes = gene_lists(ranked, SYMBOLS)
    found = np.zeros((2, N_LISTS), dtype=bool)
    found[0, :6], found[1, 4:9] = True, True
    null = np.array([[0.0, 0.1, 0.1], [0.2, 0.1, 0.3]])
    summary = summarise(genes, [library, cut_to_background("none", {}, SYMBOLS, 5, 500)], found, null)
    assert summary["library"].to_list() == ["lib", "none", "all"]
    assert summary["n_annotated"].to_list() == [6, 5, 9]
    assert summary["annotated_fraction"].to_list() == pytest.approx([0.2, 5 / 30, 0.3])
    assert summary["n_terms"].to_list() == [len(library.terms), 0, len(library.terms)]
    assert summary["null_mean"].to_list() == pytest.approx([0.1, 0.1, 0.2])
    assert summary["null_sd"].to_list() == pytest.approx([0.1 * 2**0.5, 0, 0.1 * 2**0.5])
    assert summary["null_max"].to_list() == pytest.approx([0.2, 0.1, 0.3])


def test_of_redundant_significant_sets_the_better_one_stands_for_the_others(ranked):
    sets = {f"own {i}": frozenset(SYMBOLS[8 * i : 8 * i + 8]) for i in range(5)}
    wider = {f"wider {i}": frozenset(SYMBOLS[8 * i : 8 * i + 11]) for i in range(5)}
    library = cut_to_background("lib", wider | sets, SYMBOLS, 5, 500)
    genes, tails = gene_lists(ranked, SYMBOLS), [EvenTails(library.members)]
    frame, _ = annotate(genes, [library], tails, 0.05, 0.5)
    named = {(row["feature"], row["term"]): row["represented_by"] for row in frame.filter("significant").to_dicts()}
    for i in range(5):
        assert named[3 * i + 3, f"own {i}"] is None
        assert named[3 * i + 3, f"wider {i}"] == f"own {i}"
    assert (
        frame.filter(~pl.col("significant"))["represented_by"].null_count()
        == frame.filter(~pl.col("significant")).height
    )
    alone, _ = annotate(genes, [library], tails, 0.05)
    assert alone["represented_by"].null_count() == alone.height
    assert alone.drop("represented_by").equals(frame.drop("represented_by"))
