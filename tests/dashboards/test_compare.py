"""The page that compares autoencoders."""

from pathlib import Path

import duckdb
import polars as pl

from dashboards.charts.autoencoders import density_steps, named, overlap_map, trade_off
from tests.builders.dashboard_queries import ask
from tests.dashboards.conftest import Open


def saes(snapshot: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    run_id = snapshot.sql("SELECT run_id FROM run").fetchone()[0]
    return named(ask(snapshot, "compare_saes", {"run_id": run_id}).pl())


def test_it_opens_on_the_layer_with_most_autoencoders(home: Path, open_page: Open) -> None:
    app = open_page("compare")
    assert not app.exception
    assert next(box for box in app.selectbox if box.label == "Layer").value == 0
    table = next(frame.value for frame in app.dataframe if "variant" in frame.value.columns)
    assert table["variant"].to_list() == ["topk", "batchtopk", "standard"]
    pairs = next(frame.value for frame in app.dataframe if "matched_fraction" in frame.value.columns)
    assert len(pairs) == 6


def test_a_layer_without_others_says_how_to_compare(home: Path, open_page: Open) -> None:
    app = open_page("compare")
    app = next(box for box in app.selectbox if box.label == "Layer").select(1).run()
    assert not app.exception
    assert any("compare.variants" in info.value for info in app.info)


def test_an_imported_atlas_says_what_is_missing(atlas_home: Path, open_page: Open) -> None:
    app = open_page("compare")
    assert not app.exception
    assert "not in the published files" in app.info[0].value


def test_names_tell_strength_and_seed(snapshot: duckdb.DuckDBPyConnection) -> None:
    names = saes(snapshot).filter(pl.col("layer") == 0)["name"].to_list()
    assert names == ["topk 40, k 4, seed 0", "batchtopk 40, k 4, seed 0", "standard 40, penalty 0.5, seed 0"]


def test_one_line_a_variant_and_a_ring_for_the_described(snapshot: duckdb.DuckDBPyConnection) -> None:
    figure = trade_off(saes(snapshot).filter(pl.col("layer") == 0), "fvu", "fvu")
    assert {trace.name for trace in figure.data} == {"topk", "batchtopk", "standard"}
    rings = {trace.name: trace.marker.line.width[0] > 0 for trace in figure.data}
    assert rings == {"topk": True, "batchtopk": False, "standard": False}


def test_the_map_has_every_pair_and_nothing_on_its_diagonal(snapshot: duckdb.DuckDBPyConnection) -> None:
    run_id = snapshot.sql("SELECT run_id FROM run").fetchone()[0]
    pairs = ask(snapshot, "compare_overlap", {"run_id": run_id, "layer": 0}).pl()
    names = dict(saes(snapshot).filter(pl.col("layer") == 0).select("sae_id", "name").iter_rows())
    shares = overlap_map(pairs, names).data[0].z
    assert [[share is None for share in row] for row in shares] == [[i == j for j in range(3)] for i in range(3)]
    assert {share for row in shares for share in row if share is not None} == {0.75}


def test_densities_hold_every_feature(snapshot: duckdb.DuckDBPyConnection) -> None:
    run_id = snapshot.sql("SELECT run_id FROM run").fetchone()[0]
    rows = ask(snapshot, "compare_densities", {"run_id": run_id, "layer": 0}).pl()
    names = dict(saes(snapshot).select("sae_id", "name").iter_rows())
    figure = density_steps(rows, names)
    never = [int(trace.name.split(": ")[1].split()[0]) for trace in figure.data]
    assert [sum(trace.y) + silent for trace, silent in zip(figure.data, never, strict=True)] == [40, 40, 40]
