"""The published rule: a loop gives the same figures, and its published figures come out of published rows."""

import numpy as np
import polars as pl
import pytest
from scipy.sparse import csr_matrix
from scipy.stats import false_discovery_control, fisher_exact

from tasks.codes.firing_sums import sum_firings
from tasks.describe.genes import genes_by_both_rules
from tasks.describe.published import summarise_as_published, summarise_lists
from tasks.describe.settings import DescribeSettings
from tasks.references.annotation import gene_lists
from tasks.references.enrichment import annotated, enrich
from tasks.references.gene_sets import cut_to_background
from tasks.references.tails import EvenTails
from tests.builders.atlas_sets import LAYERS, N_PANEL, AtlasSets, atlas_sets
from tests.builders.describe import N_FEATURES, make_world
from tests.shared import shared_path

LIVING = (4583, 4576, 4580, 4591, 4586, 4595, 4602, 4592, 4583, 4568, 4543, 4538, 4580)
PUBLISHED = (2469, 2383, 2248, 2189, 2084, 2313, 2566, 2441, 2323, 2311, 2228, 2481, 2154)  # TF class, edges included
SURVIVING = (42, 37, 30, 20, 28, 17, 19, 25, 18, 22, 12, 13, 32)  # features, under one correction over all pairs
SYMBOLS = [f"G{g}" for g in range(90)]


def test_a_feature_of_two_genes_is_left_out():
    world = make_world()
    codes = np.zeros_like(world.codes)
    for gene in range(4):
        codes[np.flatnonzero(world.gene == gene)[:9], 0] = 1.0
    codes[np.flatnonzero(world.gene < 2), 1] = 1.0
    changed = type(world)(world.cell, world.gene, codes)
    sums = sum_firings(changed.firings(), changed.axes, N_FEATURES)
    ranked = genes_by_both_rules(sums, changed.axes, 20, 10, 20.0)
    assert ranked.filter(feature=1)["published_rank"].to_list() == [1, 2]
    settings = DescribeSettings(min_set=2, null_draws=2)
    library = {"own": {"a": frozenset({"G0", "G1", "G2", "G8", "G9"})}}
    assert set(summarise_as_published(settings, ranked, changed.axes, library)["n_features"]) == {1}


def test_the_summary_is_that_of_a_loop_over_fishers_tests():
    rng = np.random.default_rng(0)
    lists = {f: rng.choice(80, rng.integers(3, 15), replace=False).tolist() for f in range(60)}
    sets = {f"s{i}": frozenset(rng.choice(SYMBOLS, rng.integers(2, 40), replace=False)) for i in range(40)}
    sets |= {f"own {f}": frozenset(SYMBOLS[g] for g in lists[f][:6]) for f in range(6)}
    libraries = [cut_to_background(name, dict(list(sets.items())[own]), SYMBOLS, 5, 500) for name, own in PARTS.items()]
    rows = [(f, r + 1, SYMBOLS[g]) for f, genes in lists.items() for r, g in enumerate(genes)]
    ranked = pl.DataFrame(rows, {"feature": pl.UInt32, "rank": pl.UInt16, "symbol": pl.String}, orient="row")
    found = summarise_lists(gene_lists(ranked, SYMBOLS), libraries, 0.05, 3, 0)
    n = len({g for genes in lists.values() for g in genes})
    slow = []
    for library in libraries:
        for j in range(len(library.terms)):
            members = set(library.members[[j]].indices)
            for f, genes in lists.items():
                a = len(members & set(genes))
                if a >= 2:
                    table = [[a, len(genes) - a], [len(members) - a, n - len(genes) - len(members) + a]]
                    slow.append((library.name, f, fisher_exact(table, "greater").pvalue))
    q = false_discovery_control([p for *_, p in slow])
    hits = {(name, f) for (name, f, _), one in zip(slow, q, strict=True) if one <= 0.05}
    wanted = {name: len({f for one, f in hits if one == name}) for name in PARTS} | {"all": len({f for _, f in hits})}
    assert dict(found.select("library", "n_annotated").iter_rows()) == wanted
    assert 0 < wanted["all"] < 60
    assert found["n_tests"].to_list() == [*(sum(name == one for one, *_ in slow) for name in PARTS), len(slow)]
    assert set(found["n_background"]) == {n}
    assert set(found["rule"]) == {"published"}


PARTS = {"first": slice(0, 20), "second": slice(20, None)}


@pytest.fixture(scope="module")
def atlas() -> AtlasSets:
    return atlas_sets(shared_path("published/geneformer_atlas"), dict(zip(LAYERS, LIVING, strict=True)))


def tails_of(atlas: AtlasSets) -> EvenTails:
    return EvenTails(atlas.library.members, sizes=atlas.sizes, n_background=N_PANEL)


@pytest.mark.slow
def test_rebuilt_sets_are_as_many_and_as_large_as_published(atlas):
    assert (len(atlas.library.terms), atlas.library.members.shape[1]) == (2249, N_PANEL)
    assert np.percentile(atlas.sizes, [10, 50, 90]).tolist() == pytest.approx([5, 10, 32], abs=1)
    assert np.percentile(np.diff(atlas.library.members.indptr), [10, 50, 90]).tolist() == pytest.approx(
        [4, 9, 32], abs=1
    )


@pytest.mark.slow
@pytest.mark.parametrize(("weighted", "low", "high"), [(False, 0.61, 0.65), (True, 0.72, 0.76)])
def test_random_lists_are_annotated_by_the_published_rule_alone(atlas, weighted, low, high):
    """Published of 4,608 lists of 20 genes: 62-64 % drawn evenly, 73-75 % as often as listed, none over all pairs."""
    rng, weight = np.random.default_rng(0), atlas.times if weighted else np.ones(N_PANEL)
    genes = np.argpartition(rng.standard_exponential((4608, N_PANEL)) / weight, 20, axis=1)[:, :20]
    lists = csr_matrix((np.ones(genes.size, dtype=np.int32), (np.repeat(np.arange(4608), 20), genes.ravel())))
    share = {}
    for least in (2, 0):
        tests = enrich(lists, atlas.library.members, tails_of(atlas), least=least)
        share[least] = annotated([tests], 4608, 0.05).mean()
    assert low <= share[2] <= high
    assert share[0] <= 0.001


@pytest.mark.slow
def test_published_features_are_annotated_again_and_few_survive_a_correction_over_all_pairs(atlas):
    tails, again, survive = tails_of(atlas), [], []
    for lists in atlas.lists.values():
        for least, counts in ((2, again), (0, survive)):
            tests = enrich(lists, atlas.library.members, tails, least=least)
            counts.append(int(annotated([tests], lists.shape[0], 0.05).sum()))
    np.testing.assert_allclose(again, PUBLISHED, rtol=0.05)
    assert survive == list(SURVIVING)
