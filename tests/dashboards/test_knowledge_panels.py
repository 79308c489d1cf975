"""Knowledge: queries against slow twins, and the page with its nulls."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl

from dashboards.charts.knowledge import beside_chance, domain_map, null_histogram, order_points
from tests.dashboards.conftest import Open
from tests.dashboards.test_pages import texts
from tests.dashboards.test_queries import ask

TABS = ["Domains", "All terms", "Known and novel", "Order", "Places", "Classes of cells", "Disease genes"]


def rows_of(snapshot: duckdb.DuckDBPyConnection, query: str, **more: object) -> pl.DataFrame:
    run_id = snapshot.sql("SELECT run_id FROM run").fetchall()[0][0]
    return ask(snapshot, query, {"run_id": run_id, "kind": "term", **more}).pl()


def test_coverage_is_that_of_all_layers(snapshot: duckdb.DuckDBPyConnection) -> None:
    coverage = snapshot.sql("SELECT n_edges, n_both FROM domain_coverage WHERE kind = 'term'").pl()
    row = rows_of(snapshot, "domain_kinds").row(0, named=True)
    assert row["n_edges"] == coverage["n_edges"].sum() > row["n_both"] == coverage["n_both"].sum() > 0
    assert row["n_domains"] == snapshot.sql("SELECT count(DISTINCT domain) FROM feature_domain").fetchone()[0]


def test_the_map_shows_pairs_with_their_ends(snapshot: duckdb.DuckDBPyConnection) -> None:
    pairs = rows_of(snapshot, "domain_pairs")
    assert pairs.height > 3
    assert pairs["q"].is_sorted()
    figure = domain_map(pairs, 30)
    (points,) = figure.data
    assert list(zip(points.y, points.x, strict=True)) == pairs.select("source_domain", "target_domain").rows()
    few = domain_map(pairs, 1).data[0]
    assert len(few.x) <= 1


def test_leads_stand_beside_expected_ones(snapshot: duckdb.DuckDBPyConnection) -> None:
    orders = rows_of(snapshot, "domain_orders")
    line, *points = order_points(orders).data
    assert line.name == "as chance gives"
    assert sum(len(one.x) for one in points) == orders.height > 0


def test_rows_without_numbers_have_no_points() -> None:
    columns = {"name": ["a", "b", "c"], "expected": [0.1, None, 0.3], "found": [0.2, 0.4, 0.9], "q": [None, 0.1, 0.01]}
    rows = pl.DataFrame(columns)
    line, others, called = beside_chance(rows, ("expected", "found"), "q", ["name"], ("x", "y")).data
    assert (list(line.x), list(others.y), list(called.y)) == ([0.1, 0.9], [0.2], [0.9])
    assert called.customdata[0][0] == "c"
    _, every = beside_chance(rows, ("expected", "found"), None, ["name"], ("x", "y")).data
    assert list(every.y) == [0.2, 0.9]
    assert not beside_chance(rows.clear(), ("expected", "found"), None, ["name"], ("x", "y")).data
    level = pl.DataFrame({"name": ["a", "b"], "expected": [2 / 3, 2 / 3], "found": [2 / 3, 2 / 3 + 1e-16]})
    low, high = beside_chance(level, ("expected", "found"), None, ["name"], ("x", "y")).layout.yaxis.range
    assert high - low > 0.1  # axes do not magnify what rounding does


def test_draws_are_those_of_both_nulls(snapshot: duckdb.DuckDBPyConnection) -> None:
    tests, draws = rows_of(snapshot, "consensus_tests"), rows_of(snapshot, "consensus_draws")
    for row in tests.iter_rows(named=True):
        own = draws.filter(null_kind=row["null_kind"])["n_both"]
        assert len(own) == row["n_null"]
        assert abs(own.mean() - row["expected"]) < 1e-9
    figure = null_histogram(draws["n_both"], 7)
    assert figure.layout.shapes[0].x0 == 7


def test_page_says_coverage_first_and_what_may_not_be_claimed(home: Path, open_page: Open) -> None:
    app = open_page("knowledge")
    assert not app.exception
    assert [tab.label for tab in app.tabs][: len(TABS) + 1] == [*TABS, "Two studies"]
    assert "does not say that one process acts on another" in texts(app)
    boxes = {one.label for one in app.metric}
    assert {"Edges", "With a domain at both ends", "Domains", "Pairs beyond chance"} <= boxes
    assert "would be shared (p =" in texts(app)


def test_a_run_whose_domains_have_no_edges_says_so(
    changed: Callable[[str], duckdb.DuckDBPyConnection], open_page: Open
) -> None:
    changed("DELETE FROM stored.domain_pair")
    app = open_page("knowledge")
    assert not app.exception
    assert "No pair of domains has enough edges to be tested" in texts(app)


def test_all_terms_count_every_edge_once(snapshot: duckdb.DuckDBPyConnection) -> None:
    asked = {"criterion": "calibrated", "effect": "total", "n_rows": 10**6}
    pairs = rows_of(snapshot, "weighted_pairs", **asked)
    terms = snapshot.sql("SELECT sae_id, feature, domain, weight FROM feature_term").pl()
    whole = terms.group_by("sae_id", "feature").agg(pl.col("weight").sum())["weight"]
    assert (whole - 1).abs().max() < 1e-9
    own: dict[tuple[str, int], list[tuple[str, float]]] = {}
    for sae, feature, domain, weight in terms.iter_rows():
        own.setdefault((sae, feature), []).append((domain, weight))
    edges = snapshot.sql(
        "SELECT source_sae, source_feature, target_sae, target_feature FROM edge "
        "WHERE criterion = 'calibrated' AND effect = 'total'"
    ).fetchall()
    slow: dict[tuple[str, str], float] = {}
    for source_sae, source, target_sae, target in edges:
        for one, weight in own.get((source_sae, source), []):
            for other, more in own.get((target_sae, target), []):
                slow[one, other] = slow.get((one, other), 0.0) + weight * more
    found = {(a, b): n for a, b, n in pairs.select("source_domain", "target_domain", "n_edges").iter_rows()}
    assert found.keys() == slow.keys()
    assert all(abs(found[pair] - n) < 1e-9 for pair, n in slow.items())
    assert abs(pairs["expected"].sum() - sum(slow.values())) <= 1e-6 * max(sum(slow.values()), 1)


def test_shares_of_novel_edges_stand_beside_exchanged_targets(
    snapshot: duckdb.DuckDBPyConnection, home: Path, open_page: Open
) -> None:
    shares = rows_of(snapshot, "novel_shares")
    assert shares["rule"].to_list() == ["default", "published"]
    app = open_page("knowledge")
    boxes = {one.label: one.value for one in app.metric}
    assert boxes["Edges without a known link"] == f"{shares['share'][0]:.1%}"
    assert boxes["With exchanged targets"] == f"{shares['expected_share'][0]:.1%}"
    for words in ("Level 3 of 4", "Level 1 of 4", "does not make their pair a discovery", "never read from names"):
        assert words in texts(app), words


def test_classes_and_diseases_say_what_is_not_tested(
    changed: Callable[[str], duckdb.DuckDBPyConnection], open_page: Open
) -> None:
    changed("DELETE FROM stored.disease_test")
    app = open_page("knowledge")
    assert not app.exception
    assert "there is nothing to say of edges" in texts(app)
