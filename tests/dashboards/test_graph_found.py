"""What is found in a graph by a text: features by gene, gene set, cell type or name, against a loop over the tables."""

import duckdb
import pytest

from dashboards.graph import with_names
from tests.builders.dashboard_queries import ask
from warehouse.neighbourhood import columns_of


@pytest.mark.parametrize("text", ["CD79A", "cell", "programme", "L0_F3", "no such thing"])
def test_what_is_found_in_the_graph_is_what_a_loop_finds(snapshot: duckdb.DuckDBPyConnection, text: str) -> None:
    (run_id,) = snapshot.sql("SELECT run_id FROM run").fetchone()
    features = snapshot.sql("SELECT sae_id, feature FROM feature ORDER BY ALL LIMIT 60").fetchall()
    asked = {"run_id": run_id, "text": text, "criterion": "calibrated", "effect": "total", **columns_of(features)}
    rows = ask(snapshot, "graph_matches", asked).pl()
    nodes = with_names(ask(snapshot, "graph_nodes", asked).pl())
    assert nodes.height == len(features)
    assert rows.columns == ["sae_id", "feature", "matched"]
    genes = set(
        snapshot.execute("SELECT sae_id, feature FROM feature_gene WHERE shown AND symbol = ?", [text]).fetchall()
    )
    terms = snapshot.sql("SELECT sae_id, feature, term FROM annotation WHERE significant").fetchall()
    named = {(sae_id, feature) for sae_id, feature, term in terms if text.lower() in term.lower()}
    expected = set()
    for node in nodes.iter_rows(named=True):
        words = [node[name] or "" for name in ("top_cell_type", "name", "label")]
        key = (node["sae_id"], node["feature"])
        if node["node"] == text or key in genes | named or any(text.lower() in word.lower() for word in words):
            expected.add(key)
    assert set(rows.select("sae_id", "feature").iter_rows()) == expected
