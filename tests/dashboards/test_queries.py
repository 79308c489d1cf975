"""Every query file runs on a published warehouse and gives the columns that its second line promises."""

import re
from pathlib import Path

import duckdb
import polars as pl
import pytest

import warehouse
from tests.builders.dashboard_queries import OF_RUNS, QUERIES, WIDE, ask, edge_params
from warehouse.examples import Example, examples


@pytest.fixture
def one_edge(snapshot: duckdb.DuckDBPyConnection) -> dict[str, object]:
    """Parameters that point at a called edge, its source feature and its run."""
    return edge_params(snapshot)


ATLAS = {"run_id": "imported-geneformer", "sae_id": "L02-published40", "feature": 8}


@pytest.mark.parametrize("name", OF_RUNS)
def test_query_gives_its_documented_columns_and_rows_of_some_run(
    name: str, snapshot: duckdb.DuckDBPyConnection, one_edge: dict[str, object], atlas: Path
) -> None:
    """On an own run, or on an imported one where only that has such rows."""
    own = ask(snapshot, name, {**WIDE, **one_edge}).pl()
    assert_documented(name, own)
    if own.is_empty():
        one = ATLAS | ({"sae_id": None, "feature": None} if name == "cross_layer_links" else {})
        with warehouse.open_snapshot(atlas) as con:
            imported = ask(con, name, {**WIDE, **one}).pl()
        assert_documented(name, imported)
        assert imported.height > 0


def assert_documented(name: str, frame: pl.DataFrame) -> None:
    """Fail unless the query's first two lines say what it answers and which columns it gives, where these are fixed."""
    first, second = (QUERIES / f"{name}.sql").read_text().splitlines()[:2]
    assert re.match(r"-- [A-Z].*[?.]", first)
    columns = second.removeprefix("-- Columns: ")
    assert columns == "those of the table" or frame.columns == columns.split(", ")


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
def test_example_passes_the_sandbox_and_answers_with_rows(example: Example, published: Path, atlas: Path) -> None:
    rows = warehouse.run_user_sql(atlas if example.of_atlas else published, example.sql, limit=100)
    assert rows.num_columns > 1
    assert rows.num_rows > 0
    assert example.question.endswith("?")


@pytest.mark.slow
@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
def test_example_on_runs_of_the_other_kind_has_no_rows(example: Example, published: Path, atlas: Path) -> None:
    assert warehouse.run_user_sql(published if example.of_atlas else atlas, example.sql).num_rows == 0


def test_both_kinds_of_runs_have_at_least_ten_examples() -> None:
    assert [sum(example.of_atlas is kind for example in examples()) >= 10 for kind in (False, True)] == [True, True]


def test_marker_example_finds_markers_by_cell_type(home: Path) -> None:
    sql = next(example.sql for example in examples() if "mark B cells" in example.question)
    rows = warehouse.run_user_sql(home, sql).to_pylist()
    assert {row["cell_type"] for row in rows} == {"B cell", "Monocyte", "NK cell", "Platelet"}
    best = next(row for row in rows if row["cell_type"] == "B cell")
    assert {"CD79A", "MS4A1"} & set(best["genes"].split(", "))


def test_edge_cells_list_every_active_cell_and_agree_with_the_mean(
    snapshot: duckdb.DuckDBPyConnection, one_edge: dict[str, object]
) -> None:
    cells = ask(snapshot, "edge_cells", {**WIDE, **one_edge}).pl()
    stat = snapshot.execute(
        "SELECT n_cells, mean, n_pos FROM edge_stat WHERE effect = 'total' AND source_sae = $source_sae "
        "AND source_feature = $source_feature AND target_sae = $target_sae AND target_feature = $target_feature",
        {name: one_edge[name] for name in ("source_sae", "source_feature", "target_sae", "target_feature")},
    ).fetchone()
    assert stat is not None
    assert cells.height == stat[0]
    assert cells["effect"].mean() == pytest.approx(stat[1], abs=1e-6)
    assert (cells["effect"] > 0).sum() == stat[2]


def test_rho_is_spearmans(snapshot: duckdb.DuckDBPyConnection, one_edge: dict[str, object]) -> None:
    from scipy.stats import spearmanr

    frame = ask(snapshot, "degree_frequency", {**WIDE, **one_edge}).pl()
    assert frame["rho_frequency"][0] == pytest.approx(spearmanr(frame["degree"], frame["frequency"]).statistic)
    assert frame["rho_positions"][0] == pytest.approx(spearmanr(frame["degree"], frame["n_positions"]).statistic)


def test_positions_are_those_of_sources(snapshot: duckdb.DuckDBPyConnection, one_edge: dict[str, object]) -> None:
    everywhere = {**WIDE, **one_edge, "sae_id": None}
    assert ask(snapshot, "degree_frequency", {**everywhere, "direction": "in"}).pl()["n_positions"].is_null().all()
    sources = ask(snapshot, "degree_frequency", everywhere).pl()
    pairs = snapshot.sql("SELECT source_feature AS feature, n_positions FROM trace_pair").pl()
    for feature, n_positions in sources.select("feature", "n_positions").iter_rows():
        assert pairs.filter(feature=feature)["n_positions"].cast(int).sum() == n_positions


def test_edges_count_as_degrees_do(snapshot: duckdb.DuckDBPyConnection, one_edge: dict[str, object]) -> None:
    ends = {"source_feature": None, "target_sae": None, "target_feature": None}
    frame = ask(snapshot, "edges", {**WIDE, **one_edge, **ends}).pl()
    counted = snapshot.sql(
        "SELECT sum(degree) FROM feature_degree "
        "WHERE direction = 'out' AND effect = 'total' AND criterion = 'calibrated'"
    ).fetchone()
    assert counted == (frame["n_matching"][0],)


def test_search_finds_genes_terms_and_cell_types(
    snapshot: duckdb.DuckDBPyConnection, one_edge: dict[str, object]
) -> None:
    def search(text: str) -> set[tuple[str, int]]:
        params = {**WIDE, "run_id": one_edge["run_id"], "sae_id": None, "search": text}
        return set(ask(snapshot, "feature_search", params).pl().select("sae_id", "feature").rows())

    by_gene = snapshot.sql(
        "SELECT DISTINCT sae_id, feature FROM feature_gene WHERE symbol = 'CD79A' AND shown"
    ).fetchall()
    by_type = snapshot.sql("SELECT sae_id, feature FROM feature WHERE top_cell_type = 'Platelet'").fetchall()
    by_term = snapshot.sql(
        "SELECT DISTINCT sae_id, feature FROM annotation WHERE significant AND term = 'NK cell programme'"
    ).fetchall()
    assert search("cd79a") == set(by_gene)
    assert search("platelet") >= set(by_type)
    assert search("nk cell programme") == set(by_term) != set()
    assert search("no such thing") == set()
