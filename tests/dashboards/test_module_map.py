"""The map of a module: what chance gives against a loop over pairs, the picture, and what the page leaves out."""

import itertools
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest

from dashboards.charts.module_map import LINES, module_map
from dashboards.charts.network import WIDEST
from dashboards.panels import modules
from tests.builders.dashboard_queries import QUERIES
from tests.dashboards.conftest import Open
from tests.dashboards.test_pages import texts

N_MEMBERS = 9
PLANT = f"""
CREATE TEMP TABLE own AS SELECT step_key, sae_id, module FROM stored.module LIMIT 1;
DELETE FROM stored.module_feature WHERE (step_key, sae_id) IN (SELECT (step_key, sae_id) FROM own);
INSERT INTO stored.module_feature SELECT step_key, sae_id, module, feature FROM own, range({N_MEMBERS}) AS f(feature);
INSERT INTO stored.module_edge BY NAME (
    SELECT DISTINCT ON (a, b) edge.* REPLACE (a AS feature_a, b AS feature_b, 1 + a AS weight)
    FROM stored.module_edge AS edge, range({N_MEMBERS}) AS f(a), range({N_MEMBERS}) AS g(b)
    WHERE a < b AND (a, b) NOT IN (SELECT (feature_a, feature_b) FROM stored.module_edge)
);
UPDATE stored.module SET n_features = {N_MEMBERS}, n_edges = {N_MEMBERS * (N_MEMBERS - 1) // 2}
WHERE (step_key, sae_id, module) IN (SELECT (step_key, sae_id, module) FROM own);
"""  # every two of so many members are joined


def drawn_lines(figure: dict[str, object]) -> list[dict[str, object]]:
    return [trace for trace in figure["data"] if trace["mode"] == "lines"]


def test_expected_pairs_are_those_of_a_loop_over_all_pairs() -> None:
    rng = np.random.default_rng(0)
    pairs = [pair for pair in itertools.combinations(range(30), 2) if rng.random() < 0.2]
    module = {feature: 1 + feature % 3 for feature in range(28)}  # two features have none
    con = duckdb.connect()
    con.execute("CREATE TABLE module_edge (run_id VARCHAR, sae_id VARCHAR, feature_a UINTEGER, feature_b UINTEGER)")
    con.execute("CREATE TABLE module_feature (run_id VARCHAR, sae_id VARCHAR, module UINTEGER, feature UINTEGER)")
    con.execute(
        "CREATE TABLE module (run_id VARCHAR, sae_id VARCHAR, module UINTEGER, n_features UINTEGER, n_edges UINTEGER)"
    )
    con.executemany("INSERT INTO module_edge VALUES ('r', 's', ?, ?)", pairs)
    con.executemany("INSERT INTO module_edge VALUES ('r', 'other', ?, ?)", pairs[:9])
    con.executemany("INSERT INTO module_feature VALUES ('r', 's', ?, ?)", [(m, f) for f, m in module.items()])
    sizes = Counter(module.values())
    joined = Counter(module[a] for a, b in pairs if a in module and module[a] == module.get(b))
    con.executemany("INSERT INTO module VALUES ('r', 's', ?, ?, ?)", [(m, sizes[m], joined[m]) for m in sizes])
    degree = Counter(itertools.chain.from_iterable(pairs))
    found = con.execute(
        (QUERIES / "module_density.sql").read_text(), {"run_id": "r", "sae_id": "s", "module": None}
    ).pl()
    assert found["module"].to_list() == [1, 2, 3]
    for row in found.iter_rows(named=True):
        members = [feature for feature, m in module.items() if m == row["module"]]
        expected = sum(degree[a] * degree[b] for a, b in itertools.combinations(members, 2)) / (2 * len(pairs))
        assert row["expected"] == pytest.approx(expected, rel=1e-9)
        assert row["n_pairs"] == len([*itertools.combinations(members, 2)])
        assert (row["n_features"], row["n_joined"]) == (sizes[row["module"]], joined[row["module"]])


def two_groups() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Members 0 to 5 and 6 to 11, all of a group joined, and one pair between the groups."""
    ends = [pair for first in (0, 6) for pair in itertools.combinations(range(first, first + 6), 2)] + [(5, 6)]
    pairs = pl.DataFrame(ends, schema=["a_feature", "b_feature"], orient="row").with_columns(
        a_layer=2, b_layer=2, weight=pl.int_range(len(ends), 0, -1) / len(ends), n_together=50, expected=5.0
    )
    members = pl.DataFrame({"feature": range(12), "layer": 2, "frequency": [i / 100 for i in range(12)], "n_joined": 5})
    genes = pl.when(pl.col("feature") > 0).then(pl.lit("<b>LYZ</b>, CST3"))
    return members.with_columns(top_genes=genes), pairs


def test_the_map_is_the_same_each_time_and_joined_members_are_near() -> None:
    figure = module_map(*two_groups())
    assert figure == module_map(*two_groups())
    points = figure.data[-1]
    place = np.column_stack([points.x, points.y])
    apart = np.linalg.norm(place[:, None] - place, axis=2)
    inside = [apart[a, b] for first in (0, 6) for a, b in itertools.combinations(range(first, first + 6), 2)]
    assert max(inside) < np.min(apart[:5, 7:])


def test_sizes_follow_frequency_and_widths_the_weight() -> None:
    members, pairs = two_groups()
    figure = module_map(members, pairs).to_dict()
    points, lines = figure["data"][-1], drawn_lines(figure)
    assert np.all(np.diff(points["marker"]["size"]) > 0)
    assert [one[0] for one in points["customdata"]] == members["feature"].to_list()
    assert list(points["text"]) == ["F0", *["<b>LYZ</b>"] * 11]  # escaped where it is shown
    assert [one["line"]["width"] for one in lines] == pytest.approx(
        [1 + (WIDEST - 1) * w for w in pairs["weight"][::-1]]
    )
    assert {one["line"]["color"] for one in lines} == {LINES}


def test_the_page_shows_the_map_of_the_chosen_module(
    changed: Callable[[str], duckdb.DuckDBPyConnection], open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed(PLANT)
    app = open_page("features")
    assert not app.exception
    n_pairs = N_MEMBERS * (N_MEMBERS - 1) // 2
    assert "Points: all members," in texts(app)
    assert "Lines: all joined pairs of members" in texts(app)
    assert "Of all pairs of members 100.0% are joined" in texts(app)
    figures = [json.loads(one.proto.spec) for one in app.get("plotly_chart")]
    assert n_pairs in [len(drawn_lines(one)) for one in figures if all("mode" in trace for trace in one["data"])]
    monkeypatch.setattr(modules, "N_ON_MAP", 4)
    app = open_page("features")
    assert "Points: the 4 members joined to most others" in texts(app)
    assert f"Lines: 6 of the {n_pairs} joined pairs" in texts(app)


def test_a_module_without_known_pairs_has_no_map(atlas_home: Path, open_page: Open) -> None:
    app = open_page("features")
    assert not app.exception
    assert "Points: " not in texts(app)
