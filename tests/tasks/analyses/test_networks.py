"""Networks: they are split and cut as a study says, and factors in the lists of their targets are found."""

import numpy as np
import polars as pl
import pytest

from tasks.analyses.networks.graphs import graphs
from tasks.analyses.networks.step import NetworksSettings
from tasks.store import RequestError, StepFolder
from tests.builders.contract import assert_contract
from tests.builders.describe import make_world, write_inputs
from tests.builders.references import read_references
from tests.builders.steps import do_step

TABLE = "feature_network_density"
EDGES = [("A", "B", "activation"), ("B", "A", "repression"), ("B", "C", "unknown"), ("C", "D", "activation")]


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
    frame = run(folders, tmp_path / "networks-0123456789abcdef", genes=20, rule="published").read_table(TABLE)
    assert_contract(frame, TABLE)
    assert frame.select("expected", "sd", "p", "q", "n_null").null_count().row(0) == (frame.height,) * 5
    found = dict(frame.filter(mode="any").select("feature", "n_edges").iter_rows())
    listed = StepFolder.open(folders["describe"]).read_table("feature_gene").filter(pl.col("published_rank") <= 20)
    edges = [(f"G{12 * i}", f"G{12 * i + j}") for i in range(8) for j in range(1, 12)]
    wanted = {}
    for feature in listed["feature"].unique():
        genes = set(listed.filter(feature=feature)["symbol"])
        wanted[feature] = sum({source, target} <= genes and source < target for source, target in edges)
    assert found == {feature: n for feature, n in wanted.items() if n}
    assert len(found) > 1


def test_without_a_network_there_is_one_line_and_nothing_written(folders, tmp_path):
    with pytest.raises(RequestError, match=r"references\.networks names no network: add one, or leave networks out"):
        run(folders, tmp_path / "networks-0123456789abcdef", "none")
    assert not list(tmp_path.rglob("*.parquet"))


def test_more_genes_than_memory_holds_are_refused(folders, tmp_path, monkeypatch):
    monkeypatch.setattr("tasks.store.memory.available_memory", lambda: 1000)
    with pytest.raises(RequestError, match=r"networks of \d+ genes needs .* available: lower networks\.genes"):
        run(folders, tmp_path / "networks-0123456789abcdef")
