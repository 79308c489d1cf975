"""Disease genes: hubs are told from features that fire often; edges within a disease stand beside both nulls."""

import numpy as np
import polars as pl
import pytest
from pydantic import ValidationError

from tasks.analyses.disease.circuits import circuit_rows, target_bins
from tasks.analyses.disease.degrees import TOO_FEW, degree_rows
from tasks.analyses.disease.lists import list_diseases
from tasks.analyses.disease.shared import ALIKE, shared_row
from tasks.analyses.disease.step import STEP, DiseaseSettings
from tasks.describe.settings import DescribeSettings
from tasks.references.gene_sets import read_gene_sets
from tasks.section import Sections
from tasks.statistics.matched_sum import MatchedSum
from tasks.store import RequestError
from tests.builders.planted_diseases import plant_degrees, plant_network, plant_shared
from tests.shared import shared_path

SETTINGS = DiseaseSettings(n_draws=199, rewired=19, bins=5)
CHANCE = 0.05
NAMES = [("file", "illness")]


def test_matched_sums_are_those_of_a_loop():
    rng = np.random.default_rng(0)
    values, bins, marked = rng.normal(size=30), rng.integers(0, 4, 30), np.array([1, 4, 9, 16, 25])
    found = MatchedSum(values, marked, bins, 999, [0])
    assert found.observed == pytest.approx(sum(values[one] for one in marked))
    assert found.expect == pytest.approx(sum(values[bins == bins[one]].mean() for one in marked))
    drawn = []
    for _ in range(999):
        mixed = values.copy()
        for one in range(4):
            mixed[bins == one] = rng.permutation(values[bins == one])
        drawn.append(mixed[marked].sum())
    assert found.sd == pytest.approx(np.std(drawn), rel=0.1)
    far = np.abs(np.array(drawn) - found.expect) >= abs(found.observed - found.expect)
    assert found.p == pytest.approx(far.mean(), abs=0.06)


def test_marks_that_cannot_be_exchanged_have_p_one():
    found = MatchedSum(np.arange(4.0), np.array([0, 3]), np.array([0, 1, 1, 2]), 99, [0])
    assert found.observed == found.expect == 3
    assert found.p == 1


def degree_p(seeds, lift):
    """p_matched and p_unmatched of every planted study."""
    rows = [degree_rows(SETTINGS, *plant_degrees(seed, lift))[0] for seed in seeds]
    return np.array([(row["p_matched"], row["p_unmatched"]) for row in rows]).T


def test_hubs_that_fire_often_are_no_disease_hubs_and_planted_ones_are():
    """Without matching, as published, nearly every set of frequent features is "central"."""
    matched, unmatched = degree_p(range(30), 0.0)
    assert (matched <= CHANCE).mean() <= CHANCE + 3 * (CHANCE * 0.95 / 30) ** 0.5
    assert (unmatched <= CHANCE).mean() > 0.6
    assert (degree_p(range(10), 0.9)[0] <= CHANCE).mean() >= 0.9


def test_few_features_are_not_tested():
    degrees, features, found = plant_degrees(0)
    (row,) = degree_rows(SETTINGS, degrees, features, found.head(2))
    assert (row["p_matched"], row["reason"], row["n_features"]) == (None, TOO_FEW, 2)
    assert row["mean_rank"] == pytest.approx(_ranks(degrees)[found["feature"].to_numpy()[:2]].mean())


def _ranks(degrees):
    d = degrees["degree"].to_numpy()
    return np.array([((d < one).sum() + ((d == one).sum() - 1) / 2 + 0.5) / d.size for one in d])


def test_edges_within_a_disease_are_those_of_a_loop():
    network, marks = plant_network(0)
    (row,) = circuit_rows(SETTINGS, network, NAMES, marks)
    own, other = (set(one.tolist()) for one in marks[0])
    assert row["n_edges"] == sum(a in own and b in other for a, b in network.edges.tolist())
    bins = target_bins(network, marks[0][1], SETTINGS.bins)
    assert all(np.unique(network.target_layer[bins == one]).size == 1 for one in np.unique(bins))
    reached = [sum(a in own and b == target for a, b in network.edges.tolist()) for target in range(bins.size)]
    expected = sum(np.mean([reached[x] for x in np.flatnonzero(bins == bins[one])]) for one in other)
    assert row["expected_matched"] == pytest.approx(expected)
    assert 0.3 < row["changed"] < 1


def circuit_p(seeds, **planted):
    rows = [circuit_rows(SETTINGS, *_named(plant_network(seed, **planted)))[0] for seed in seeds]
    return np.array([(row["p_matched"], row["p_rewired"]) for row in rows]).T


def _named(planted):
    network, marks = planted
    return network, NAMES, marks


def test_random_edges_join_no_disease_and_planted_ones_do():
    sampling = 3 * (CHANCE * 0.95 / 12) ** 0.5
    assert ((circuit_p(range(12)) <= CHANCE).mean(axis=1) <= CHANCE + sampling).all()
    assert ((circuit_p(range(4), share=0.5) <= CHANCE).mean(axis=1) >= 0.8).all()


def test_targets_that_answer_anything_are_known_to_the_rewired_null_alone():
    matched, rewired = circuit_p(range(5), ready=1.5)
    assert (matched <= CHANCE).mean() > 0.5
    assert (rewired <= CHANCE).mean() <= 0.4


class Described:
    """The tables of a step folder that lists are read from: two features, one of which lists a disease."""

    def read_table(self, table):
        if table == "feature":
            return pl.DataFrame({"sae_id": [SAE]})
        listed = {0: [f"G{n}" for n in range(10)], 1: [f"G{n}" for n in range(60, 70)]}
        listed |= {feature: [f"G{(7 * feature + 5 * n) % 80 + 20}" for n in range(10)] for feature in range(2, 30)}
        rows = [(f, rank + 1, gene) for f, genes in listed.items() for rank, gene in enumerate(genes)]
        return pl.DataFrame(rows, schema={"feature": pl.UInt32, "rank": pl.UInt16, "symbol": pl.String}, orient="row")


SAE = "sae-0"
BACKGROUND = [f"G{n}" for n in range(100)]


def test_features_list_diseases_beside_random_lists():
    diseases = {"file": {"illness": frozenset(BACKGROUND[:12]), "other": frozenset(BACKGROUND[20:100:9])}}
    found = list_diseases(SETTINGS, DescribeSettings(), Described(), diseases, BACKGROUND)
    hits = found.diseases.filter("significant").select("feature", "disease").rows()
    assert (0, "illness") in hits
    assert (1, "illness") not in hits
    whole = found.summary.filter(library="all").row(0, named=True)
    assert whole["n_annotated"] == len({feature for feature, _ in hits})
    assert 0 <= whole["null_mean"] < whole["annotated_fraction"] < 0.3
    with pytest.raises(RequestError, match=r"no disease of file has 5 to 2000 genes that features could list"):
        list_diseases(SETTINGS, DescribeSettings(), Described(), {"file": {"x": frozenset(["A"])}}, BACKGROUND)


def test_files_are_read_when_a_study_is_planned(tmp_path):
    broken = tmp_path / "broken.gmt"
    broken.write_text("one field\n")
    for path, words in ((tmp_path / "missing.gmt", "disease.sets: no file at"), (broken, "line 1: not a gene set")):
        sections = Sections({"disease": DiseaseSettings(sets=[str(path)])})
        with pytest.raises(RequestError, match=words):
            STEP.outside(sections, None)
    with pytest.raises(ValidationError, match="is the name of another file"):
        DiseaseSettings(sets=["a/x.gmt", "b/x.gmt"])
    with pytest.raises(ValidationError, match="no disease could pass"):
        DiseaseSettings(min_set=10, max_set=5)


def test_a_catalogue_of_associations_is_read_whole():
    path = shared_path("data/gmt/GWAS_Catalog_2019.gmt")
    assert len(read_gene_sets(path)) > 1000
    assert STEP.outside(Sections({"disease": DiseaseSettings(sets=[str(path)])}), None)


def shared_p(seeds, lift=0.0):
    """Rows of planted pairs of labels, study by study."""
    return [shared_row(SETTINGS.model_copy(update={"seed": seed}), *plant_shared(seed, lift)) for seed in seeds]


def test_pairs_of_frequent_labels_are_no_shared_diseases_and_planted_ones_are():
    """Frequent labels are shared more often and have more diseases: one table, as published, would call them."""
    rows = shared_p(range(60))
    p, by_pairs, alone = (np.array([row[name] for row in rows]) for name in ("p", "p_pairs", "odds_alone"))
    assert (p <= CHANCE).mean() <= CHANCE + 3 * (CHANCE * 0.95 / 60) ** 0.5
    assert (by_pairs <= CHANCE).mean() > (p <= CHANCE).mean()
    assert np.median(alone) > 1.5
    found = shared_p(range(20), 2.5)
    assert np.mean([row["p"] <= CHANCE for row in found]) >= 0.8
    assert np.median([row["odds_ratio"] for row in found]) > 1.5


def test_tables_of_strata_are_those_of_a_loop():
    named, ends, own = plant_shared(0)
    row = shared_row(SETTINGS, named, ends, own)
    size = dict(named.iter_rows())
    has = {domain: set(part["disease"]) for (domain,), part in own.group_by("domain")}
    pairs = [(size[s] * size[t], bool(x), bool(has.get(s, set()) & has.get(t, set()))) for s, t, x in ends.iter_rows()]
    cuts = np.quantile([n for n, *_ in pairs], np.arange(1, SETTINGS.bins) / SETTINGS.bins, method="inverted_cdf")
    above = below = 0.0
    for stratum in range(SETTINGS.bins):
        own_pairs = [(x, y) for n, x, y in pairs if np.searchsorted(np.unique(cuts), n) == stratum]
        a, b, c, d = (sum(one == pair for one in own_pairs) for pair in ((1, 1), (1, 0), (0, 1), (0, 0)))
        above, below = above + a * d / max(len(own_pairs), 1), below + b * c / max(len(own_pairs), 1)
    assert row["odds_ratio"] == pytest.approx(above / below)
    assert (row["n_pairs"], row["n_both"]) == (len(pairs), sum(x and y for _, x, y in pairs))
    nothing = shared_row(SETTINGS, named, ends.with_columns(shared=pl.lit(None, pl.Boolean)), own)
    assert (nothing["p"], nothing["reason"]) == (None, ALIKE)
