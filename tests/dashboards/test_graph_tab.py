"""The tab Graph: what its boxes and the address ask for, its counts, its card, and its files."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import duckdb
import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

import dashboards.panel
import warehouse.neighbourhood
from dashboards.charts.network import layered
from dashboards.graph import drawn, with_names
from dashboards.panels import graph_card
from tests.builders.dashboard_queries import ask
from tests.dashboards.conftest import Open
from tests.dashboards.test_pages import texts
from warehouse.neighbourhood import Around, Neighbourhood, columns_of, neighbourhood

ASKED = {"tab": "Graph", "rule": "calibrated"}


@pytest.fixture
def graph_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The open tab alone is drawn."""
    monkeypatch.setattr(dashboards.panel, "is_drawn", lambda tab: bool(tab.open))


@pytest.fixture
def part(snapshot: duckdb.DuckDBPyConnection) -> tuple[str, Neighbourhood, pl.DataFrame]:
    """Name of the busiest source of layer 0, two hops around it, and its features."""
    (run_id, sae_id, feature) = snapshot.sql(
        "SELECT run_id, source_sae, source_feature FROM edge WHERE criterion = 'calibrated' AND effect = 'total' "
        "AND source_layer = 0 GROUP BY ALL ORDER BY count(*) DESC, 3 LIMIT 1"
    ).fetchone()
    bound = {"run_id": run_id, "criterion": "calibrated", "effect": "total"}
    found = neighbourhood(
        lambda name, **more: ask(snapshot, name, bound | more).pl(), Around(((sae_id, feature),), hops=2)
    )
    nodes = with_names(ask(snapshot, "graph_nodes", bound | columns_of(found.features)).pl())
    return f"L0_F{feature}", found, nodes


def figure_of(app: AppTest) -> dict:
    return next(json.loads(one.proto.spec) for one in app.get("plotly_chart") if "Layer 0" in one.proto.spec)


def drawn_nodes(app: AppTest) -> dict[str, dict]:
    """Points of the picture by name, with their ring."""
    found = {}
    for trace in figure_of(app)["data"]:
        for place, one in enumerate(trace.get("customdata") or []):
            found[one[0]] = {
                "ring": trace["marker"]["line"]["width"][place],
                "symbol": trace["marker"]["symbol"][place],
            }
    return found


@pytest.mark.usefixtures("home", "graph_alone")
def test_the_tab_shows_the_part_that_the_address_names(open_page: Open, part) -> None:
    name, found, nodes = part
    app = open_page("circuits", **ASKED, pinned=name, hops="2", find="cell")
    assert not app.exception
    n_specific = int(found.edges["specific"].sum())
    assert f"**{len(found.features)}** features and **{found.edges.height}** edges by the rule calibrated" in texts(app)
    assert f"**{n_specific}** are specific and **{found.edges.height}** calibrated" in texts(app)
    assert ("The graph is cut" in texts(app)) == bool(found.n_unfollowed or found.n_untaken)
    assert f"{found.n_unfollowed:,} weaker edges" in texts(app)
    assert "A random direction of the same size" in texts(app)
    points = drawn_nodes(app)
    assert set(points) == set(nodes["node"])
    assert points[name]["symbol"] == "diamond"
    called = nodes.filter(
        pl.concat_str(pl.col("top_cell_type", "name", "label").fill_null("")).str.to_lowercase().str.contains("cell")
    )["node"].to_list()
    assert called
    assert {node for node, one in points.items() if one["ring"] == 4} >= set(called)
    assert {"pinned", "hops", "find"} <= set(app.query_params)


@pytest.mark.usefixtures("home", "graph_alone")
def test_a_card_pins_and_grows_and_the_address_keeps_it(open_page: Open, part) -> None:
    name, _, nodes = part
    other = next(node for node in nodes["node"] if node != name)
    app = open_page("circuits", **ASKED, pinned=name, hops="2", node=other)
    assert f"**{other.replace('_', chr(92) + '_')} ·" in texts(app)
    app = app.button(key="graph_pinned").click().run()
    assert app.query_params["pinned"] == f"{name}, {other}"
    app = app.button(key="graph_grow").click().run()
    assert app.query_params["grow"] == other
    assert app.query_params["node"] == other
    assert {node for node, one in drawn_nodes(app).items() if one["symbol"] == "diamond"} == {name, other}
    app = app.button(key="graph_pinned").click().run()
    assert app.query_params["pinned"] == name
    assert not app.exception


@pytest.mark.usefixtures("home", "graph_alone")
def test_gathered_features_are_super_nodes_and_wrong_words_are_said(open_page: Open, part, snapshot) -> None:
    name, _, _ = part
    sources = "SELECT DISTINCT source_feature FROM edge WHERE source_layer = 0 AND criterion = 'published' ORDER BY 1"
    pinned = ", ".join(f"L0_F{feature}" for (feature,) in snapshot.sql(sources).fetchall())
    wide = {"tab": "Graph", "rule": "published", "pinned": pinned}
    apart = drawn_nodes(open_page("circuits", **wide))
    app = open_page("circuits", **wide, group="cell type", graph_colour="cell type", names="all")
    assert not app.exception
    squares = [node for node, one in drawn_nodes(app).items() if one["symbol"] == "square"]
    assert squares
    assert all("cell type" in one for one in squares)
    assert len(squares) < len(drawn_nodes(app)) < len(apart)
    app = open_page("circuits", **ASKED, pinned="<b>x</b> L0_F99999", hops="2")
    assert [one.value for one in app.warning if "No traced layer has a feature" in one.value]
    assert not app.exception
    assert "choose another rule" in texts(open_page("circuits", tab="Graph", rule="measured"))
    assert "No edge passes the rule" in texts(open_page("circuits", **ASKED, pinned=name, least="99.0"))


def test_a_click_opens_the_card_of_a_feature_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    from dashboards.panels import graph

    state = {"circuit_graph": {"selection": {"points": [{"x": 1}, {"customdata": ["L0 module 3"]}]}}}
    monkeypatch.setattr(graph, "st", SimpleNamespace(session_state=state))
    monkeypatch.setattr(graph, "touched", lambda: None)
    monkeypatch.setattr(graph, "box_key", lambda parameter: f"circuits.{parameter}")
    graph.open_card(("L0_F1",))
    assert "circuits.node" not in state
    state["circuit_graph"]["selection"]["points"].append({"customdata": ["L0_F1", "said"]})
    graph.open_card(("L0_F1",))
    assert state["circuits.node"] == "L0_F1"


def test_the_picture_has_a_point_a_feature_and_every_edge(part) -> None:
    name, found, nodes = part
    shown = drawn(nodes, found, list(found.features[:1]), {}, None, "layer")
    figure = layered(shown, name, {name})
    middles = [trace for trace in figure.data if trace.hovertemplate == "%{text}<extra></extra>"]
    assert len(middles[0].x) == found.edges.height
    pieces = sum(list(trace.x).count(None) for trace in figure.data if trace.mode == "lines" and len(trace.x) > 1)
    assert pieces == found.edges.height
    bright = sum(list(t.x).count(None) for t in figure.data if t.mode == "lines" and len(t.x) > 1 and t.opacity == 0.8)
    ends = found.edges.filter(
        (pl.format("L{}_F{}", "source_layer", "source_feature") == name)
        | (pl.format("L{}_F{}", "target_layer", "target_feature") == name)
    )
    assert bright == ends.height
    assert {text for trace in figure.data if trace.mode == "markers+text" for text in trace.text if text} == {
        shown.nodes.filter(node=name)["title"][0]
    }


@pytest.mark.usefixtures("home")
def test_files_hold_the_part_that_is_shown(part, snapshot) -> None:
    """They are written outside of the page's run: nothing of the session is asked."""
    _, found, _ = part
    (run_id,) = snapshot.sql("SELECT run_id FROM run").fetchone()
    choice = SimpleNamespace(rule="calibrated", effect="total")
    asked = SimpleNamespace(around=Around(found.features[:1], hops=2), group=None)
    for ending, layout in graph_card.FILES.values():
        content = graph_card.written(run_id, choice, asked, ending, layout)
        if ending == ".json":
            assert len(json.loads(content)["links"]) == found.edges.height


@pytest.mark.usefixtures("graph_alone")
def test_a_large_part_is_cut_and_says_so(home: Path, monkeypatch: pytest.MonkeyPatch, open_page: Open, part) -> None:
    monkeypatch.setattr(warehouse.neighbourhood, "MOST_EDGES", 2)
    monkeypatch.setattr(warehouse.neighbourhood, "MOST_FEATURES", 4)
    app = open_page("circuits", **ASKED, pinned=part[0], hops="2")
    said = next(one.value for one in app.warning if "The graph is cut" in one.value)
    assert "found no room" in said
    assert "the strongest 2 are drawn" in said
    assert len(drawn_nodes(app)) == 4


def test_every_run_without_controls_says_what_is_not_known(
    changed: Callable[[str], duckdb.DuckDBPyConnection], open_page: Open, graph_alone: None
) -> None:
    changed("DELETE FROM stored.control_summary")
    assert "No random directions were traced" in texts(open_page("circuits", **ASKED))
