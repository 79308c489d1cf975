"""Files of a part of the graph: the same features and edges as the part, in every layout, with labels."""

import json

import duckdb
import igraph
import pytest

from flows.cli.main import main
from tests.warehouse.test_neighbourhood import all_edges, asker
from warehouse import open_snapshot, snapshot_path
from warehouse.errors import UnknownName
from warehouse.export import export_run, features_named
from warehouse.neighbourhood import Around, Part, neighbourhood

RULE = "published"  # calls most edges
FIELDS = {"node_id", "feature", "layer", "ctx_idx", "feature_type", "jsNodeId", "clerp"}  # that Neuronpedia requires


@pytest.fixture(scope="module")
def source(published):
    """The source with most edges, and its name in files."""
    with open_snapshot(published) as con:
        edges = [edge[0] for edge in all_edges(con, RULE)]
        feature = max(sorted(set(edges)), key=edges.count)
        (layer,) = con.execute("SELECT layer FROM sae WHERE sae_id = ? AND described", [feature[0]]).fetchone()
    return feature, f"L{layer}_F{feature[1]}"


@pytest.fixture(scope="module")
def part(published, source):
    around = Around((source[0],), hops=2, per_feature=60)
    with open_snapshot(published) as con:
        return Part(around, "cell type"), neighbourhood(asker(con, RULE), around)


def written(published, path, part, **options):
    report = export_run(path, published, None, RULE, part=part[0], **options)
    assert (report.n_features, report.n_edges) == (len(part[1].features), part[1].edges.height)
    return path


def expected(part):
    names = ("source_layer", "source_feature", "target_layer", "target_feature", "g")
    return {(f"L{a}_F{b}", f"L{c}_F{d}"): g for a, b, c, d, g in part[1].edges.select(names).iter_rows()}


def test_circuit_tracer_reads_nodes_links_pins_and_super_nodes(home, tmp_path, part, source):
    with duckdb.connect(str(snapshot_path(home))) as con:
        con.execute("UPDATE stored.feature SET top_cell_type = 'T cell' WHERE feature % 2 = 0")
    told = json.loads(written(home, tmp_path / "a.json", part, layout="circuit-tracer").read_text())
    assert set(told) == {"metadata", "qParams", "nodes", "links"}
    assert {"slug", "scan", "prompt_tokens", "prompt"} <= set(told["metadata"])
    assert all(set(node) >= FIELDS for node in told["nodes"])
    assert not {"influence", "activation", "token_prob"} & {key for node in told["nodes"] for key in node}
    ids = {node["node_id"] for node in told["nodes"]}
    assert len(ids) == len(told["nodes"]) == len(part[1].features)
    assert len({node["feature"] for node in told["nodes"]}) == len(ids)
    short = {node["node_id"]: node["clerp"].split()[0] for node in told["nodes"]}
    links = {(short[link["source"]], short[link["target"]]): link for link in told["links"]}
    assert {ends: link["g"] for ends, link in links.items()} == pytest.approx(expected(part))
    assert all(link["weight"] == -link["g"] for link in told["links"])  # features were taken out
    assert [short[one] for one in told["qParams"]["pinnedIds"]] == [source[1]]
    members = [one for group in told["qParams"]["supernodes"] for one in group[1:]]
    assert set(members) <= ids - set(told["qParams"]["pinnedIds"])
    assert len(members) == len(set(members)) > 1
    types = {node["node_id"]: node["top_cell_type"] for node in told["nodes"]}
    for group in told["qParams"]["supernodes"]:
        assert len({types[one] for one in group[1:]}) == 1


@pytest.mark.parametrize("kind", ["graphml", "json"])
def test_other_kinds_hold_the_same_part(published, tmp_path, part, kind):
    path = written(published, tmp_path / f"a.{kind}", part)
    if kind == "json":
        told = json.loads(path.read_text())
        found = {(link["source"], link["target"]): link["g"] for link in told["links"]}
    else:
        graph = igraph.Graph.Read_GraphML(str(path))
        names = graph.vs["name"]
        found = {(names[edge.source], names[edge.target]): edge["g"] for edge in graph.es}
        assert any(graph.vs["stands_for"])
    assert found == pytest.approx(expected(part))


def test_a_pinned_feature_without_edges_is_a_node(published, tmp_path, part, source):
    with open_snapshot(published) as con:
        ends = {end for edge in all_edges(con, RULE) for end in edge[:2]}
        alone = next(
            one for one in con.sql("SELECT sae_id, feature FROM feature ORDER BY ALL").fetchall() if one not in ends
        )
    both = Part(Around((source[0], alone), per_feature=2))
    export_run(tmp_path / "a.json", published, None, RULE, part=both)
    told = json.loads((tmp_path / "a.json").read_text())
    assert len(told["nodes"]) == len({end for link in told["links"] for end in (link["source"], link["target"])}) + 1


def test_the_command_writes_the_part(published, tmp_path, monkeypatch, capsys, part, source):
    monkeypatch.setenv("SCFM_HOME", str(published))
    path = tmp_path / "a.json"
    words = [
        "--around",
        source[1],
        "--hops",
        "2",
        "--per-feature",
        "60",
        "--rule",
        RULE,
        "--json",
        "circuit-tracer",
    ]
    assert main(["export", str(path), *words]) == 0
    told = capsys.readouterr().out
    assert f"{len(part[1].features):,} features and {part[1].edges.height:,} edges" in told
    assert "The graph is cut" not in told
    assert (
        main(["export", str(tmp_path / "few.json"), "--around", source[1], "--per-feature", "1", "--rule", RULE]) == 0
    )
    assert "The graph is cut: " in capsys.readouterr().out
    assert len(json.loads(path.read_text())["links"]) == part[1].edges.height
    for wrong, said in (
        (["--around", "L0_F99999"], "no feature L0_F99999"),
        (["--around", *["L0_F1"] * 81], "80 features at most"),
        (["--group", "module"], "--around"),
        (["--around", source[1], "--per-feature", "0"], "at least 1"),
    ):
        assert main(["export", str(tmp_path / "b.json"), *wrong]) == 2
        assert said in capsys.readouterr().err
    assert main(["export", str(tmp_path / "b.h5ad"), "--around", source[1]]) == 2
    assert ".graphml or .json" in capsys.readouterr().err
    assert not list(tmp_path.glob("b.*"))


def test_names_that_the_run_has_not_are_said(published, tmp_path, part):
    assert features_named(published, None, []) == ()
    with pytest.raises(UnknownName, match="no feature nothing"):
        features_named(published, None, ["nothing"])
    with pytest.raises(UnknownName, match="the layout circuit-tracer is one of"):
        export_run(tmp_path / "a.graphml", published, part=part[0], layout="circuit-tracer")
