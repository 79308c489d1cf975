"""Modules: planted programmes are found, independent features are not, and what is counted equals a loop."""

import numpy as np
import polars as pl
import pytest
from scipy.sparse import csr_matrix
from scipy.stats import false_discovery_control, hypergeom

from tasks.analyses.modules.step import ModulesSettings
from tasks.analyses.modules.work import (
    Graph,
    correlations,
    count_both,
    join_features,
    label_rows,
    member_rows,
    partition,
)
from tasks.store import RequestError, StepFolder
from tests.builders.contract import assert_contract
from tests.builders.describe import N_FEATURES, N_PLANTED, make_world, write_inputs
from tests.builders.steps import do_step

TABLES = ("module", "module_feature", "module_label", "module_edge")
NO_PAIR = np.empty(0, dtype=np.int64)


def test_correlations_equal_numpy():
    rng = np.random.default_rng(0)
    dense = np.where(rng.random((200, 8)) < 0.4, rng.random((200, 8)), 0)
    dense[:, 3] = 0.5
    expected = np.corrcoef(np.delete(dense, 3, axis=1).T)
    found = correlations(csr_matrix(dense))
    np.testing.assert_allclose(np.delete(np.delete(found, 3, 0), 3, 1), expected, atol=1e-12)


def planted_groups(seed=0):
    """Cells [300] x features: 0-4 follow one programme, 5-8 another, 9-10 a pair, 11-13 nothing, 14 is rare."""
    rng = np.random.default_rng(seed)
    programme = rng.random((300, 3)) < 0.4
    owner = [0] * 5 + [1] * 4 + [2] * 2
    dense = rng.random((300, 15)) * 0.2
    dense[:, :11] += programme[:, owner]
    dense[:, 14] = 0
    dense[:5, 14] = 1
    return csr_matrix(dense)


def test_planted_programmes_are_modules_largest_first():
    graph = join_features(planted_groups(), ModulesSettings())
    assert 14 not in graph.features
    modules = partition(graph, seed=0)
    assert member_rows(graph, modules).rows() == [(1, f) for f in range(5)] + [(2, f) for f in range(5, 9)]
    assert modules == partition(graph, seed=0)
    pairs = set(zip(graph.features[graph.first].tolist(), graph.features[graph.second].tolist(), strict=True))
    assert pairs == {(a, b) for group in (range(5), range(5, 9), (9, 10)) for a in group for b in group if a < b}


def test_independent_features_make_no_module():
    rng = np.random.default_rng(1)
    dense = np.where(rng.random((400, 50)) < 0.5, rng.random((400, 50)), 0)
    for columns in (dense, dense[:, :0]):
        graph = join_features(csr_matrix(columns), ModulesSettings())
        assert (graph.first.size, partition(graph, seed=0)) == (0, [])


def test_more_features_than_memory_holds_are_refused(monkeypatch):
    monkeypatch.setattr("tasks.store.memory.available_memory", lambda: 1000)
    with pytest.raises(RequestError, match=r"correlating 14 features needs .* available: raise modules\.min_cells"):
        join_features(planted_groups(), ModulesSettings())


@pytest.mark.parametrize("n_chunks", [1, 7])
def test_pairs_that_fire_together_are_counted_like_dense_codes(n_chunks):
    world = make_world()
    features = np.array([0, 2, 3, 11, 20])
    fires = (world.codes[:, features] > 0).astype(int)
    assert np.array_equal(count_both(world.firings(n_chunks), features, N_FEATURES), fires.T @ fires)


def test_labels_equal_one_test_a_pair():
    """Two modules of 20 groupable features; a term on all of the first, one spread evenly, one on a feature apart."""
    features = np.arange(0, 40, 2)
    graph = Graph(features, NO_PAIR, NO_PAIR, np.empty(0))
    modules = [[0, 1, 2, 3, 4, 5], [10, 11, 12]]
    carriers = {
        "own": features[[0, 1, 2, 3, 4, 5, 19]],
        "spread": features[::4],
        "apart": [1, 3],
        "two": features[10:12],
    }
    rows = [(int(feature), term) for term, own in carriers.items() for feature in own]
    annotation = pl.DataFrame(rows, schema={"feature": pl.UInt32, "term": pl.String}, orient="row")
    annotation = annotation.with_columns(library=pl.lit("go"))
    found = label_rows(graph, modules, annotation, ModulesSettings(alpha=0.999999))
    slow = []
    for number, own in enumerate(modules, start=1):
        for term in ("own", "spread", "two"):  # nothing that could be grouped carries the fourth
            with_term = set(np.flatnonzero(np.isin(features, carriers[term])))
            overlap = len(with_term & set(own))
            slow.append((number, term, overlap, hypergeom.sf(overlap - 1, 20, len(with_term), len(own))))
    q = false_discovery_control([p for *_, p in slow])
    wanted = {row[:2]: (*row[2:], each) for row, each in zip(slow, q, strict=True) if row[2] >= 2}
    assert {(row["module"], row["label"]) for row in found.to_dicts()} == set(wanted)
    for row in found.to_dicts():
        overlap, p, each = wanted[row["module"], row["label"]]
        assert (row["n_features"], row["p"], row["q"]) == (overlap, pytest.approx(p), pytest.approx(each))
    assert found["rank"].to_list() == [1, 2, 1]
    assert found.row(0, named=True)["label"] == "own"
    assert found.row(0, named=True)["expected"] == pytest.approx(6 * 7 / 20)
    strict = label_rows(graph, modules, annotation, ModulesSettings(alpha=0.01))
    assert strict["label"].to_list() == ["own"]


def test_shuffled_terms_label_hardly_any_module():
    """Terms that have nothing to do with the modules: a label in no more than alpha of 200 studies, about."""
    rng = np.random.default_rng(0)
    graph = Graph(np.arange(200), NO_PAIR, NO_PAIR, np.empty(0))
    modules = [list(range(first, first + 12)) for first in range(0, 60, 12)]
    labelled = 0
    for _ in range(200):
        rows = [(int(f), f"t{term}") for term in range(30) for f in rng.choice(200, 15, replace=False)]
        annotation = pl.DataFrame(rows, schema={"feature": pl.UInt32, "term": pl.String}, orient="row")
        found = label_rows(graph, modules, annotation.with_columns(library=pl.lit("go")), ModulesSettings())
        labelled += found.height > 0
    assert labelled <= 18  # 200 studies at 0.05 give 10, sd 3


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("modules")
    from tasks.describe.settings import DescribeSettings

    found = write_inputs(root, make_world())
    settings = DescribeSettings(min_fire=5, shrinkage=5.0)
    return found | {"describe": do_step("describe", settings, root / "describe-0123456789abcdef", **found)}


def run(folders, folder, **changes):
    return do_step("modules", ModulesSettings(wanted=True, **changes), folder, **folders)


@pytest.fixture(scope="module")
def planted(folders, tmp_path_factory):
    return StepFolder.open(run(folders, tmp_path_factory.mktemp("runs") / "modules-0123456789abcdef"))


@pytest.mark.parametrize("table", TABLES)
def test_tables_keep_their_contract(planted, table):
    assert_contract(planted.read_table(table), table)


def test_features_active_in_the_same_cells_are_a_module(planted):
    members = planted.read_table("module_feature")
    first = members.filter(pl.col("module") == 1)["feature"].to_list()
    assert first == list(range(0, N_PLANTED, 2))
    assert (
        planted.read_table("module")["n_features"].to_list()
        == members.group_by("module").len().sort("module")["len"].to_list()
    )
    assert planted.info["n_grouped"] == members.height


def test_every_edge_has_the_correlation_and_the_count_of_dense_codes(planted):
    world = make_world()
    means = np.array([world.codes[world.cell == cell].mean(axis=0, dtype=float) for cell in np.unique(world.cell)])
    edges = planted.read_table("module_edge")
    assert edges.height >= N_PLANTED // 2 * (N_PLANTED // 2 - 1) // 2
    for row in edges.to_dicts():
        a, b = row["feature_a"], row["feature_b"]
        assert row["correlation"] == pytest.approx(np.corrcoef(means[:, a], means[:, b])[0, 1], rel=1e-9)
        assert row["n_both"] == np.count_nonzero((world.codes[:, a] > 0) & (world.codes[:, b] > 0))


def test_done_work_is_not_repeated_and_equal_inputs_give_equal_bytes(planted, folders, tmp_path, monkeypatch):
    again = StepFolder.open(run(folders, tmp_path / "modules-0123456789abcdef"))
    for table in TABLES:
        assert again.shards(table)[0].read_bytes() == planted.shards(table)[0].read_bytes()
    (again.path / "manifest.json").unlink()
    monkeypatch.setattr("tasks.analyses.modules.work.partition", None)
    assert StepFolder.open(run(folders, again.path)).info == planted.info
