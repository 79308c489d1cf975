"""Macros against slow twins in Python."""

from collections import defaultdict

import pytest

from warehouse import open_snapshot, run_user_sql
from warehouse.ddl import MACROS

NAMES = {
    "newest_run",
    "run_of",
    "rule_of",
    "edges_of",
    "features_with_gene",
    "path_between",
    "compare_runs",
    "binomial_tail",
}


@pytest.fixture(scope="module")
def con(deep):
    with open_snapshot(deep) as con:
        yield con


@pytest.fixture(scope="module")
def deep(tmp_path_factory):
    """A run whose five layers are chained by invented edges."""
    import duckdb

    from tests.builders.study_shards import make_study
    from warehouse import publish_run, snapshot_path

    home = tmp_path_factory.mktemp("deep")
    run, folders = make_study(home / "runs", n_features=12, layers=(0, 1, 2, 3, 4), effects=("total",))
    publish_run(home, run, folders)
    with duckdb.connect(str(snapshot_path(home))) as con:  # edges between later layers, as a run that traces them has
        con.execute(
            """
            INSERT INTO stored.edge
            SELECT edge.* REPLACE (
                a.sae_id AS source_sae, a.layer AS source_layer, b.sae_id AS target_sae, b.layer AS target_layer,
                (source_feature + a.layer + 5 * shift) % 12 AS source_feature
            )
            FROM stored.edge, sae AS a, sae AS b, range(3) AS shifts (shift)
            WHERE a.layer >= 1 AND b.layer > a.layer AND edge.target_layer = b.layer AND criterion = 'published'
            QUALIFY row_number() OVER (
                PARTITION BY a.layer, b.layer, (source_feature + a.layer + 5 * shift) % 12, target_feature ORDER BY g
            ) = 1
            """
        )
    return home


def edges_by_source(con, rule: str) -> dict[tuple[str, int], list[tuple]]:
    rows = con.sql(
        "SELECT source_sae, source_feature, target_sae, target_feature, source_layer, target_layer, abs(g), sign "
        f"FROM edge WHERE criterion = '{rule}' AND effect = 'total'"
    ).fetchall()
    found = defaultdict(list)
    for source_sae, source_feature, *rest in rows:
        found[source_sae, source_feature].append(tuple(rest))
    return found


def test_macros_are_part_of_the_schema_and_explained(con):
    found = dict(
        con.sql(
            "SELECT function_name, comment FROM duckdb_functions() "
            "WHERE NOT internal AND function_type IN ('macro', 'table_macro') AND schema_name = 'main'"
        ).fetchall()
    )
    assert set(found) == NAMES == {path.stem.partition("_")[2] for path in MACROS.glob("*.sql")}
    assert all(found.values())


def test_runs_that_macros_choose(con, deep):
    (run_id,) = con.sql("SELECT run_id FROM run").fetchone()
    (sae_id,) = con.sql("SELECT min(sae_id) FROM sae").fetchone()
    assert con.sql(f"SELECT newest_run(), newest_run(from_files := true), run_of('{sae_id}')").fetchall() == [
        (run_id, None, run_id)
    ]


def test_edges_of_a_feature(con):
    outgoing = edges_by_source(con, "specific")
    (sae_id, feature), edges = max(outgoing.items(), key=lambda item: len(item[1]))
    found = con.sql(f"FROM edges_of('{sae_id}', {feature})").pl()
    out = {(e[0], e[1]) for e in edges}
    into = {source for source, edges in outgoing.items() for e in edges if (e[0], e[1]) == (sae_id, feature)}
    assert {(r["sae_id"], r["feature"]) for r in found.iter_rows(named=True) if r["direction"] == "out"} == out
    assert {(r["sae_id"], r["feature"]) for r in found.iter_rows(named=True) if r["direction"] == "in"} == into
    more = con.sql(f"FROM edges_of('{sae_id}', {feature}, rule := 'published')").fetchall()
    assert len(more) != found.height


def test_features_with_a_gene(con):
    wanted = con.sql("SELECT sae_id, feature, rank FROM feature_gene WHERE symbol = 'LYZ' AND shown").fetchall()
    found = con.sql("SELECT sae_id, feature, rank FROM features_with_gene('lyz')").fetchall()
    assert sorted(found) == sorted(wanted)
    assert [rank for *_, rank in found] == sorted(rank for *_, rank in wanted)
    assert con.sql("FROM features_with_gene('LYZ', run := 'another')").fetchall() == []


@pytest.mark.parametrize("hops", [1, 2, 3, 4])
def test_paths_are_all_chains_of_that_length(con, hops):
    """Walked edge by edge from the source, with no look at the target until the end."""
    edges = edges_by_source(con, "published")
    source = max((key for key in edges if key[0].startswith("L00")), key=lambda key: len(edges[key]))
    walks = [([f"L0_F{source[1]}"], source, float("inf"), 1)]
    ends: dict[tuple[str, int], list[tuple]] = defaultdict(list)
    for length in range(1, hops + 1):
        walks = [
            ([*names, f"L{layer}_F{feature}"], (sae, feature), min(weakest, size), sign * s)
            for names, at, weakest, sign in walks
            for sae, feature, _, layer, size, s in edges[at]
        ]
        for names, at, weakest, sign in walks:
            ends[at].append((length, " > ".join(names), weakest, sign))
    target = max((key for key in ends if any(n == hops for n, *_ in ends[key])), key=lambda key: len(ends[key]))
    asked = f"'{source[0]}', {source[1]}, '{target[0]}', {target[1]}, hops := {hops}, most := 100000"
    found = con.sql(f"FROM path_between({asked}, rule := 'published')").fetchall()
    wanted = {(n, path, sign): pytest.approx(weakest) for n, path, weakest, sign in ends[target]}
    assert max(n for n, *_ in found) == hops
    assert {(n, path, sign): weakest for n, path, weakest, sign in found} == wanted
    assert [n for n, *_ in found] == sorted(n for n, *_ in found)


def test_compared_runs_show_each_figure_of_each_layer(con):
    (run_id,) = con.sql("SELECT run_id FROM run").fetchone()
    found = con.sql(f"FROM compare_runs('{run_id}', '{run_id}')").pl()
    summary = con.sql("SELECT layer, n_alive, 1 - fvu AS explained FROM layer_summary ORDER BY layer").pl()
    assert found.filter(figure="living_features")["in_a"].to_list() == summary["n_alive"].to_list()
    assert found.filter(figure="variance_explained")["in_b"].to_list() == pytest.approx(summary["explained"].to_list())
    assert set(found["difference"].to_list()) == {0.0}


def test_macros_pass_the_sandbox(deep):
    assert run_user_sql(deep, "FROM features_with_gene('LYZ') LIMIT 3").num_rows == 3


@pytest.mark.parametrize("chance", [0.05, 0.5])
def test_a_binomial_tail_is_that_of_scipy(con, chance):
    from scipy.stats import binom

    cases = [(0, 0), (0, 7), (3, 7), (7, 7), (8, 7), (12, 40), (60, 400)]
    found = [con.execute("SELECT binomial_tail(?, ?, ?)", [*case, chance]).fetchone()[0] for case in cases]
    assert found[:-3] + found[-2:] == pytest.approx([binom.sf(k - 1, n, chance) for k, n in cases if k <= n])
    assert not found[4]  # more hits than tries
