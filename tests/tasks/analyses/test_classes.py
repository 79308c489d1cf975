"""Classes of cells: loops count the same edges; planted classes are found; single edges find too many."""

import numpy as np
import polars as pl
import pytest

from tasks.analyses.classes.between import between_studies, sources_of
from tasks.analyses.classes.step import STEP, ClassesSettings
from tasks.analyses.classes.within import bins_of, chances, values_of, within_class
from tasks.analyses.classes.work import TOO_FEW, class_tables, read_classes
from tasks.analyses.labels.step import LabelsSettings
from tasks.section import Sections
from tasks.step import Inputs
from tasks.store import RequestError, StepFolder, table_frame
from tests.builders.contract import assert_contract
from tests.builders.planted_classes import N_CLASSES, plant_classes
from tests.builders.planted_domains import edges_of, plant_domains

CHANCE, DRAWS, BINS = 0.05, 199, 4


def test_shares_are_those_of_loops():
    wired = plant_classes(0, share=0.3)
    bins = bins_of(wired, BINS)
    found = within_class(wired, 0, bins, DRAWS, [0])
    edges = list(zip(wired.group.tolist(), wired.source.tolist(), wired.target.tolist(), strict=True))
    sources = [one for one in np.flatnonzero(wired.source_class == 0) if any(s == one for _, s, _ in edges)]
    shares, statistic = [], []
    for one in sources:
        own = [(group, target) for group, source, target in edges if source == one]
        within = sum(wired.target_class[target] == 0 for _, target in own)
        given = 0.0
        for group in {group for group, _ in own}:
            of_group = [target for g, _, target in edges if g == group]
            rate = np.mean([wired.target_class[target] == 0 for target in of_group])
            given += sum(g == group for g, _ in own) * rate
        shares.append(within / len(own))
        statistic.append((within - given) / len(own))
    assert found.share == pytest.approx(np.mean(shares))
    members = wired.target_class == 0
    values = values_of(wired, np.array(sources))
    assert values[:, members].sum(axis=1) == pytest.approx(np.array(statistic))
    chance = [np.mean(members[bins == one]) for one in bins]
    assert chances(wired, 0, bins) == pytest.approx(np.array(chance))
    expected = np.mean(shares) - np.mean(statistic) + (values.mean(axis=0) * chance).sum()
    assert found.expect == pytest.approx(expected)
    assert found.low <= found.share - found.expect <= found.high


def p_values(seeds, **planted):
    """p, p_exchanged, p_sources and p_edges of every class, class 0 alone if anything is planted: [4, n]."""
    rows = []
    for seed in seeds:
        wired = plant_classes(seed, **planted)
        bins = bins_of(wired, BINS)
        found = [
            within_class(wired, one, bins, DRAWS, [seed])
            for one in range(1 if {"share", "ready"} & {*planted} else N_CLASSES)
        ]
        rows += [(one.p, one.p_exchanged, one.p_sources, one.p_edges) for one in found]
    return np.array(rows).T


def test_classes_at_random_are_not_wired_and_edges_by_themselves_say_they_are():
    _, p_exchanged, _, _ = p_values(range(16))
    sampling = 3 * (CHANCE * 0.95 / p_exchanged.size) ** 0.5
    assert (p_exchanged <= CHANCE).mean() <= CHANCE + sampling
    p, _, p_sources, p_edges = p_values(range(16), scatter=0.1)
    assert (p <= CHANCE).mean() <= (p_sources <= CHANCE).mean() <= CHANCE + sampling
    assert (p_edges <= CHANCE).mean() > 2.5 * CHANCE


def test_planted_classes_are_found_and_ready_targets_are_none():
    assert (p_values(range(10), share=0.4)[0] <= CHANCE).mean() >= 0.9
    assert (p_values(range(10), ready=1.5)[0] <= CHANCE).mean() <= 0.2


def test_tables_hold_what_was_counted():
    graph = plant_domains(0, {0: 0}, 0.7)
    labels = graph.domains["term"]
    classes = labels.rename({"domain": "class"})
    tables = class_tables(ClassesSettings(n_draws=99), edges_of(graph), classes, labels)
    for table, frame in tables.items():
        assert_contract(frame, table)
    tests = tables["class_enrichment"]
    first = tests.row(0, named=True)
    assert first["q"] <= CHANCE
    assert first["share"] > first["expected"]
    few = tests.filter(pl.col("reason") == TOO_FEW)
    assert few["p"].null_count() == few.height
    within = tables["class_circuit"].group_by("class").agg(pl.col("n_edges").sum())
    counted = dict(tests.filter(pl.col("n_within") > 0).select("class", pl.col("n_within")).iter_rows())
    assert dict(within.iter_rows()) == counted  # every feature with a class has a label here


def test_a_label_is_the_class_that_a_feature_marks_best(tmp_path):
    rows = [(0, "tissue", "a", 0.01, True), (0, "tissue", "b", 0.001, True), (1, "donor", "x", 0.001, True)]
    rows += [(2, "tissue", "a", 0.001, False)]
    row = {"sae_id": "s", "conditional": False, "strata": "depth", "unit": "cell", "n_cells": 9, "n_others": 9}
    row |= {"n_donors": 0, "auroc": 0.9, "low": 0.8, "high": 0.95, "log2_fold": 1.0, "p": 0.001}
    row |= {"donor_auroc": None, "donor_p": None, "donor_q": None}
    names = ("feature", "obs_column", "label", "q", "significant")
    frame = table_frame("feature_label", [row | dict(zip(names, one, strict=True)) for one in rows])
    folder = tmp_path / "labels-0123456789abcdef"
    with StepFolder.create(folder) as out:
        with out.unit("labels") as unit:
            unit.table("feature_label", frame)
        out.finish()
    inputs = Inputs(Sections({}), {"describe": {3: folder}, "labels": {3: folder}})
    assert read_classes(ClassesSettings(column="tissue"), inputs).rows() == [(3, 0, "b")]


def test_labels_that_are_not_made_are_refused_when_a_study_is_planned():
    others = {"wanted": True, "columns": ["donor"]}
    for labels, words in (({}, "set labels.wanted = true"), (others, "name one of donor")):
        sections = Sections({"c": ClassesSettings(column="tissue"), "l": LabelsSettings(**labels)})
        with pytest.raises(RequestError, match=words):
            STEP.outside(sections, None)
    assert STEP.outside(Sections({"c": ClassesSettings(), "l": LabelsSettings()}), None) == {}


def between_p(seeds, here=0.0, there=0.0):
    """p, p_exchanged, p_sources and difference less expected of class 0 in two studies of the same features: [4, n]."""
    rows = []
    for seed in seeds:
        own, other = plant_classes(seed, share=here), plant_classes(seed, share=there, again=1)
        found = between_studies(own, other, 0, bins_of(own, BINS), DRAWS, [seed])
        rows.append((found.p, found.p_exchanged, found.p_sources, found.difference - found.expect))
    return np.array(rows).T


def test_differences_between_studies_are_those_of_loops():
    own, other = plant_classes(2, share=0.3), plant_classes(2, again=1)
    bins = bins_of(own, BINS)
    found = between_studies(own, other, 0, bins, DRAWS, [0])
    sources = [one for one in range(60) if own.source_class[one] == 0 and own.n_out[one] and other.n_out[one]]
    assert sources_of(own, other, 0).tolist() == sources
    beyond = []
    for wired in (own, other):
        rate = {
            group: np.mean(wired.target_class[wired.target[wired.group == group]] == 0) for group in set(wired.group)
        }
        within = {
            one: [
                (wired.target_class[target] == 0) - rate[group]
                for group, source, target in zip(wired.group, wired.source, wired.target, strict=True)
                if source == one
            ]
            for one in sources
        }
        beyond.append(np.mean([np.mean(within[one]) for one in sources]))
    assert found.difference == pytest.approx(beyond[0] - beyond[1])


def test_a_class_that_is_wired_alike_in_both_studies_is_no_difference():
    sampling = 3 * (CHANCE * 0.95 / 40) ** 0.5
    for share in (0.0, 0.3):
        p, _, _, _ = between_p(range(40), share, share)
        assert (p <= CHANCE).mean() <= CHANCE + sampling
    p, _, _, difference = between_p(range(20), here=0.5)
    assert (p <= CHANCE).mean() >= 0.8
    assert (difference > 0).all()
