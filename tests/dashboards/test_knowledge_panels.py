"""Knowledge: queries against slow twins, and the page with its nulls."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl

from dashboards.charts.knowledge import domain_map, null_histogram, order_points
from tests.dashboards.conftest import Open
from tests.dashboards.test_pages import texts
from tests.dashboards.test_queries import ask


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
    assert line.name == "as exchanged targets give"
    assert sum(len(one.x) for one in points) == orders.height > 0


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
    assert [tab.label for tab in app.tabs][:3] == ["Domains", "Order", "Two studies"]
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
