"""What networks say of predicted pairs of genes: the view and its sums against loops over the tables."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import pytest

from tests.builders.dashboard_queries import ask
from tests.dashboards.conftest import Open
from tests.dashboards.test_pages import texts


def rows_of(snapshot: duckdb.DuckDBPyConnection, query: str, **more: object) -> pl.DataFrame:
    run_id = snapshot.sql("SELECT run_id FROM run").fetchall()[0][0]
    return ask(snapshot, query, {"run_id": run_id, **more}).pl()


def statuses(snapshot: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], tuple[str, int]]:
    """By pair of genes: status and number of genes between, gene by gene."""
    edges = set(snapshot.sql("SELECT source, target FROM ref_edge").fetchall())
    starts, reached = {source for source, _ in edges}, {target for _, target in edges}
    found = {}
    for source, target in snapshot.sql("SELECT source_gene, target_gene FROM gene_pair").fetchall():
        if source in starts and target in reached:
            genes = {one for _, one in edges} - {source, target}
            between = sum((source, one) in edges and (one, target) in edges for one in genes)
            status = "direct" if (source, target) in edges else "indirect" if between else "absent"
            found[source, target] = (status, between)
    return found


@pytest.fixture
def denser(changed: Callable[[str], duckdb.DuckDBPyConnection]) -> duckdb.DuckDBPyConnection:
    """The invented network with further edges between the genes of predicted pairs, some of them in two steps."""
    return changed(
        """INSERT INTO stored.ref_edge
        SELECT DISTINCT ON (source, target)
            step_key, reference, pair.source_gene AS source, other.target_gene AS target, 'unknown', NULL
        FROM gene_pair AS pair
        JOIN gene_pair AS other ON hash(pair.source_gene || other.target_gene) % 3 = 0
            AND pair.source_gene <> other.target_gene
        CROSS JOIN (SELECT DISTINCT step_key, reference FROM stored.ref_edge) AS network
        ANTI JOIN stored.ref_edge AS known ON known.source = pair.source_gene AND known.target = other.target_gene"""
    )


def test_pairs_are_direct_indirect_or_absent(denser: duckdb.DuckDBPyConnection) -> None:
    wanted = statuses(denser)
    found = denser.sql("SELECT source_gene, target_gene, status, n_between FROM gene_pair_reference").fetchall()
    assert {(one, two): (status, n) for one, two, status, n in found} == wanted
    assert len(found) == len(wanted)
    assert {status for status, _ in wanted.values()} >= {"direct", "absent"}


def test_expected_pairs_are_those_of_genes_with_as_many_edges(denser: duckdb.DuckDBPyConnection) -> None:
    wanted = statuses(denser)
    (row,) = rows_of(denser, "pair_references").to_dicts()
    sources, targets = {one for one, _ in wanted}, {two for _, two in wanted}
    edges = set(denser.sql("SELECT source, target FROM ref_edge WHERE source <> target").fetchall())
    own = {(one, two) for one, two in edges if one in sources and two in targets}
    out = {gene: sum(one == gene for one, _ in own) for gene in sources}
    into = {gene: sum(two == gene for _, two in own) for gene in targets}
    expected = sum(min(out[one] * into[two] / max(len(own), 1), 1) for one, two in wanted)
    assert row["expected_direct"] == pytest.approx(expected)
    assert row["n_direct"] == sum(status == "direct" for status, _ in wanted.values())
    assert row["n_pairs"] == len(wanted) == row["n_direct"] + row["n_indirect"] + row["n_absent"]


def test_the_panel_says_that_it_is_no_test(home: Path, open_page: Open) -> None:
    app = open_page("knowledge")
    assert not app.exception
    assert "Pairs in networks" in [tab.label for tab in app.tabs]
    assert "no test stands behind it" in texts(app)
