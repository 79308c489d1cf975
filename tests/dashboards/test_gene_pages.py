"""The pages of one gene and of one gene set: chosen by address or box, with counts beside what chance would give."""

from pathlib import Path

import duckdb
import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from dashboards.charts.genes import features_by_layer
from dashboards.charts.layers import layer_bars
from dashboards.menu import MENU
from tests.builders.dashboard_queries import ask
from tests.dashboards.conftest import Open


def shown(app: AppTest, column: str) -> list[object]:
    """The column of the first table that has it."""
    return next(frame.value[column].to_list() for frame in app.dataframe if column in frame.value.columns)


def test_a_gene_of_the_address_lists_its_features(open_page: Open, snapshot: duckdb.DuckDBPyConnection) -> None:
    app = open_page("gene", gene="CD79A")
    assert app.selectbox(key="gene_choice").value == "CD79A"
    rows = snapshot.sql("SELECT rank FROM feature_gene WHERE symbol = 'CD79A' AND shown ORDER BY rank").fetchall()
    assert sorted(shown(app, "rank")) == [rank for (rank,) in rows]
    assert all("feature?run=" in address for address in shown(app, "page"))


def test_the_box_writes_the_address_and_a_new_address_sets_the_box(home: Path, open_page: Open) -> None:
    app = open_page("gene", gene="CD79A")
    app = app.selectbox(key="gene_choice").select("LYZ").run()
    assert app.query_params["gene"] == "LYZ"
    app.query_params["gene"] = "MS4A1"
    assert app.run().selectbox(key="gene_choice").value == "MS4A1"


@pytest.mark.parametrize(("page", "parameter"), [("gene", "gene"), ("pathway", "term")])
def test_an_unknown_name_is_said_and_is_no_markup(home: Path, open_page: Open, page: str, parameter: str) -> None:
    app = open_page(page, **{parameter: "<b>![x](http://y)</b>" * 20})
    assert not app.exception
    assert "![x](" not in app.warning[0].value
    assert app.selectbox(key=f"{parameter}_choice").value


def test_counts_by_layer_are_those_of_the_table(snapshot: duckdb.DuckDBPyConnection) -> None:
    (run_id,) = snapshot.sql("SELECT run_id FROM run").fetchone()
    layers = ask(snapshot, "gene_layers", {"run_id": run_id, "symbol": "CD79A"}).pl()
    rows = snapshot.sql(
        "SELECT sae_id, symbol = 'CD79A' AS own, (SELECT count(*) FROM gene) AS n_genes FROM feature_gene WHERE shown"
    ).fetchall()
    for row in layers.iter_rows(named=True):
        own = [listed for sae_id, listed, _ in rows if sae_id == row["sae_id"]]
        assert row["n_features"] == sum(own)
        assert row["expected"] == pytest.approx(len(own) / rows[0][2])


def test_a_gene_set_of_the_address_shows_its_features_and_genes(
    open_page: Open, snapshot: duckdb.DuckDBPyConnection
) -> None:
    library, term, n = snapshot.sql(
        "SELECT library, term, count(*) AS n FROM annotation WHERE significant GROUP BY ALL ORDER BY n, library, term"
    ).fetchone()
    app = open_page("pathway", term=f"{library} / {term}")
    assert app.selectbox(key="term_choice").value == f"{library} / {term}"
    assert len(shown(app, "n_overlap")) == n
    assert max(shown(app, "n_features")) <= n


def test_sets_of_a_library_have_the_expected_mean(snapshot: duckdb.DuckDBPyConnection) -> None:
    """Over all sets that label a feature, counts and expectations come to the same."""
    (run_id,) = snapshot.sql("SELECT run_id FROM run").fetchone()
    sets = snapshot.sql("SELECT DISTINCT library, term FROM annotation WHERE significant").fetchall()
    library = sets[0][0]
    own = [term for one, term in sets if one == library]
    asked = [ask(snapshot, "pathway_layers", {"run_id": run_id, "library": library, "term": term}).pl() for term in own]
    assert sum(frame["n_features"].sum() for frame in asked) == pytest.approx(sum(f["expected"].sum() for f in asked))


def test_random_lists_stand_beside_the_features_of_a_set(snapshot: duckdb.DuckDBPyConnection) -> None:
    (run_id,) = snapshot.sql("SELECT run_id FROM run").fetchone()
    library, term = snapshot.sql("SELECT library, term FROM annotation WHERE significant LIMIT 1").fetchone()
    layers = ask(snapshot, "pathway_layers", {"run_id": run_id, "library": library, "term": term}).pl()
    said = snapshot.execute(
        "SELECT sae_id, null_mean * n_features / n_terms FROM annotation_summary "
        "WHERE library = ? AND rule IS DISTINCT FROM 'published'",
        [library],
    ).fetchall()
    assert dict(layers.select("sae_id", "by_chance").iter_rows()) == pytest.approx(dict(said))
    names = [trace.name for trace in features_by_layer(layers, {"expected": "mean", "by_chance": "random"}).data]
    assert names == ["features", "mean", "random"]
    unknown = layers.with_columns(by_chance=pl.lit(None, dtype=pl.Float64))
    assert len(features_by_layer(unknown, {"expected": "mean", "by_chance": "random"}).data) == 2


def test_a_tiny_share_of_a_layer_looks_tiny() -> None:
    layers = pl.DataFrame({"layer": [0, 1], "sae_id": ["a", "b"], "dead_fraction": [0.002, 0.0], "gain": [2.7, None]})
    assert layer_bars(layers, "dead_fraction", "Dead fraction").layout.yaxis.range == (0, 1.15)
    assert layer_bars(layers, "gain", "Gain").layout.yaxis.range[1] > 2.7


def test_both_pages_are_in_the_menu_and_work_on_imported_atlases(atlas_home: Path, open_page: Open) -> None:
    for name in ("gene", "pathway"):
        assert name in [page.name for page in MENU]
        app = open_page(name)
        assert not app.exception
        assert app.selectbox(key="gene_choice" if name == "gene" else "term_choice").value
