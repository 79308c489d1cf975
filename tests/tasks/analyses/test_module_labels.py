"""Labels of modules: planted terms are found; terms that have nothing to do with modules are not."""

import numpy as np
import polars as pl
import pytest
from scipy.sparse import csr_matrix
from scipy.stats import false_discovery_control

from tasks.analyses.modules.labels import label_rows
from tasks.analyses.modules.step import ModulesSettings
from tasks.references.enrichment import enrich, family_q
from tasks.references.tails import EvenTails
from tasks.statistics.listing import listing_weights

N = 200
MODULES = [list(range(first, first + 12)) for first in range(0, 60, 12)]
FEATURES = np.arange(0, 2 * N, 2)


def frame(carriers):
    """``carriers``: places of the features that carry each term."""
    rows = [(int(FEATURES[place]), term) for term, own in carriers.items() for place in own]
    annotation = pl.DataFrame(rows, schema={"feature": pl.UInt32, "term": pl.String}, orient="row")
    return annotation.with_columns(library=pl.lit("go"))


def exact_tail(weights, members, length, overlap):
    """P(X >= overlap) of ``length`` features drawn with these odds, by counting sets through a polynomial."""
    law = np.zeros((length + 1, len(members) + 1))
    law[0, 0] = 1
    inside = set(members)
    for feature, weight in enumerate(weights):
        grown = law.copy()
        grown[1:, 1 if feature in inside else 0 :] += weight * law[:-1, : law.shape[1] - (feature in inside)]
        law = grown
    return law[length, overlap:].sum() / law[length].sum()


def test_labels_equal_one_test_a_pair():
    rng = np.random.default_rng(0)
    carriers = {f"t{term}": rng.choice(N, rng.integers(4, 20), replace=False) for term in range(12)}
    carriers["own"] = [*range(6), 150, 151]
    annotation = pl.concat([frame(carriers), pl.DataFrame({"feature": [1], "term": ["apart"], "library": ["go"]}).cast(
        {"feature": pl.UInt32})])  # fmt: skip
    found = label_rows(FEATURES, MODULES, annotation, ModulesSettings(alpha=0.999999, labels=100))
    sizes = np.array([len(own) for own in carriers.values()])
    weights = listing_weights(sizes, np.bincount(np.concatenate([*carriers.values()]), minlength=N))
    slow = {}
    for number, own in enumerate(MODULES, start=1):
        for term, places in carriers.items():
            overlap = len(set(places) & set(own))
            slow[number, term] = overlap, exact_tail(weights, own, len(places), overlap)
    q = dict(zip(slow, false_discovery_control([p for _, p in slow.values()]), strict=True))
    shown = {pair for pair, (overlap, _) in slow.items() if overlap >= 2 and q[pair] <= 0.999999}
    assert set(found.select("module", "label").rows()) == shown
    for row in found.to_dicts():
        overlap, p = slow[row["module"], row["label"]]
        assert row["n_features"] == overlap
        assert (row["p"], row["q"]) == (
            pytest.approx(p, rel=1e-6),
            pytest.approx(q[row["module"], row["label"]], rel=1e-6),
        )
    assert label_rows(FEATURES, MODULES, annotation, ModulesSettings())["label"].to_list() == ["own"]


def studies(n, seed, labelled):
    """Share of studies with a label although terms have nothing to do with modules; members carry ten times as many."""
    rng = np.random.default_rng(seed)
    rich = np.ones(N)
    rich[: MODULES[-1][-1] + 1] = 10
    hits = 0
    for _ in range(n):
        keys = rng.standard_exponential((60, N)) / rich
        carriers = {f"t{term}": np.argsort(own)[:15] for term, own in enumerate(keys)}
        hits += labelled(carriers)
    return hits / n


def test_members_that_carry_many_terms_do_not_label_their_module_by_that():
    """About alpha of the studies have a label; by the hypergeometric law, nearly all of them have."""
    rate = studies(60, 0, lambda carriers: label_rows(FEATURES, MODULES, frame(carriers), ModulesSettings()).height > 0)
    assert rate <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 60)

    def evenly(carriers):
        lists = _binary(list(carriers.values()))
        modules = _binary(MODULES)
        tests = enrich(modules, lists, EvenTails(lists))
        return bool((family_q([tests])[0] <= 0.05).any())

    assert studies(20, 1, evenly) > 0.8


@pytest.mark.slow
def test_label_errors_over_many_studies():
    rate = studies(
        600, 2, lambda carriers: label_rows(FEATURES, MODULES, frame(carriers), ModulesSettings()).height > 0
    )
    assert rate <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 600)


def test_planted_labels_are_found():
    rng = np.random.default_rng(3)
    carriers = {f"t{term}": rng.choice(N, 15, replace=False) for term in range(40)}
    carriers |= {f"own {number}": [*own[:8], *rng.integers(60, N, 3)] for number, own in enumerate(MODULES)}
    found = label_rows(FEATURES, MODULES, frame(carriers), ModulesSettings())
    assert {(number, f"own {number - 1}") for number in range(1, 6)} <= set(found.select("module", "label").rows())
    assert (found["n_features"] > found["expected"]).all()


@pytest.mark.parametrize(("modules", "carriers"), [([], {"t": [1, 2]}), (MODULES, {})])
def test_nothing_to_label_or_to_label_with(modules, carriers):
    assert label_rows(FEATURES, modules, frame(carriers), ModulesSettings()).is_empty()


def _binary(lists):
    row = np.repeat(np.arange(len(lists)), [len(own) for own in lists])
    column = np.concatenate(lists)
    return csr_matrix((np.ones(row.size, dtype=np.int32), (row, column)), shape=(len(lists), N))
