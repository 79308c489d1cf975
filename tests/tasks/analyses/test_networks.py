"""Networks: counts are those of loops, the null is that of enumeration, planted edges are found and hubs are not."""

import itertools

import numpy as np
import polars as pl
import pytest

from tasks.analyses.networks.alike import AlikeGenes
from tasks.analyses.networks.edges import Draws, count_edges, draw_until_settled
from tasks.analyses.networks.graphs import graphs
from tasks.analyses.networks.step import NetworksSettings
from tasks.statistics import benjamini_hochberg
from tasks.store import RequestError, StepFolder
from tests.builders.contract import assert_contract
from tests.builders.describe import make_world, write_inputs
from tests.builders.planted_networks import N_GENES, make_network, plant_lists, random_lists
from tests.builders.references import read_references
from tests.builders.steps import do_step

TABLE = "feature_network_density"
EDGES = [("A", "B", "activation"), ("B", "A", "repression"), ("B", "C", "unknown"), ("C", "D", "activation")]


def test_edges_are_counted_like_a_loop():
    joined, rng = make_network(0), np.random.default_rng(0)
    lists = np.array([rng.choice(N_GENES, 25, replace=False) for _ in range(60)])
    slow = [sum(int(joined[a, b]) for a, b in itertools.combinations(own, 2)) for own in lists]
    assert count_edges(joined, lists).tolist() == slow
    assert max(slow) > 0


def test_genes_that_stand_for_a_gene_are_the_nearest_within_the_caliper():
    counts = np.random.default_rng(0).integers(0, 3000, (200, 2)).astype(float)
    alike = AlikeGenes(counts, 12, 0.4, np.random.default_rng(1))
    place = np.log2(1 + counts)
    for gene in range(200):
        far = np.abs(place - place[gene]).max(axis=1)
        near = [int(one) for one in np.argsort(far, kind="stable")[:12] if far[one] <= 0.4]
        found = alike.candidates[gene, : alike.n[gene]].tolist()
        assert sorted(far[found].round(4)) == sorted(far[near].round(4))
        assert gene in found
    assert alike.n.min() < 12 == alike.n.max()


def all_lists(alike, chosen):
    offered = [alike.candidates[gene, : alike.n[gene]].tolist() for gene in chosen]
    return [one for one in itertools.product(*offered) if len(set(one)) == len(one)]


@pytest.mark.parametrize(("tries", "sweeps", "n_draws"), [(500, 0, 20_000), (0, 100, 5_000)])
@pytest.mark.parametrize("chosen", [[0, 1, 2, 3], [0, 6, 7, 8]])
def test_every_list_of_alike_genes_is_as_likely_as_another(chosen, tries, sweeps, n_draws, monkeypatch):
    """By independent draws and by the long chain, also where five genes alike leave no room but one in the list."""
    monkeypatch.setattr("tasks.analyses.networks.alike.TRIES", tries)
    monkeypatch.setattr("tasks.analyses.networks.alike.SWEEPS", sweeps)
    alike = AlikeGenes(np.repeat([1.0, 9.0, 80.0], [5, 4, 3])[:, None], 5, 0.2, np.random.default_rng(0))
    lists = all_lists(alike, chosen)
    drawn = alike.draw(np.array(chosen), n_draws, np.random.default_rng(1))
    found, times = np.unique(drawn, axis=0, return_counts=True)
    assert {tuple(one) for one in found.tolist()} == set(lists)
    wanted = n_draws / len(lists)
    assert np.sum((times - wanted) ** 2 / wanted) < len(lists) + 5 * np.sqrt(2 * len(lists))  # chi-square + 5 sd


def test_tries_and_sweeps_are_enough_where_genes_are_tight():
    """Of five genes alike, four in the list: each is left out in a fifth of the draws, within a tenth of that."""
    alike = AlikeGenes(np.ones((5, 1)), 5, 0.2, np.random.default_rng(0))
    drawn = alike.draw(np.arange(4), 40_000, np.random.default_rng(1))
    left_out = 10 - drawn.sum(axis=1)
    np.testing.assert_allclose(np.bincount(left_out) / 40_000, 0.2, rtol=0.1)


def test_p_and_moments_are_those_of_all_lists():
    joined = make_network(3)[:40, :40]
    joined[:4, :4] = 1 - np.eye(4, dtype=np.uint8)
    counts = np.random.default_rng(0).integers(1, 4, (40, 1)).astype(float)
    alike = AlikeGenes(counts, 6, 0.1, np.random.default_rng(0))
    chosen = np.array([0, 1, 2, 3])
    edges = count_edges(joined, np.array(all_lists(alike, chosen)))
    draws = Draws(joined, [chosen], alike, [0])
    draws.more(100)
    draws.more(40_000)
    tests = draws.tests()
    assert tests.n_edges.tolist() == [6]
    assert tests.n_null[0] == 40_000
    assert tests.p[0] == pytest.approx(np.mean(edges >= 6), abs=5 / 40_000**0.5)
    assert tests.expected[0] == pytest.approx(edges.mean(), abs=5 * edges.std() / 40_000**0.5)
    assert tests.sd[0] == pytest.approx(edges.std(), rel=0.05)


def held(joined, lists, seed, max_draws=100_000):
    times = np.bincount(np.concatenate(lists), minlength=N_GENES)
    like = np.column_stack([joined.sum(axis=1), times]).astype(float)
    draws = Draws(joined, lists, AlikeGenes(like, 50, 0.25, np.random.default_rng(seed)), [seed])
    draw_until_settled([draws], 0.05, max_draws)
    return draws.tests()


def planted_rates(seeds):
    """Share of p <= 0.05 of random and of hub lists; false ones among the called; recall; hubs above every plant."""
    found = []
    for seed in seeds:
        joined = make_network(seed)
        planted = plant_lists(joined, 50, seed)
        degree = joined.sum(axis=1).astype(float)
        popular = np.random.default_rng(seed).pareto(1.2, N_GENES) + 0.2
        tests = held(
            joined, random_lists(popular, 200, seed) + random_lists(degree**2, 150, seed + 100) + planted, seed
        )
        called = benjamini_hochberg(tests.p) <= 0.05
        dense = np.median(tests.n_edges[200:350]) > np.median(tests.n_edges[350:])
        false = called[:350].sum() / max(called.sum(), 1)
        found.append(
            ((tests.p[:200] <= 0.05).mean(), (tests.p[200:350] <= 0.05).mean(), false, called[350:].mean(), dense)
        )
    return np.array(found, dtype=float).mean(axis=0)


def test_planted_edges_are_found_and_lists_of_hubs_are_not():
    """Hubs have twice as many edges as lists with six planted ones: by raw density they would be called first."""
    random, hubs, false, recall, dense = planted_rates(range(3))
    assert random <= 0.05 + 3 * (0.05 * 0.95 / 600) ** 0.5
    assert hubs <= 0.05 + 3 * (0.05 * 0.95 / 450) ** 0.5
    assert false <= 0.05
    assert recall >= 0.95
    assert dense == 1


@pytest.mark.slow
def test_rates_hold_over_many_networks():
    random, hubs, false, recall, dense = planted_rates(range(40))
    assert random <= 0.05
    assert 0.03 <= hubs <= 0.055  # of 6,000; many edges, so p is nearly continuous
    assert false <= 0.05
    assert recall >= 0.95
    assert dense == 1


def test_draws_go_on_until_the_smallest_p_decides_nothing():
    joined = make_network(0)
    (planted,) = plant_lists(joined, 1, 0, n_edges=10)
    lists = [*random_lists(np.ones(N_GENES), 400, 1), planted]
    tests = held(joined, lists, 0)
    assert tests.n_null[-1] > 20 * 401  # 1 / (1 + 400) would not have survived 401 tests
    assert benjamini_hochberg(tests.p)[-1] <= 0.05
    assert held(joined, lists, 0, max_draws=400).n_null.max() == 400
    again = held(joined, lists, 0)
    assert np.array_equal(again.p, tests.p)
    assert tests.n_null.sum() < 401 * 2000
    assert (tests.p[tests.n_edges == 0] == 1).all()
    assert np.isnan(tests.expected[tests.n_edges == 0]).all()


def network(directed=True, edges=EDGES):
    frame = pl.DataFrame(edges, {"source": pl.String, "target": pl.String, "mode": pl.String}, orient="row")
    return frame.with_columns(score=pl.Series([0.9, 0.4, None, 0.9][: frame.height], dtype=pl.Float32)), directed


def test_networks_are_split_by_mode_and_cut_to_the_genes_and_the_score():
    found = {one.mode: one for one in graphs({"n": network()}, ["A", "B", "C"], 0.5)}
    assert list(found) == ["any", "activation", "unknown"]  # B -| A has too low a score, D is listed nowhere
    assert found["any"].joined().tolist() == [[0, 1, 0], [1, 0, 1], [0, 1, 0]]
    assert found["any"].degrees.tolist() == [[1, 0], [1, 1], [0, 1]]
    undirected = next(graphs({"n": network(directed=False)}, ["A", "B", "C"], 0.5))
    assert undirected.degrees.tolist() == [[1], [2], [1]]


def test_the_published_look_up_misses_what_leads_back_in_the_alphabet():
    (graph,) = graphs({"n": network(edges=[("B", "A", "unknown"), ("B", "C", "unknown")])}, ["A", "B", "C"], 0.0)
    assert graph.joined(np.arange(3)).tolist() == [[0, 0, 0], [0, 0, 1], [0, 1, 0]]
    assert graph.joined().sum() == 4


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    from tasks.describe.settings import DescribeSettings

    root = tmp_path_factory.mktemp("networks")
    found = write_inputs(root, make_world())
    described = do_step(
        "describe", DescribeSettings(min_fire=5, shrinkage=5.0), root / "describe-0123456789abcdef", **found
    )
    lines = ["tf\ttarget\tmode", *(f"G{12 * i}\tG{12 * i + j}\tactivation" for i in range(8) for j in range(1, 12))]
    path = root / "net.tsv"
    path.write_text("\n".join([*lines, "G200\tNOTHERE\trepression", "G200\tG230\trepression"]) + "\n")
    other = root / "others"
    other.mkdir()
    references = read_references(other, found["cells"], [root / "planted.gmt"], networks=[path])
    return {"describe": described, "references": references, "none": found["references"]}


def run(folders, folder, references="references", **changes):
    reads = {"describe": folders["describe"], "references": folders[references]}
    return StepFolder.open(do_step("networks", NetworksSettings(wanted=True, **changes), folder, **reads))


def test_factors_in_the_lists_of_their_targets_are_found(folders, tmp_path):
    """Each factor has eleven targets, all in its feature's list; other factors' targets stand there by chance."""
    folder = run(folders, tmp_path / "networks-0123456789abcdef", genes=12)
    frame = folder.read_table(TABLE)
    assert_contract(frame, TABLE)
    own = frame.filter(pl.col("feature") < 8, pl.col("mode") == "any")
    assert own["n_edges"].to_list() == [11] * 8
    assert (own["n_edges"] > own["expected"]).all()
    assert (own["q"] <= 0.05).all()
    assert frame.filter(pl.col("feature") >= 8, pl.col("q") <= 0.05).is_empty()
    assert set(frame["direction"]) == {"either"}
    assert folder.info["n_joined_features"] == 8
    again = run(folders, tmp_path / "again-0123456789abcdef", genes=12)
    assert again.shards(TABLE)[0].read_bytes() == folder.shards(TABLE)[0].read_bytes()


def test_the_published_rule_writes_edges_down_untested(folders, tmp_path):
    frame = run(folders, tmp_path / "networks-0123456789abcdef", genes=12, rule="published").read_table(TABLE)
    assert_contract(frame, TABLE)
    assert frame.select("expected", "sd", "p", "q", "n_null").null_count().row(0) == (frame.height,) * 5
    found = dict(frame.filter(mode="any").select("feature", "n_edges").iter_rows())
    wanted = {i: sum(f"G{12 * i}" < f"G{12 * i + j}" for j in range(1, 12)) for i in range(8)}
    assert {i: found.get(i, 0) for i in range(8)} == wanted


def test_without_a_network_there_is_no_row(folders, tmp_path):
    assert run(folders, tmp_path / "networks-0123456789abcdef", "none").read_table(TABLE).is_empty()


def test_more_genes_than_memory_holds_are_refused(folders, tmp_path, monkeypatch):
    monkeypatch.setattr("tasks.store.memory.available_memory", lambda: 1000)
    with pytest.raises(RequestError, match=r"networks of \d+ genes needs .* available: lower networks\.genes"):
        run(folders, tmp_path / "networks-0123456789abcdef")
