"""What a search finds, in which order and why: queries against plain Python over whole tables."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

import warehouse
from dashboards.everywhere import KINDS
from tests.builders.dashboard_queries import WIDE, ask
from tests.dashboards.conftest import Open
from tests.dashboards.test_pages import texts

Rows = list[dict[str, Any]]


def run_of(con: duckdb.DuckDBPyConnection) -> str:
    return str(con.sql("SELECT run_id FROM run").fetchone()[0])


def search(con: duckdb.DuckDBPyConnection, text: str | None, **more: object) -> Rows:
    asked = {**WIDE, "run_id": run_of(con), "sae_id": None, "search": text, "sort": "match", **more}
    return list(ask(con, "feature_search", asked).pl().iter_rows(named=True))


def table(con: duckdb.DuckDBPyConnection, name: str) -> Rows:
    return list(con.sql(f"FROM {name}").pl().iter_rows(named=True))


@pytest.mark.parametrize("gene", ["CD79A", "lyz", "GNLY"])
def test_features_led_by_the_gene_come_first_and_say_so(snapshot: duckdb.DuckDBPyConnection, gene: str) -> None:
    found = search(snapshot, gene)
    ranks = {
        (row["sae_id"], row["feature"]): row["rank"]
        for row in table(snapshot, "feature_gene")
        if row["symbol"] == gene.upper() and row["shown"]
    }
    order = [ranks.get((row["sae_id"], row["feature"])) for row in found]
    listed = [rank for rank in order if rank is not None]
    assert order[: len(listed)] == listed == sorted(ranks.values())
    assert [row["matched"] for row in found[: len(listed)]] == [f"gene {gene.upper()} at {rank}" for rank in listed]


def test_a_cell_type_finds_its_features_best_told_first(snapshot: duckdb.DuckDBPyConnection) -> None:
    found = search(snapshot, "b cell")
    own = [row for row in table(snapshot, "feature") if row["top_cell_type"] == "B cell"]
    low = sorted((row["top_cell_type_low"] for row in own), reverse=True)
    first = found[: len(own)]
    assert {row["matched"] for row in first} == {"cell type B cell"}
    about = {(row["sae_id"], row["feature"]): row["top_cell_type_low"] for row in own}
    assert [about[row["sae_id"], row["feature"]] for row in first] == low
    assert "cell type B cell" not in {row["matched"] for row in found[len(own) :]}


def test_several_genes_are_asked_for_together(snapshot: duckdb.DuckDBPyConnection) -> None:
    genes = [row for row in table(snapshot, "feature_gene") if row["shown"]]
    lists = {
        symbol: {(row["sae_id"], row["feature"]) for row in genes if row["symbol"] == symbol}
        for symbol in ("CD79A", "MS4A1")
    }
    both = lists["CD79A"] & lists["MS4A1"]
    assert both
    assert {(row["sae_id"], row["feature"]) for row in search(snapshot, "MS4A1, cd79a")} == both


def test_the_short_name_finds_the_feature(snapshot: duckdb.DuckDBPyConnection) -> None:
    (found,) = search(snapshot, "l1_f3")
    assert (found["layer"], found["feature"], found["matched"]) == (1, 3, "the feature itself")


@pytest.mark.parametrize("text", ["no such thing", "%", "'", "CD79A no_such_gene", " , "])
def test_what_is_not_there_finds_nothing(snapshot: duckdb.DuckDBPyConnection, text: str) -> None:
    assert search(snapshot, text) == []


def test_without_a_search_the_best_told_come_first(snapshot: duckdb.DuckDBPyConnection) -> None:
    found = search(snapshot, None)
    assert found[0]["matched"] is None
    told = [row["top_cell_type"] is not None for row in found]
    assert told == sorted(told, reverse=True)


def test_a_page_opens_on_a_feature_that_is_named_by_cells_and_genes(
    snapshot: duckdb.DuckDBPyConnection, open_page: Open
) -> None:
    rows = [row for row in table(snapshot, "feature") if row["alive"]]
    best = max((row["label"] is not None) + (row["top_cell_type"] is not None) for row in rows)
    (found,) = ask(snapshot, "telling_feature", {"run_id": run_of(snapshot)}).pl().iter_rows(named=True)
    (about,) = [row for row in rows if (row["sae_id"], row["feature"]) == (found["sae_id"], found["feature"])]
    assert (about["label"] is not None) + (about["top_cell_type"] is not None) == best > 0
    assert open_page("feature").title[0].value.startswith(f"L{about['layer']}_F{about['feature']} ·")


def slow_search(con: duckdb.DuckDBPyConnection, text: str) -> dict[str, dict[object, int]]:
    """Names and how many features each, by kind."""
    text = text.lower()
    genes = [row for row in table(con, "feature_gene") if row["shown"] and row["symbol"].lower().startswith(text)]
    terms = [row for row in table(con, "annotation") if row["significant"] and text in row["term"].lower()]
    alive = [row for row in table(con, "feature") if row["alive"]]
    types = [row["top_cell_type"] for row in alive if text in (row["top_cell_type"] or "").lower()]
    names = [f"L{row['layer']}_F{row['feature']}" for row in alive]
    called = [
        name
        for name, row in zip(names, alive, strict=True)
        if text in (row["name"] or row["label"] or "").lower() or name.lower() == text
    ]
    of_kind = {
        "gene": [row["symbol"] for row in genes],
        "gene set": [(row["library"], row["term"]) for row in terms],
        "cell type": types,
        "feature": called,
    }
    return {kind: {name: found.count(name) for name in found} for kind, found in of_kind.items() if found}


@pytest.mark.parametrize("text", ["cd", "b cell", "programme", "L1_F3", "e", "nothing of this name", "_"])
def test_the_box_finds_what_is_called_so_by_kind(snapshot: duckdb.DuckDBPyConnection, text: str) -> None:
    asked = {"run_id": run_of(snapshot), "text": text, "n_rows": 1_000}
    rows = list(ask(snapshot, "search_everywhere", asked).pl().iter_rows(named=True))
    found: dict[str, dict[object, int]] = {}
    for row in rows:
        name = (row["about"], row["name"]) if row["kind"] == "gene set" else row["name"]
        found.setdefault(row["kind"], {})[name] = 1 if row["kind"] == "feature" else row["n_features"]
    assert found == slow_search(snapshot, text)
    few = ask(snapshot, "search_everywhere", {**asked, "n_rows": 2}).pl()
    assert few["kind"].value_counts()["count"].max() in {None, 1, 2}
    counts = dict(few.select("kind", "n_of_kind").iter_rows())
    assert counts == {kind: len(names) for kind, names in found.items()}


def test_the_box_is_on_every_page_and_its_links_keep_the_run(home: Path, open_page: Open) -> None:
    app = open_page("runs")
    app = app.sidebar.text_input(key="search_everywhere").input("CD79A").run()
    assert not app.exception
    links = [link.proto.query_string for link in app.sidebar.get("page_link")]
    assert any("gene=CD79A" in link for link in links)
    assert all(f"run={app.query_params['run']}" in link for link in links)
    assert f"**{KINDS['gene']}** (1)" in [text.value for text in app.sidebar.caption]


def test_the_map_shows_all_that_match(
    changed: Callable[[str], duckdb.DuckDBPyConnection], monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    """However few rows the table shows, and whatever stands before them in other layers."""
    con = changed("UPDATE stored.feature SET alive = alive")
    monkeypatch.setattr("dashboards.panels.features.N_ROWS", 3)
    app = open_page("features", search="e", matching="yes", tab="Map")
    spec = next(chart.proto.spec for chart in app.get("plotly_chart") if "Map, first axis" in chart.proto.spec)
    first = con.sql("SELECT sae_id FROM sae WHERE described ORDER BY layer, sae_id").fetchone()[0]
    mapped = {row["feature"] for row in table(con, "feature") if row["sae_id"] == first and row["map_x"] is not None}
    wanted = {row["feature"] for row in search(con, "e", alive_only=True) if row["sae_id"] == first} & mapped
    drawn = {point[0] for trace in json.loads(spec)["data"] for point in trace.get("customdata") or []}
    assert drawn == wanted
    assert len(wanted) > 3


def test_the_table_carries_its_keys(home: Path, open_page: Open) -> None:
    app = open_page("features", search="CD79A")
    shown = next(frame.value for frame in app.dataframe if "page" in frame.value.columns)
    assert {"sae_id", "layer", "feature", "matched"} <= set(shown.columns)
    assert "features match" in texts(app)


def test_an_atlas_is_searched_as_well(atlas: Path) -> None:
    with warehouse.open_snapshot(atlas) as con:
        gene = con.sql("SELECT symbol FROM feature_gene WHERE rank = 1").fetchone()[0]
        assert search(con, gene)[0]["matched"].startswith(f"gene {gene} at 1")
        assert ask(con, "telling_feature", {"run_id": run_of(con)}).fetchone()
