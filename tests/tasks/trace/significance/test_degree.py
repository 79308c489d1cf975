"""Degrees against the edges that the warehouse calls by the same rules."""

from pathlib import Path

import duckdb
import polars as pl
import pytest

from tasks.trace.names import Names
from tasks.trace.significance.degree import called, degree_frame
from tasks.trace.significance.rules import rules
from tests.tasks.trace.conftest import SETTINGS

CALLED = Path(__file__).parents[4] / "warehouse" / "derived" / "edge.sql"
EDGES = """
    SELECT criterion, {feature} AS feature, target_layer, count(*)::INTEGER AS edges, avg(abs(d::DOUBLE)) AS size
    FROM edge GROUP BY ALL
"""


@pytest.fixture(scope="module")
def tables(traced):
    names = ("edge_stat", "criterion", "feature_degree", "trace_pair")
    return {name: traced.read_table(name) for name in names}


@pytest.fixture(scope="module")
def warehouse(tables):
    """The two tables as they are loaded, and the edges that follow from them."""
    connection = duckdb.connect()
    connection.sql("CREATE SCHEMA stored")
    for name in ("edge_stat", "criterion"):
        connection.register("shard", tables[name])
        connection.sql(f"CREATE TABLE stored.{name} AS SELECT 'trace' AS step_key, * FROM shard")
    connection.execute(f"CREATE TABLE edge AS {CALLED.read_text()}", {"step_key": "trace"})
    return connection


@pytest.mark.parametrize(
    ("direction", "feature", "other"), [("out", "source_feature", "other_layer"), ("in", "target_feature", "layer")]
)
def test_degrees_are_the_counts_of_called_edges(tables, warehouse, direction, feature, other):
    slow = warehouse.sql(EDGES.format(feature=feature)).pl()
    found = tables["feature_degree"].filter(direction=direction).with_columns(target_layer=pl.col(other))
    joined = found.join(slow, on=["criterion", "feature", "target_layer"], how="left", nulls_equal=True)
    assert slow.height > 0
    assert joined["degree"].cast(pl.Int32).equals(joined["edges"].fill_null(0))
    assert joined["degree"].sum() == slow["edges"].sum()
    hit = joined.filter(pl.col("degree") > 0)
    assert ((hit["mean_abs_d"] - hit["size"]) / hit["size"]).abs().max() < 1e-9
    assert joined.filter(pl.col("degree") == 0)["mean_abs_d"].null_count() == (joined["degree"] == 0).sum()


def test_each_source_and_each_live_target_has_a_row_by_rule(tables):
    degree, edges = tables["feature_degree"], tables["edge_stat"]
    sources = tables["trace_pair"]["source_feature"].n_unique()
    targets = edges.select("target_layer", "target_feature").unique().height
    assert degree.filter(direction="out").height == sources * 2 * 3  # target layers, rules
    assert degree.filter(direction="in").height == targets * 3
    assert set(degree.filter(direction="out")["layer"]) == {1}
    assert set(degree.filter(direction="in")["other_layer"]) == {1}


def test_a_rule_with_q_calls_significant_pairs_only(tables):
    published, calibrated, specific = rules(SETTINGS)
    edges = tables["edge_stat"].with_columns(q=pl.lit(0.9), q_specific=pl.lit(0.9))
    assert called(edges, calibrated).is_empty()
    assert called(edges, specific).is_empty()
    unknown = edges.with_columns(q_specific=pl.lit(None, pl.Float64))
    assert called(unknown, specific).is_empty()
    assert called(edges, published).height == called(tables["edge_stat"], published).height > 0


def test_the_cut_into_shards_does_not_change_a_degree(tables, tmp_path):
    effect = tables["edge_stat"]["effect"][0]
    edges = tables["edge_stat"].filter(effect=effect)
    names = Names(1, "source", {2: "two", 3: "three"}, effect)
    frames = []
    for rows in (edges.height, 37):
        shards = [tmp_path / f"{rows}-{number:03d}.parquet" for number in range(-(-edges.height // rows))]
        for shard, part in zip(shards, edges.iter_slices(rows), strict=True):
            part.write_parquet(shard)
        frames.append(degree_frame(names, rules(SETTINGS), shards, edges["source_feature"].unique().sort().to_list()))
    assert frames[0].equals(frames[1])
    assert frames[0]["degree"].sum() > 0
