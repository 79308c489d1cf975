"""Step modules on folders: tables equal dense codes, every rule fills them, and bad requests end in one line."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import polars as pl
import pytest

from tasks.analyses.modules.step import ModulesSettings
from tasks.describe.settings import DescribeSettings
from tasks.store import RequestError, StepFolder
from tests.builders.contract import assert_contract
from tests.builders.describe import N_PLANTED, make_world, write_inputs
from tests.builders.steps import do_step

TABLES = ("module", "module_feature", "module_label", "module_edge")
FAST = {"seeds": 4, "rewirings": 2}
TIED = [8, 9, 10, 11]


def tied_world():
    """Features 8 to 11 fire on the same forty genes, and there in B cells far more than in others."""
    world = make_world()
    own, b_cell = world.gene[:, None] < 40, world.cell[:, None] % 3 == 1
    chance = np.where(own, np.where(b_cell, 0.6, 0.05), 0.0)
    codes = world.codes.copy()
    codes[:, TIED] = np.random.default_rng(5).random((world.cell.size, len(TIED))) < chance
    return replace(world, codes=codes)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("modules")
    found = write_inputs(root, tied_world())
    settings = DescribeSettings(min_fire=5, shrinkage=5.0)
    return found | {"describe": do_step("describe", settings, root / "describe-0123456789abcdef", **found)}


def run(folders, folder, **changes):
    return do_step("modules", ModulesSettings(wanted=True, **{**FAST, **changes}), folder, **folders)


@pytest.fixture(scope="module")
def planted(folders, tmp_path_factory):
    return StepFolder.open(run(folders, tmp_path_factory.mktemp("runs") / "modules-0123456789abcdef"))


@pytest.mark.parametrize("table", TABLES)
def test_tables_keep_their_contract(planted, table):
    assert_contract(planted.read_table(table), table)


def test_features_active_in_the_same_cells_are_a_module(planted):
    members = planted.read_table("module_feature")
    first = members.filter(pl.col("module") == 1)["feature"].to_list()
    assert first == TIED
    assert (
        planted.read_table("module")["n_features"].to_list()
        == members.group_by("module").len().sort("module")["len"].to_list()
    )
    assert planted.info["n_grouped"] == members.height


def test_every_edge_has_the_numbers_of_dense_codes(planted):
    world = tied_world()
    edges = planted.read_table("module_edge")
    assert set(combinations(TIED, 2)) <= set(edges.select("feature_a", "feature_b").rows())
    for row in edges.to_dicts():
        one, other = (world.codes[:, row[end]] > 0 for end in ("feature_a", "feature_b"))
        expected = variance = 0.0
        for gene in np.unique(world.gene):
            own = world.gene == gene
            n, a, b = own.sum(), one[own].sum(), other[own].sum()
            expected += a * b / n
            variance += a * b * (n - a) * (n - b) / (n**2 * (n - 1))
        n_both = np.count_nonzero(one & other)
        assert row["n_both"] == n_both
        assert row["expected"] == pytest.approx(expected, rel=1e-6)
        assert row["z"] == pytest.approx((n_both - expected) / np.sqrt(variance), rel=1e-5)
        assert row["pmi"] == pytest.approx(np.log2(n_both * one.size / (one.sum() * other.sum())), rel=1e-9)
        assert 0 < row["weight"] <= 1
        assert row["q"] <= 0.05


@pytest.mark.parametrize("rule", ["given_gene_and_label", "cells", "published"])
def test_every_rule_fills_the_tables(folders, tmp_path, rule):
    made = StepFolder.open(run(folders, tmp_path / "modules-0123456789abcdef", rule=rule))
    for table in TABLES:
        assert_contract(made.read_table(table), table)
    edges = made.read_table("module_edge")
    assert set(made.read_table("module")["rule"]) <= {rule}
    assert edges["q"].null_count() == (0 if rule.startswith("given") else edges.height)
    if rule == "cells":
        assert edges["correlation"].to_list() == edges["weight"].to_list()
        members = made.read_table("module_feature").group_by("module", maintain_order=True).agg("feature")
        assert members["feature"].to_list() == [list(range(0, N_PLANTED, 2)), TIED]


def test_cells_without_labels_cannot_be_told_apart(tmp_path):
    found = write_inputs(tmp_path, make_world(), labels=False)
    described = do_step("describe", DescribeSettings(min_fire=5), tmp_path / "describe-0123456789abcdef", **found)
    with pytest.raises(RequestError, match=r"cells bear no labels, .*given_gene"):
        run({**found, "describe": described}, tmp_path / "modules-0123456789abcdef", rule="given_gene_and_label")


def test_more_features_than_memory_holds_are_refused(folders, tmp_path, monkeypatch):
    monkeypatch.setattr("tasks.store.memory.available_memory", lambda: 1000)
    with pytest.raises(RequestError, match=r"testing 23 features needs .* available: raise modules\.min_cells"):
        run(folders, tmp_path / "modules-0123456789abcdef")


def test_done_work_is_not_repeated_and_equal_inputs_give_equal_bytes(planted, folders, tmp_path, monkeypatch):
    again = StepFolder.open(run(folders, tmp_path / "modules-0123456789abcdef"))
    for table in TABLES:
        assert again.shards(table)[0].read_bytes() == planted.shards(table)[0].read_bytes()
    (again.path / "manifest.json").unlink()
    monkeypatch.setattr("tasks.analyses.modules.work.partition", None)
    assert StepFolder.open(run(folders, again.path)).info == planted.info
