"""Files for other programs, read back and held against the tables."""

import json
from xml.etree import ElementTree

import anndata
import duckdb
import igraph
import numpy as np
import pytest

from tests.builders.atlas_runs import imported_atlas
from warehouse import open_snapshot, publish_run, snapshot_path
from warehouse.errors import NoWarehouse, UnknownName
from warehouse.export import export_run


@pytest.fixture(scope="module")
def edges(published):
    """Called edges by the names of their ends."""
    with open_snapshot(published) as con:
        rows = con.sql(
            "SELECT source_layer, source_feature, target_layer, target_feature, g FROM edge "
            "WHERE criterion = 'specific' AND effect = 'total'"
        ).fetchall()
    return {(f"L{layer}_F{feature}", f"L{later}_F{target}"): g for layer, feature, later, target, g in rows}


def test_h5ad_holds_features_genes_and_edges(published, made, edges, tmp_path):
    report = export_run(tmp_path / "run.h5ad", published)
    data = anndata.read_h5ad(tmp_path / "run.h5ad")
    assert (report.run_id, report.n_edges) == (made.run["run_id"], len(edges))
    assert data.uns["run"]["study"] == "synthetic"
    with open_snapshot(published) as con:
        features = con.sql("FROM feature ORDER BY layer, feature").pl()
        genes = con.sql("FROM feature_gene WHERE shown").pl()
    assert data.shape == (features.height, genes["gene_id"].n_unique())
    assert data.obs["frequency"].to_list() == features["frequency"].to_list()
    assert data.obs["label"].to_list() == features["label"].fill_null("").to_list()
    layers = dict(features.select("sae_id", "layer").iter_rows())
    for gene in genes.sample(50, seed=0).iter_rows(named=True):
        place = (f"L{layers[gene['sae_id']]}_F{gene['feature']}", gene["gene_id"])
        assert data[place].X.toarray()[0, 0] == np.float32(gene["mean_activation"])
        assert data[place].layers["fire_rate"].toarray()[0, 0] == np.float32(gene["fire_rate"])
    assert data.X.nnz == genes.height
    found = data.obsp["edges"].tocoo()
    names = data.obs_names
    got = {(names[i], names[j]): g for i, j, g in zip(found.row, found.col, found.data, strict=True)}
    assert got == {ends: np.float32(g) for ends, g in edges.items()}
    assert np.array_equal(data.obsm["X_map"][:, 0], features["map_x"].fill_null(np.nan).to_numpy(), equal_nan=True)


def test_graphml_is_what_igraph_and_xml_readers_open(published, edges, tmp_path):
    path = tmp_path / "edges.graphml"
    export_run(path, published)
    graph = igraph.Graph.Read_GraphML(str(path))
    names = graph.vs["name"]
    assert {(names[e.source], names[e.target]): e["g"] for e in graph.es} == pytest.approx(edges)
    assert graph.is_directed()
    assert graph.es["weight"] == pytest.approx([abs(g) for g in graph.es["g"]])
    tree = ElementTree.parse(path)
    tag = "{http://graphml.graphdrawing.org/xmlns}"
    assert len(tree.findall(f".//{tag}edge")) == len(edges)
    keys = {key.get("attr.name") for key in tree.findall(f"{tag}key")}
    assert {"name", "layer", "top_genes", "weight", "q"} <= keys


def test_node_link_names_every_end(published, edges, tmp_path):
    path = tmp_path / "edges.json"
    export_run(path, published)
    read = json.loads(path.read_text())
    assert {(link["source"], link["target"]): link["g"] for link in read["links"]} == edges
    assert {node["id"] for node in read["nodes"]} == {name for ends in edges for name in ends}
    assert read["directed"]


def test_rule_effect_and_run_are_chosen(published, made, tmp_path):
    with open_snapshot(published) as con:
        n_edges = con.sql("SELECT count(*) FROM edge WHERE criterion = 'published' AND effect = 'direct'").fetchone()[0]
    report = export_run(tmp_path / "a.json", published, made.run["run_id"], "published", "direct")
    assert report.n_edges == n_edges > 0


def test_imported_run_has_features_and_no_graph(tmp_path):
    run, folder = imported_atlas(tmp_path)
    publish_run(tmp_path, run, [folder])
    assert export_run(tmp_path / "atlas.h5ad", tmp_path).n_edges == 0
    assert anndata.read_h5ad(tmp_path / "atlas.h5ad").n_obs > 0
    with pytest.raises(UnknownName, match="has no edge under rule calibrated and effect total"):
        export_run(tmp_path / "atlas.graphml", tmp_path)
    assert not list(tmp_path.glob("*.graphml*"))


@pytest.mark.parametrize(
    ("name", "run", "words"),
    [("run.xlsx", None, "name a file that ends in .h5ad, .graphml, .json"), ("run.h5ad", "no", "run no is not publ")],
)
def test_wrong_request_is_said(published, tmp_path, name, run, words):
    with pytest.raises(UnknownName, match=words) as refused:
        export_run(tmp_path / name, published, run)
    assert refused.value.exit_status == 2
    assert not list(tmp_path.iterdir())


def test_nothing_published_is_said(tmp_path):
    with pytest.raises(NoWarehouse):
        export_run(tmp_path / "run.h5ad", tmp_path)


HOSTILE = "a<b> &amp; ]]> \"'![x](http://127.0.0.1:9/x.png) $\\alpha$ \x00\x01\x0b\ufffe\u2028"
SPELLED = (
    HOSTILE.replace("\x00", "\\x00").replace("\x01", "\\x01").replace("\x0b", "\\x0b").replace("\ufffe", "\\xfffe")
)


@pytest.mark.parametrize("kind", ["graphml", "json", "h5ad"])
def test_texts_from_files_stay_texts_in_every_kind_of_file(home, tmp_path, kind):
    with duckdb.connect(str(snapshot_path(home))) as con:
        con.execute("UPDATE stored.feature SET label = ?, top_cell_type = ?", [HOSTILE, HOSTILE])
        con.execute("UPDATE stored.run SET study = ?", [HOSTILE])
    path = tmp_path / f"run.{kind}"
    export_run(path, home)
    if kind == "graphml":
        graph = igraph.Graph.Read_GraphML(str(path))
        found = {*graph.vs["label"], *graph.vs["top_cell_type"], graph["study"]}
        tags = {element.tag.rpartition("}")[2] for element in ElementTree.parse(path).iter()}
        assert tags == {"graphml", "key", "graph", "node", "edge", "data"}
    elif kind == "json":
        told = json.loads(path.read_text())
        found = {node[name] for node in told["nodes"] for name in ("label", "top_cell_type")} | {told["graph"]["study"]}
    else:
        data = anndata.read_h5ad(path)
        found = {*data.obs["label"], *data.obs["top_cell_type"], data.uns["run"]["study"]}
    assert found == {SPELLED}
