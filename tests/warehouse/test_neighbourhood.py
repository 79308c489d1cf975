"""The part of a graph around features, hop by hop, and its super-nodes: against loops over all edges."""

from pathlib import Path

import duckdb
import polars as pl
import pytest

import warehouse.neighbourhood
from tests.builders.dashboard_queries import ask
from warehouse import open_snapshot
from warehouse.neighbourhood import WAYS, Around, neighbourhood
from warehouse.supernodes import gathered, joined

EDGES = """
SELECT (source_sae, source_feature) AS source, (target_sae, target_feature) AS target, g, rowid AS place
FROM stored.edge
WHERE criterion = $rule AND effect = 'total'
"""


@pytest.fixture
def con(published: Path):
    with open_snapshot(published) as con:
        yield con


def asker(con: duckdb.DuckDBPyConnection, rule: str = "calibrated"):
    (run_id,) = con.sql("SELECT run_id FROM run").fetchone()
    bound = {"run_id": run_id, "criterion": rule, "effect": "total"}
    return lambda name, **more: ask(con, name, bound | more).pl()


def all_edges(con: duckdb.DuckDBPyConnection, rule: str = "calibrated") -> list[tuple[tuple, tuple, float, int]]:
    return con.execute(EDGES, {"rule": rule}).fetchall()


def slow_part(edges, around: Around, most_features: int, most_edges: int):
    """Features in the order in which they come in; edges among them by |g|; edges not followed; features left out."""
    edges = [edge for edge in edges if abs(edge[2]) >= around.least]
    features, unfollowed, untaken = list(around.pinned), {}, set()

    def hop(start, way):
        own, other = (0, 1) if way == "out" else (1, 0)
        followed = []
        for one in start:
            mine = sorted((e for e in edges if e[own] == one), key=lambda e: (-abs(e[2]), e[3]))
            followed += mine[: around.per_feature]
            unfollowed[one, way] = len(mine[around.per_feature :])
        new = []
        for edge in sorted(followed, key=lambda e: (-abs(e[2]), e[3])):
            if edge[other] not in features and len(features) < most_features:
                features.append(edge[other])
                new.append(edge[other])
            elif edge[other] not in features:
                untaken.add(edge[other])
        return new

    reached = {way: list(around.pinned) for way in WAYS[around.way]}
    for _ in range(around.hops):
        reached = {way: hop(start, way) for way, start in reached.items()}
    for way in WAYS["both"]:
        hop([one for one in around.grown if one in features], way)
    among = [edge for edge in edges if edge[0] in features and edge[1] in features]
    among.sort(key=lambda edge: (-abs(edge[2]), edge[0], edge[1]))
    return features, [edge[:2] for edge in among[:most_edges]], len(among), sum(unfollowed.values()), len(untaken)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("hops", "per_feature", "least"), [(1, 3, 0.0), (2, 2, 0.9), (3, 60, 0.0)])
@pytest.mark.parametrize("most", [(80, 300), (9, 12)])
def test_a_part_is_that_of_a_loop(con, monkeypatch, way, hops, per_feature, least, most):
    monkeypatch.setattr(warehouse.neighbourhood, "MOST_FEATURES", most[0])
    monkeypatch.setattr(warehouse.neighbourhood, "MOST_EDGES", most[1])
    edges = all_edges(con)
    sources, targets = sorted({edge[0] for edge in edges}), sorted({edge[1] for edge in edges})
    pinned, grown = (sources[2], targets[3]), (sources[2], targets[-1])
    around = Around(pinned, grown, hops, way, per_feature, least)
    part = neighbourhood(asker(con), around)
    features, among, n_edges, unfollowed, untaken = slow_part(edges, around, *most)
    assert part.features == features
    ends = part.edges.select("source_sae", "source_feature", "target_sae", "target_feature").rows()
    assert [((a, b), (c, d)) for a, b, c, d in ends] == among
    assert (part.n_edges, part.n_unfollowed, part.n_untaken) == (n_edges, unfollowed, untaken)


def test_rules_of_shown_edges_are_those_of_the_table(con):
    source = sorted({edge[0] for edge in all_edges(con)})[0]
    part = neighbourhood(asker(con), Around((source,), hops=1, per_feature=60))
    called = con.sql(
        "SELECT source_sae, source_feature, target_sae, target_feature, criterion FROM edge WHERE effect = 'total'"
    ).fetchall()
    for row in part.edges.iter_rows(named=True):
        ends = (row["source_sae"], row["source_feature"], row["target_sae"], row["target_feature"])
        assert row["calibrated"]
        assert row["specific"] == ((*ends, "specific") in called)
    assert part.edges["specific"].any()


NODES = pl.DataFrame(
    {
        "node": [f"n{i}" for i in range(12)],
        "layer": [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2],
        "pinned": [False] * 11 + [True],
        "module": [1, 1, 2, None, 1, 1, 1, None, None, None, 3, 3],
        "top_cell_type": ["a", "a", "b", "b", "a", None, None, None, "c", "c", "c", "c"],
        "label": [None] * 12,
    }
)
LINKS = [(a, b, (-1) ** (a + b) * (1 + a / 10 + b / 100)) for a in range(8) for b in range(4, 12) if b // 4 > a // 4]


@pytest.mark.parametrize(("by", "column"), [("module", "module"), ("cell type", "top_cell_type"), ("label", "label")])
def test_super_nodes_are_those_of_a_loop(by, column):
    rows = list(NODES.iter_rows(named=True))

    def of(row):
        alike = [
            one["node"]
            for one in rows
            if not one["pinned"] and (one["layer"], one[column]) == (row["layer"], row[column])
        ]
        apart = row["pinned"] or row[column] is None or len(alike) < 2
        return row["node"] if apart else f"L{row['layer']} {by} {row[column]}"

    found = dict(gathered(NODES, by).select("node", "within").iter_rows())
    assert found == {row["node"]: of(row) for row in rows}
    edges = pl.DataFrame([{"source": f"n{a}", "target": f"n{b}", "g": g} for a, b, g in LINKS])
    sums: dict[tuple[str, str], list[float]] = {}
    for a, b, g in LINKS:
        sums.setdefault((found[f"n{a}"], found[f"n{b}"]), []).append(g)
    links = joined(edges, found)
    assert {(s, t): n for s, t, n in links.select("source", "target", "n_edges").iter_rows()} == {
        ends: len(some) for ends, some in sums.items()
    }
    for source, target, g in links.select("source", "target", "g").iter_rows():
        assert g == pytest.approx(sum(sums[source, target]))
    sizes = links["g"].abs().to_list()
    assert sizes == sorted(sizes, reverse=True)


def test_nothing_is_gathered_unless_asked_for():
    plain = gathered(NODES, None)
    assert plain["within"].equals(NODES["node"].rename("within"))
    assert plain["group"].null_count() == NODES.height
