"""How long the dashboard's queries take on a large run."""

import re
import time
from collections.abc import Iterator
from typing import Any

import duckdb
import numpy as np

from tests.builders.dashboard_queries import OF_RUNS, QUERIES, WIDE, ends_of
from warehouse.examples import examples

CASES: dict[str, dict[str, dict[str, Any]]] = {  # what is asked of queries that people ask in several ways
    "edges": {
        "calibrated, all": {"ends": ()},
        "published, all": {"ends": (), "criterion": "published"},
        "calibrated, one layer": {"ends": ("source_sae",), "min_effect": 0.8, "max_q": 0.01},
        "calibrated, one source": {"ends": ("source_sae", "source_feature")},
        "calibrated, one target": {"ends": ("target_sae", "target_feature")},
        "published, one source": {"ends": ("source_sae", "source_feature"), "criterion": "published"},
        "published, one target": {"ends": ("target_sae", "target_feature"), "criterion": "published"},
    },
    "measured_pairs": {
        "one source": {"ends": ("source_sae", "source_feature")},
        "one target": {"ends": ("target_sae", "target_feature")},
    },
    "feature_search": {
        "all": {"sae_id": None},
        "gene": {"sae_id": None, "search": "CD79"},
        "term": {"sae_id": None, "search": "marker"},
        "label": {"sae_id": None, "marks_column": "cell type", "marks_label": "B cell"},
        "list": {"sae_id": None, "chosen": [f"none {number}" for number in range(5_000)]},
    },
    "degree_frequency": {"out": {}, "all layers": {"sae_id": None}},
    "graph_hop": {"out": {}, "in": {"way": "in"}, "published, in": {"way": "in", "criterion": "published"}},
    "direct_and_total": {"one layer": {}, "all layers": {"source_sae": None}},
}


def query_times(con: duckdb.DuckDBPyConnection, times: int) -> dict[str, dict[str, float]]:
    """Median and 95th percentile (ms) and rows of every query and worked question, but for those on atlases."""
    return {name: timed(con, text, params, times) for name, text, params in _asked(con)}


def timed(con: duckdb.DuckDBPyConnection, text: str, params: dict[str, Any], times: int) -> dict[str, float]:
    """Ask ``times`` times after a first time that warms the file's blocks. ``cpu_ms``: the processor's time, median.

    Where other work goes on, that time tells more than the clock.
    """
    wanted = {name: value for name, value in params.items() if name in re.findall(r"\$(\w+)", text)}
    rows, seconds, processor = con.execute(text, wanted).fetchall(), [], []
    for _ in range(times):
        start, used = time.perf_counter(), time.process_time()
        con.execute(text, wanted).fetchall()
        seconds.append(time.perf_counter() - start)
        processor.append(time.process_time() - used)
    p50, p95 = np.percentile(seconds, [50, 95]) * 1000
    cpu = np.median(processor) * 1000
    return {"p50_ms": float(p50), "p95_ms": float(p95), "cpu_ms": float(cpu), "rows": len(rows)}


def middle_edge(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Parameters that point at an edge in the middle of those called by the calibrated rule."""
    called = "FROM edge WHERE criterion = 'calibrated'"
    middle = con.sql(f"SELECT count(*) // 2 {called}").fetchall()[0][0]
    text = f"SELECT run_id, source_sae, source_feature, target_sae, target_feature {called} LIMIT 1 OFFSET {middle}"
    found = con.execute(text)
    names = [column[0] for column in found.description]
    edge = dict(zip(names, found.fetchall()[0], strict=True))
    return {**edge, **ends_of(edge), "sae_id": edge["source_sae"], "feature": edge["source_feature"]}


def _asked(con: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str, dict[str, Any]]]:
    edge = middle_edge(con)
    for example in examples():
        if not example.of_atlas:
            yield f"examples/{example.name}", example.sql, {}
    for name in OF_RUNS:
        text = (QUERIES / f"{name}.sql").read_text()
        for case, change in CASES.get(name, {"": {}}).items():
            yield f"{name} {case}".strip(), text, _params(edge, change)


def _params(edge: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """Values that filter nothing, the edge's own, and what the case changes; of the edge's ends only those named."""
    params = {**WIDE, **edge, "spots": [f"{edge['source_sae']} {edge['source_feature']}"], **change}
    if "ends" in change:
        params |= dict.fromkeys(("source_sae", "source_feature", "target_sae", "target_feature"))
        params |= {end: edge[end] for end in change["ends"]}
    return params
