"""Links between layers: pairs tied through the cell are linked, pairs tied through the gene are not; every rule."""

import numpy as np
import polars as pl
import pytest

from tasks.analyses.links.rules import Links, geneformer_links, links_given_stratum, scgpt_links
from tasks.analyses.links.step import LinksSettings, linked_layers, pairs_of
from tasks.analyses.links.work import sampled
from tasks.describe.settings import DescribeSettings
from tasks.store import RequestError, StepFolder
from tests.builders.codes import write_codes
from tests.builders.contract import assert_contract
from tests.builders.describe import LAYER, N_FEATURES, World, make_world, write_inputs
from tests.builders.planted_pairs import N_POSITIONS, association, plant
from tests.builders.steps import do_step

NEXT = LAYER + 1
TIED = [8, 9, 10, 11]


def linked(links: Links) -> set[tuple[int, int]]:
    return set(zip(links.first.tolist(), links.second.tolist(), strict=True))


@pytest.fixture(scope="module")
def two_layers():
    """The same planted features fire in both layers, at positions drawn anew."""
    first, second = plant(0), plant(0, own_rng=1)
    return first, association(first.fires, second.fires, first.gene)


def test_pairs_tied_through_the_cell_are_linked_and_pairs_tied_through_the_gene_are_not(two_layers):
    truth, found = two_layers
    links = linked(links_given_stratum(found, LinksSettings()))
    tied = set(zip(*map(np.ndarray.tolist, np.nonzero(truth.tied)), strict=True))
    sharing = set(zip(*map(np.ndarray.tolist, np.nonzero(truth.sharing)), strict=True))
    assert tied <= links
    assert len(sharing & links) <= 0.01 * len(sharing)
    by_pmi = scgpt_links(found, N_POSITIONS)
    assert sharing <= linked(by_pmi)
    sharers = np.unique(np.nonzero(truth.sharing)[0])
    assert set(sharers) <= set(by_pmi.first[by_pmi.highway])
    assert by_pmi.by_gene >= len(sharers)  # their genes alone give them the highway


def test_published_rules_are_what_they_say(two_layers):
    _, found = two_layers
    fires, n = found.fires, N_POSITIONS
    both = found.both
    with np.errstate(divide="ignore"):
        pmi = np.log2(both * n / (fires[0][:, None] * fires[1]))
    slow = {(int(a), int(b)) for a, b in zip(*np.nonzero((both >= 20) & (pmi >= 3)), strict=True)}
    assert linked(scgpt_links(found, n)) == slow
    best = geneformer_links(found, n)
    frequent = (fires[0][:, None] >= 100) & (fires[1] >= 100) & (both >= 1)
    for a in (0, 45, len(both) - 1):
        order = sorted(np.flatnonzero(frequent[a]), key=lambda b: (-pmi[a, b], b))[:50]
        assert set(best.second[best.first == a].tolist()) == set(order)
    assert best.n_links == frequent.sum()
    assert np.array_equal(best.highway, best.strength > 3)


def test_no_more_links_are_kept_than_asked_for(two_layers):
    _, found = two_layers
    every, fewer = (links_given_stratum(found, LinksSettings(max_links=n)) for n in (10_000, 100))
    assert (every.n_links, fewer.n_links) == (every.q.size, every.q.size)
    assert fewer.q.size == 100
    assert linked(fewer) < linked(every)
    left_out = [q for pair, q in zip(zip(every.first, every.second, strict=True), every.q, strict=True)
                if pair not in linked(fewer)]  # fmt: skip
    assert fewer.q.max() <= min(left_out)


def test_the_published_sample_is_of_half_a_million_positions():
    assert sampled(500_000) is None
    kept = sampled(600_000)
    assert (kept.size, kept.sum()) == (600_000, 500_000)
    assert np.array_equal(kept, sampled(600_000))


def test_pairs_of_layers():
    assert pairs_of(LinksSettings(), [0, 2, 5]) == [(0, 2), (2, 5)]
    named = LinksSettings(pairs=[(2, 5), (0, 5), (0, 2)])
    assert pairs_of(named, [0, 2, 5]) == [(0, 2), (0, 5), (2, 5)]
    assert linked_layers(named, 0, [0, 2, 5]) == [0, 2, 5]
    assert linked_layers(LinksSettings(), 0, [0, 2, 5]) == [0, 2]
    assert pairs_of(LinksSettings(), [4]) == []  # a study of one layer does without links
    for pairs, known, words in (
        ([(0, 3)], [0, 2], r"links\.pairs: no layer 3; layers to choose from: 0, 2"),
        ([(2, 0)], [0, 2], r"links\.pairs: \[2, 0\] must name an earlier layer and a later one"),
    ):
        with pytest.raises(RequestError, match=words):
            pairs_of(LinksSettings(pairs=pairs), known)


def layer_world(seed: int) -> World:
    """Features 8 to 11 fire on the same forty genes, and there in B cells far more than in others."""
    world = make_world(seed=0)
    own, b_cell = world.gene[:, None] < 40, world.cell[:, None] % 3 == 1
    chance = np.where(own, np.where(b_cell, 0.6, 0.05), 0.0)
    codes = world.codes.copy()
    codes[:, TIED] = np.random.default_rng(seed).random((world.cell.size, len(TIED))) < chance
    return World(world.cell, world.gene, codes)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("links")
    found = write_inputs(root, layer_world(5))
    second = write_codes(root / "codes-1123456789abcdef", layer_world(6).codes, layer=NEXT, sae_id="next")
    codes = {LAYER: found["codes"], NEXT: second}
    described = {}
    for layer, folder in codes.items():
        inputs = {**found, "codes": folder}
        described[layer] = do_step("describe", DescribeSettings(min_fire=5), root / f"describe-{layer:016x}", **inputs)
    return {"codes": codes, "describe": described, "activations": found["activations"], "cells": found["cells"]}


def run(folders, folder, **changes):
    return StepFolder.open(
        do_step("links", LinksSettings(wanted=True, **changes), folder, layer=LAYER, **folders)
    )  # fmt: skip


@pytest.fixture(scope="module")
def made(folders, tmp_path_factory):
    return run(folders, tmp_path_factory.mktemp("runs") / "links-0123456789abcdef")


def test_links_have_the_numbers_of_dense_codes(made):
    one, other = layer_world(5), layer_world(6)
    rows = made.read_table("cross_layer_link")
    assert_contract(rows, "cross_layer_link")
    pairs = set(rows.select("source_feature", "target_feature").rows())
    assert {(a, b) for a in TIED for b in TIED} <= pairs
    for row in rows.to_dicts():
        a, b = one.codes[:, row["source_feature"]] > 0, other.codes[:, row["target_feature"]] > 0
        n = np.bincount(one.gene)
        counts = [np.bincount(one.gene, fires, n.size) for fires in (a, b)]
        expected = (counts[0] * counts[1] / n).sum()
        variance = (counts[0] * counts[1] * (n - counts[0]) * (n - counts[1]) / (n**2 * (n - 1))).sum()
        assert row["n_both"] == np.count_nonzero(a & b)
        assert row["expected"] == pytest.approx(expected, rel=1e-6)
        assert row["z"] == pytest.approx((row["n_both"] - expected) / np.sqrt(variance), rel=1e-5)
        assert row["pmi"] == pytest.approx(np.log2(row["n_both"] * a.size / (a.sum() * b.sum())), rel=1e-9)
        assert row["q"] <= 0.05


def test_the_summary_counts_links(made):
    rows = made.read_table("cross_layer_link")
    summary = made.read_table("cross_layer_summary")
    assert_contract(summary, "cross_layer_summary")
    row = summary.row(0, named=True)
    assert (row["source_layer"], row["target_layer"], row["n_alive_source"]) == (LAYER, NEXT, N_FEATURES - 1)
    assert row["n_links"] == rows.height
    assert row["n_with_links"] == rows["source_feature"].n_unique()
    strong = rows.filter(pl.col("n_both") >= 20)
    assert row["n_highways"] == strong["source_feature"].n_unique() >= len(TIED)
    best = rows.group_by("source_feature").agg(pl.col("pmi").max())["pmi"]
    assert (row["mean_max_pmi"], row["median_max_pmi"]) == (pytest.approx(best.mean()), pytest.approx(best.median()))
    assert row["highway_low"] < row["n_highways"] / row["n_alive_source"] <= row["highway_high"]
    assert row["n_highways_by_gene"] == 0


@pytest.mark.parametrize("rule", ["given_gene_and_label", "published_geneformer", "published_scgpt"])
def test_every_rule_fills_the_tables(folders, tmp_path, rule):
    made = run(folders, tmp_path / "links-0123456789abcdef", rule=rule)
    rows = made.read_table("cross_layer_link")
    for table in ("cross_layer_link", "cross_layer_summary"):
        assert_contract(made.read_table(table), table)
    assert set(rows["rule"]) <= {rule}
    assert rows["q"].null_count() == (0 if rule.startswith("given") else rows.height)
    if rule == "given_gene_and_label":  # tied through the label of their cells
        assert not {(a, b) for a in TIED for b in TIED} & set(rows.select("source_feature", "target_feature").rows())


def test_more_features_than_memory_holds_are_refused(folders, tmp_path, monkeypatch):
    monkeypatch.setattr("tasks.store.memory.available_memory", lambda: 1000)
    with pytest.raises(RequestError, match=r"linking 23 features to 23 needs .* available: raise links\.min_cells"):
        run(folders, tmp_path / "links-0123456789abcdef")


def test_done_work_is_not_repeated_and_equal_inputs_give_equal_bytes(made, folders, tmp_path, monkeypatch):
    again = run(folders, tmp_path / "links-0123456789abcdef")
    for table in ("cross_layer_link", "cross_layer_summary"):
        assert again.shards(table)[0].read_bytes() == made.shards(table)[0].read_bytes()
    (again.path / "manifest.json").unlink()
    monkeypatch.setattr("tasks.analyses.links.work.count_both", None)
    assert run(folders, again.path).info == made.info
