"""Families of genes: log odds by hand, planted families, and random ones at the nominal rate at any frequency."""

import numpy as np
import pytest

from tasks.analyses.labels.families import PREFIXES, choose_families, family_rows
from tasks.analyses.labels.step import LabelsSettings
from tasks.codes.axes import Axes
from tasks.store import RequestError

SETTINGS = LabelsSettings(families=("lib",), family_draws=199, fine_draws=1999, keep_p=1.0)
N_GENES = 300


def axes_of(symbols, count):
    gene = np.repeat(np.arange(len(symbols)), count)
    return Axes(np.zeros(gene.size, dtype=np.int64), np.zeros(1, dtype=np.uint32), gene, list(symbols), list(symbols))


def genes_and_features(rng, n_features):
    """Tokens of unlike frequency, and features that favour frequent genes, each with genes of its own."""
    count = np.rint(10 * rng.lognormal(1, 1, N_GENES)).astype(np.int64) + 1
    taste = rng.lognormal(0, 1.5, (n_features, N_GENES)) * (count / count.mean()) ** 0.5
    rate = np.minimum(0.9, 0.03 * taste)
    return axes_of([f"G{g}" for g in range(N_GENES)], count), rng.binomial(count, rate).astype(np.uint32)


def test_random_families_are_called_at_the_nominal_rate():
    rng = np.random.default_rng(0)
    axes, fires = genes_and_features(rng, 60)
    weight = axes.gene_count / axes.gene_count.sum()
    families = [("lib", f"set {k}", rng.choice(N_GENES, 12, replace=False, p=weight)) for k in range(40)]
    rows = family_rows(fires, axes, families, SETTINGS).filter(rule="curated")
    p = rows["p"].to_numpy().reshape(60, 40)
    assert (rows["n_tests"] == 2400).all()
    rate = (p <= 0.05).mean()
    of_family = (p <= 0.05).mean(axis=0)  # features share the random genes of a family, so families are the units
    assert abs(rate - 0.05) < 3 * max(of_family.std() / 40**0.5, (0.05 * 0.95 / 2400) ** 0.5)
    assert (rows["q"] <= 0.05).mean() < 0.01


def test_planted_families_are_found_and_others_are_not():
    rng = np.random.default_rng(1)
    axes, fires = genes_and_features(rng, 40)
    own = rng.choice(N_GENES, 15, replace=False)
    other = rng.choice(np.setdiff1d(np.arange(N_GENES), own), 15, replace=False)
    fires[:10, own] = rng.binomial(axes.gene_count[own], 0.7, (10, 15))
    rows = family_rows(fires, axes, [("lib", "own", own), ("lib", "other", other)], SETTINGS).filter(rule="curated")
    found = rows.filter(rows["q"] <= 0.05)
    assert set(found.filter(family="own")["feature"]) >= set(range(10))
    assert found.height <= 12


def test_log_odds_are_those_of_the_four_counts():
    rng = np.random.default_rng(2)
    axes, fires = genes_and_features(rng, 5)
    fires[3] = 0
    genes = np.arange(10, 22)
    rows = family_rows(fires, axes, [("lib", "own", genes)], SETTINGS).filter(rule="curated")
    assert rows["feature"].to_list() == [0, 1, 2, 4], "a dead feature has no row"
    inside = np.isin(np.arange(N_GENES), genes)
    for row in rows.to_dicts():
        active, tokens = fires[row["feature"]].astype(int), axes.gene_count
        a, b = active[inside].sum(), active[~inside].sum()
        c, d = tokens[inside].sum() - a, tokens[~inside].sum() - b
        expected = np.log((a + 0.5) * (d + 0.5) / ((c + 0.5) * (b + 0.5)))
        assert row["log_odds"] == pytest.approx(expected, abs=1e-9)
        assert (row["n_active"], row["n_tokens"], row["n_genes"]) == (a, a + c, 12)


def test_published_prefixes_catch_unrelated_genes_and_have_no_p():
    symbols = ["TRAC", "TRAF1", "TRIM5", "IGHM", "IGF1", "RPL3", "GAPDH", "UBA52"]
    axes = axes_of(symbols, np.full(8, 20))
    fires = np.array([[0, 9, 9, 0, 9, 0, 2, 1]], dtype=np.uint32)
    rows = family_rows(fires, axes, [], SETTINGS)
    found = {row["family"]: row["n_active"] for row in rows.to_dicts()}
    assert found == {"T-cell receptors": 18, "immunoglobulins": 9, "ribosomal proteins": 1}
    assert set(found) <= set(PREFIXES)
    assert rows["p"].null_count() == rows["q"].null_count() == rows.height


def test_the_largest_sets_that_fit_are_families():
    sets = {
        "small": frozenset("AB"),
        "fits": frozenset("ABCDE"),
        "larger": frozenset("ABCDEFG"),
        "huge": frozenset("ABCDEFGHIJ"),
    }
    settings = LabelsSettings(families=("lib",), max_family=8, max_families=2)
    chosen = choose_families(list("ABCDEFGHIJ"), {"lib": sets}, settings)
    assert [(library, family, genes.size) for library, family, genes in chosen] == [
        ("lib", "larger", 7),
        ("lib", "fits", 5),
    ]
    assert choose_families(list("AB"), {}, LabelsSettings()) == []
    with pytest.raises(RequestError, match=r"labels\.families: references\.gene_sets has no library lib"):
        choose_families(list("AB"), {}, settings)
