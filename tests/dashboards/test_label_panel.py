"""The panel of labels on the page of a feature: one column at a time, with strata, intervals and published rules."""

from pathlib import Path

import duckdb
import polars as pl
from streamlit.testing.v1 import AppTest

from dashboards.charts.labels import label_intervals
from tests.dashboards.conftest import Open


def test_the_page_shows_the_labels_of_a_feature(
    home: Path, open_page: Open, snapshot: duckdb.DuckDBPyConnection
) -> None:
    sae, feature, n = snapshot.sql(
        "SELECT sae_id, feature, count(*) FROM feature_label WHERE significant GROUP BY ALL ORDER BY ALL LIMIT 1"
    ).fetchone()
    app = open_page("feature", sae=sae, feature=str(feature))
    assert not app.exception
    assert "Labels" in [element.value for element in app.subheader]
    assert app.selectbox(key="label_column").value == "cell_type"
    table = next(frame.value for frame in app.dataframe if "log2_fold" in frame.value.columns and "ami" in frame.value)
    assert table["significant"].sum() == n
    assert set(table["published"].dropna()) == {"geneformer"}
    assert any("alike in depth" in caption for caption in _captions(app))


def _captions(app: AppTest) -> list[str]:
    return [element.value for element in app.caption]


def test_the_chart_has_one_mark_a_label_and_no_interval_where_donors_are_the_units() -> None:
    frame = pl.DataFrame(
        {
            "label": ["a", "b", "c"],
            "auroc": [0.9, 0.4, 0.6],
            "low": [0.8, 0.3, None],
            "high": [0.95, 0.5, None],
            "significant": [True, False, False],
            "n_cells": [10, 20, 30],
            "q": [0.01, 0.5, None],
        },
        schema_overrides={"low": pl.Float64, "high": pl.Float64},
    )
    figure = label_intervals(frame)
    marks = {y: (x, up, down) for trace in figure.data for y, x, up, down in _points(trace)}
    assert {label: round(x, 2) for label, (x, _, _) in marks.items()} == {"a": 0.9, "b": 0.4, "c": 0.6}
    assert [round(one, 2) for one in marks["a"][1:]] == [0.05, 0.1]
    assert marks["c"][1:] == (0, 0)
    assert list(figure.layout.yaxis.categoryarray) == ["b", "c", "a"]


def _points(trace: object) -> list[tuple[object, ...]]:
    return list(zip(trace.y, trace.x, trace.error_x.array, trace.error_x.arrayminus, strict=True))
