"""The dashboard's queries with values for all their parameters."""

import re
from pathlib import Path
from typing import Any

import duckdb

import warehouse

QUERIES = Path(warehouse.__file__).parent / "queries"
NAMED = sorted(path.stem for path in QUERIES.glob("*.sql"))
LATER = {  # asked where what they need is there: test_panel, test_beside_import, test_stability_panels, test_graph_tab,
    # test_cell_type_page, test_twin_panels
    "analyses",
    "feature_runs",
    "figure_comparison",
    "graph_matches",
    "label_edges",
    "shared_terms",
}
OF_RUNS = [name for name in NAMED if name not in LATER]
WIDE = {  # values that filter nothing
    "n_rows": 500, "criterion": "calibrated", "effect": "total", "direction": "out", "search": None, "tier": None,
    "alive_only": False, "min_frequency": 0.0, "annotated_only": False, "cell_type": None, "module": None,
    "members": None, "sort": "frequency", "failed_only": False, "table_name": None, "step": None, "sign": None,
    "min_effect": 0.0, "max_q": 1.0, "source_sae": None, "source_feature": None, "target_sae": None,
    "target_feature": None, "source_layer": None, "target_layer": None, "combination": "set-1",
    "readout": "pseudotime", "layer": 0, "source": "patching", "gene": "GATA1", "relation": "feature",
    "setting": "batch_scale0_n2", "selector": "batch", "metric": None, "item": "edges_vary",
    "marks_column": None, "marks_label": None, "symbol": "CD79A", "library": "go_bp", "term": "NK cell programme",
    "chosen": None, "said": None,
    "text": "c", "kind": "term", "line": "something", "perturbation": "something", "reference": "tf_net",
    "cell": 1, "obs_column": "cell type", "label": "B cell", "way": "out",
    "last_source": 1_000_000, "origin": "run", "key": "genes with counts", "n_bins": 20, "logarithmic": False,
}  # fmt: skip


def edge_params(con: duckdb.DuckDBPyConnection) -> dict[str, object]:
    """Parameters that point at a called edge, its source feature and its run."""
    found = con.sql("SELECT run_id, source_sae, source_feature, target_sae, target_feature FROM edge LIMIT 1")
    edge = dict(zip(found.columns, found.fetchone(), strict=True))
    spots = [f"{edge['source_sae']} {edge['source_feature']}"]
    return {**edge, **ends_of(edge), "sae_id": edge["source_sae"], "feature": edge["source_feature"], "spots": spots}


def ends_of(edge: dict[str, Any]) -> dict[str, object]:
    """The two features of an edge, as parameters of queries that ask for several."""
    return {f"{name}s": [edge[f"{end}_{name}"] for end in ("source", "target")] for name in ("sae", "feature")}


def ask(con: duckdb.DuckDBPyConnection, name: str, params: dict[str, object]) -> duckdb.DuckDBPyConnection:
    text = (QUERIES / f"{name}.sql").read_text()
    wanted = set(re.findall(r"\$(\w+)", text))
    return con.execute(text, {key: value for key, value in params.items() if key in wanted})
