"""Links beside causal edges: the view counts like sets, and gives the chance known of the published maps."""

import duckdb
import pytest
from scipy.stats import hypergeom

from warehouse.ddl import schema_sql

N_FEATURES = 4608
# Targets of links and of edges, the share of the latter that are in common, and what chance and the law say.
PUBLISHED = [
    ((0, 5), 4101, 1113, 0.906, 0.890, 0.03),
    ((5, 11), 4369, 996, 0.948, 0.948, 0.56),
    ((11, 17), 4205, 881, 0.917, 0.913, 0.32),
]


@pytest.fixture
def con():
    with duckdb.connect() as con:
        con.execute(schema_sql())
        yield con


def fill(con, links, edges, n_features=N_FEATURES, ends=("a", "b")):
    """A run whose layer ``b`` has living features; ``links`` and ``edges`` are pairs of features."""
    con.execute("INSERT INTO stored.run (run_id) SELECT 'r' WHERE NOT EXISTS (SELECT * FROM stored.run)")
    con.execute("INSERT INTO stored.run_step (run_id, step_key) VALUES ('r', ?)", [ends[1]])
    con.execute(
        "INSERT INTO stored.feature (step_key, sae_id, feature, alive) SELECT $b, $b, x, true FROM range($n) AS t(x)",
        {"b": ends[1], "n": n_features},
    )
    con.execute(
        "INSERT INTO stored.cross_layer_summary (step_key, source_sae, target_sae) VALUES ($b, $a, $b)",
        {"a": ends[0], "b": ends[1]},
    )
    for table, pairs, more in (("cross_layer_link", links, {}), ("edge", edges, {"criterion": "c", "effect": "total"})):
        names = ", ".join(("step_key", "source_sae", "target_sae", "source_feature", "target_feature", *more))
        rows = [(ends[1], *ends, *pair, *more.values()) for pair in pairs]
        con.executemany(f"INSERT INTO stored.{table} ({names}) VALUES ({', '.join('?' * len(rows[0]))})", rows)


@pytest.mark.parametrize(("layers", "n_linked", "n_caused", "share", "chance", "p"), PUBLISHED)
def test_published_overlaps_have_the_known_chance(con, layers, n_linked, n_caused, share, chance, p):
    common = round(share * n_caused)
    caused = [*range(common), *range(n_linked, n_linked + n_caused - common)]
    fill(con, [(0, target) for target in range(n_linked)], [(1, target) for target in caused])
    row = con.sql("SELECT * FROM pmi_comparison").pl().row(0, named=True)
    assert (row["n_links"], row["n_edges"], row["n_overlap"]) == (n_linked, n_caused, 0)
    assert (row["n_link_targets"], row["n_edge_targets"], row["n_target_overlap"]) == (n_linked, n_caused, common)
    assert row["expected"] / n_caused == pytest.approx(chance, abs=5e-4)
    assert row["p"] == pytest.approx(hypergeom.sf(common - 1, N_FEATURES, n_linked, n_caused), rel=1e-7)
    assert row["p"] == pytest.approx(p, abs=0.02)


def test_pairs_and_targets_are_counted_like_sets(con):
    links = {(0, 1), (0, 2), (1, 2), (2, 5)}
    edges = {(0, 2), (0, 3), (1, 4), (3, 5)}
    fill(con, links, edges, n_features=8)
    row = con.sql("SELECT * FROM pmi_comparison").pl().row(0, named=True)
    assert row["n_overlap"] == len(links & edges)
    assert row["expected_overlap"] == pytest.approx((2 * 2 + 1 * 1) / 8)  # sources 0 and 1 have both
    assert (row["n_link_targets"], row["n_edge_targets"], row["n_target_overlap"]) == (3, 4, 2)
    assert row["p"] == pytest.approx(hypergeom.sf(1, 8, 3, 4), rel=1e-12)


def test_edges_without_a_link_and_layers_without_edges(con):
    fill(con, [(0, 1)], [(0, 2)], n_features=4)
    con.execute("DELETE FROM stored.cross_layer_link")
    row = con.sql("SELECT * FROM pmi_comparison").pl().row(0, named=True)
    assert (row["n_links"], row["n_target_overlap"], row["p"]) == (0, 0, 1.0)
    con.execute("DELETE FROM stored.edge")
    assert con.sql("SELECT * FROM pmi_comparison").pl().is_empty()
