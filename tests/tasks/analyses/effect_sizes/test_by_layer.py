"""Attenuation, sizes and responses of small tables, beside plain loops."""

import numpy as np
import polars as pl
import pytest

from tasks.analyses.effect_sizes.by_layer import attenuation_row, counted, size_row, strongest
from tasks.analyses.effect_sizes.response import FEWEST, Responses, residuals, response_rows, responses

EDGES = pl.DataFrame(
    {
        "source_feature": [1, 1, 1, 4, 4],
        "target_layer": [2, 2, 3, 2, 2],
        "target_feature": [0, 7, 1, 3, 4],
        "d": [0.6, -3.0, 1.0, -0.7, -1.5],
    },
    schema={"source_feature": pl.UInt32, "target_layer": pl.UInt16, "target_feature": pl.UInt32, "d": pl.Float32},
)
SOURCES = [1, 4, 6]


def test_sources_without_edges_count():
    degree, negative = counted(EDGES, SOURCES, 2)
    assert (degree.tolist(), negative.tolist()) == ([2, 2, 0], [1, 2, 0])
    row = attenuation_row(degree, degree > 0, 199, [0])
    assert (row["n_sources"], row["n_without"], row["n_edges"]) == (3, 1, 4)
    assert row["mean_edges"] == pytest.approx(4 / 3)
    assert row["mean_with_edges"] == 2  # as published: the feature without edges is left out
    assert row["low"] is None or row["low"] <= row["mean_edges"]  # three sources cannot tell how far it could be
    assert row["high"] is None or row["high"] >= row["mean_edges"]
    many = attenuation_row(np.arange(30.0), np.arange(30) > 0, 199, [0])
    assert many["low"] < many["mean_edges"] < many["high"]
    assert counted(EDGES, SOURCES, 9)[0].tolist() == [0, 0, 0]


def test_sizes_are_those_of_the_pairs():
    d = EDGES.filter(target_layer=2)["d"].to_numpy()
    row = size_row(d, *counted(EDGES, SOURCES, 2), 199, [0])
    assert (row["n_pairs"], row["n_sources"]) == (4, 2)
    assert row["mean_abs_d"] == pytest.approx(np.abs(d).mean())
    assert (row["above_1"], row["above_2"], row["share_negative"]) == (0.5, 0.25, 0.75)
    none = size_row(d[:0], np.zeros(3), np.zeros(3), 199, [0])
    assert none["n_pairs"] == 0
    assert none["share_negative"] is None


def test_the_strongest_of_each_source_and_layer():
    kept = strongest(EDGES, cap=1)
    assert sorted(kept.select("source_feature", "target_layer", "target_feature").rows()) == [
        (1, 2, 7),
        (1, 3, 1),
        (4, 2, 4),
    ]


def test_responses_are_means_over_all_companions(tmp_path):
    frame = pl.DataFrame(
        {"target_layer": [1, 1, 2], "targets": [[0, 2], [2], [1]], "deltas": [[0.5, -1.0], [3.0], [-2.0]]},
        schema={"target_layer": pl.UInt16, "targets": pl.List(pl.UInt32), "deltas": pl.List(pl.Float32)},
    )
    frame.write_parquet(tmp_path / "a.parquet")
    frame.head(1).write_parquet(tmp_path / "b.parquet")
    found = responses([tmp_path / "a.parquet", tmp_path / "b.parquet"], 8, {1: 3, 2: 2})
    assert found.mean[1].tolist() == [1 / 8, 0, 5 / 8]
    assert found.moved[1].tolist() == [2 / 8, 0, 3 / 8]
    assert found.mean[2].tolist() == [0, 2 / 8]


def test_a_target_with_more_edges_than_it_answers_stands_out():
    rng = np.random.default_rng(0)
    response = np.exp(rng.normal(-3, 1, 200))
    degree = np.rint(200 * response * np.exp(0.2 * rng.normal(size=200)))
    degree[17] = 90 + 20 * degree[17]
    left = residuals(degree, response)
    assert np.argmax(left) == 17
    assert abs(np.corrcoef(left, np.log(response))[0, 1]) < 0.1  # degree alone follows it: .9
    assert np.corrcoef(np.log10(degree + 1), np.log(response))[0, 1] > 0.8
    assert residuals(degree[: FEWEST - 1], response[: FEWEST - 1]) is None
    assert residuals(degree, np.zeros(200)) is None


def test_rows_name_every_counted_target():
    degrees = pl.DataFrame(
        {"criterion": ["calibrated"] * 2, "layer": [1, 1], "sae_id": ["L1"] * 2, "feature": [2, 0], "degree": [5, 0]}
    )
    rows = list(response_rows(degrees, Responses(4, {1: np.array([0.5, 0, 1.5])}, {1: np.array([0.25, 0, 1])})))
    assert [(row["target_feature"], row["degree"], row["mean_abs_response"]) for row in rows] == [
        (0, 0, 0.5),
        (2, 5, 1.5),
    ]
    assert rows[0]["residual"] is None
