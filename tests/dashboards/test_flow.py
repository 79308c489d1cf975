"""Links between modules: gathering and what chance gives against a loop, the picture, and the tab with its table."""

import json
from collections import Counter
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

import warehouse
from dashboards import flow
from dashboards.charts.flow import BANDS, sankey
from dashboards.flow import ALONE, ENDS, OTHER, gathered, widest
from tests.builders.dashboard_queries import ask
from tests.dashboards.conftest import Open
from tests.dashboards.test_pages import texts

Link = tuple[int, int | None, int, int | None]  # layer and module of the source, of the target
LAYERS, MODULES = 3, 7


def random_links(seed: int, n: int = 3_000) -> list[Link]:
    """Links between neighbouring layers whose ends fall anywhere; large modules have more, module 0 is none."""
    rng = np.random.default_rng(seed)
    weight = np.arange(1, MODULES + 1) / np.arange(1, MODULES + 1).sum()
    sources, targets = (rng.choice(MODULES, n, p=weight).tolist() for _ in range(2))
    layers = rng.integers(0, LAYERS - 1, n).tolist()
    return [(at, one or None, at + 1, other or None) for at, one, other in zip(layers, sources, targets, strict=True)]


def rows_of(links: list[Link]) -> pl.DataFrame:
    """As query ``module_flow`` gives them."""
    names = ("source_layer", "source_module", "target_layer", "target_module")
    counted = [{**dict(zip(names, link, strict=True)), "n_links": n} for link, n in Counter(links).items()]
    rows = pl.DataFrame(counted, schema=dict.fromkeys((*names, "n_links"), pl.Int64))
    return rows.sort(names, nulls_last=True).with_columns(n_together=pl.col("n_links") * 30, expected=pl.lit(5.0))


def by_loop(links: list[Link], room: int) -> dict[tuple[int, int, str, str], tuple[int, float]]:
    """Links, and those expected by the margins, by pair of layers and names of nodes."""
    sizes = Counter([(link[0], link[1]) for link in links] + [(link[2], link[3]) for link in links])

    def name(layer: int, module: int | None) -> str:
        if module is None:
            return ALONE
        own = sorted((one for at, one in sizes if at == layer and one), key=lambda one: (-sizes[layer, one], one))
        return f"module {module}" if module in own[:room] else OTHER

    counted = Counter((one[0], one[2], name(one[0], one[1]), name(one[2], one[3])) for one in links)
    found = {}
    for key, n in counted.items():
        same = {other: m for other, m in counted.items() if other[:2] == key[:2]}
        leaving = sum(m for other, m in same.items() if other[2] == key[2])
        reaching = sum(m for other, m in same.items() if other[3] == key[3])
        found[key] = (n, leaving * reaching / sum(same.values()))
    return found


@pytest.mark.parametrize("nodes", [6, 15, 40])
def test_gathering_equals_a_loop(nodes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "NODES", nodes)
    links = random_links(0)
    found = gathered(rows_of(links))
    twin = by_loop(links, max(nodes // LAYERS - 2, 1))
    assert {tuple(row[:4]): row[4] for row in found.select(*ENDS, "n_links").iter_rows()} == {
        key: n for key, (n, _) in twin.items()
    }
    for row in found.iter_rows(named=True):
        n, expected = twin[tuple(row[end] for end in ENDS)]
        assert row["expected_links"] == pytest.approx(expected, rel=1e-9)
        assert row["ratio"] == pytest.approx(n / expected, rel=1e-9)
    n_nodes = {(row[0], row[2]) for row in found.iter_rows()} | {(row[1], row[3]) for row in found.iter_rows()}
    assert len(n_nodes) <= max(nodes, 3 * LAYERS)
    assert found["n_together"].sum() == 30 * len(links)


def test_ends_that_fall_anywhere_are_as_expected_and_planted_ones_stand_out() -> None:
    """Over 200 draws the mean ratio is 1, and one in three links moved to a module of their own doubles its ribbon."""
    large = (pl.col("source") == "module 6") & (pl.col("target") == "module 6")
    ratios = [gathered(rows_of(random_links(seed, 600))).filter(large)["ratio"].to_list() for seed in range(200)]
    flat = np.concatenate(ratios)
    assert np.mean(flat) == pytest.approx(1, abs=4 * np.std(flat) / np.sqrt(flat.size))
    links = random_links(0, 600)
    planted = [(at, 1, then, 1) if number % 3 == 0 else (at, one, then, two)
               for number, (at, one, then, two) in enumerate(links)]  # fmt: skip
    own = gathered(rows_of(planted)).filter(source="module 1", target="module 1")
    assert own["ratio"].min() > 2


def test_the_widest_ribbons_are_drawn_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = gathered(rows_of(random_links(1)))
    assert widest(whole).equals(whole) == (whole.height <= flow.WIDEST)
    monkeypatch.setattr(flow, "WIDEST", 5)
    drawn = widest(whole)
    assert drawn["n_links"].sort().to_list() == whole["n_links"].sort().to_list()[-5:]
    assert drawn.equals(whole.join(drawn.select(ENDS), on=ENDS, how="semi", maintain_order="left"))


def test_the_picture_has_a_node_a_module_and_a_ribbon_a_row() -> None:
    drawn = gathered(rows_of(random_links(2)))
    figure = sankey(drawn, "ratio", {(0, "module 1"): "<b>ribosome</b>"})
    ribbons, nodes = figure.data[0].link, figure.data[0].node
    assert list(ribbons.value) == drawn["n_links"].to_list()
    ends = [(nodes.label[s], nodes.label[t]) for s, t in zip(ribbons.source, ribbons.target, strict=True)]
    short = {ALONE: "none", OTHER: "other"}
    assert ends == [
        (f"L{at} {short.get(one, one)}", f"L{then} {short.get(two, two)}")
        for at, then, one, two in drawn.select(ENDS).iter_rows()
    ]
    assert nodes.customdata[nodes.label.index("L0 module 1")] == "&lt;b&gt;ribosome&lt;/b&gt;"
    assert all(0 < place < 1 for place in (*nodes.x, *nodes.y))
    for ratio, colour in zip(drawn["ratio"], ribbons.color, strict=True):
        assert colour == next(shade for least, shade, _ in BANDS if ratio >= least)
    unknown = sankey(drawn.with_columns(expected=pl.lit(None, pl.Float64)), "ratio", {})
    assert "given their genes" not in "".join(unknown.data[0].link.customdata)


def ribbons(app: AppTest) -> list[int]:
    """Links of every ribbon on the page."""
    specs = [json.loads(element.proto.spec) for element in app.get("plotly_chart")]
    (found,) = [trace for spec in specs for trace in spec["data"] if trace["type"] == "sankey"]
    return list(found["link"]["value"])


def test_the_tab_shows_all_links_of_an_own_run(
    home: Path, open_page: Open, snapshot: duckdb.DuckDBPyConnection
) -> None:
    app = open_page("across")
    assert not app.exception
    (n,) = snapshot.sql("SELECT count(*) FROM cross_layer_link").fetchone()
    assert sum(ribbons(app)) == n
    assert "every module keeps the number of its links" in texts(app)
    app = app.radio(key="flow_colour").set_value("joint firings over those expected given the genes").run()
    assert "given how often it fires on each gene" in texts(app)


def test_the_tab_shows_an_atlas_whose_expectations_are_unknown(atlas_home: Path, open_page: Open) -> None:
    app = open_page("across")
    assert [box for box in app.radio if box.key == "flow_colour"] == []
    assert "the strongest links of each feature alone" in texts(app)
    with warehouse.open_snapshot(atlas_home) as con:
        (n,) = con.sql("SELECT count(*) FROM cross_layer_link").fetchone()
    assert sum(ribbons(app)) == n
    assert {"source", "target"} <= set(next(f.value for f in app.dataframe if "source_genes" in f.value).columns)


def test_links_of_two_layers_alone(snapshot: duckdb.DuckDBPyConnection) -> None:
    run, source, target = snapshot.sql("SELECT run_id, source_layer, target_layer FROM cross_layer_summary").fetchone()
    asked = {"run_id": run, "sae_id": None, "feature": None, "n_rows": 9}
    own = ask(snapshot, "cross_layer_links", {**asked, "source_layer": source, "target_layer": target}).pl()
    assert own.height > 0
    assert ask(snapshot, "cross_layer_links", {**asked, "source_layer": target, "target_layer": source}).pl().is_empty()
