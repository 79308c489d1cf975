"""Strips of whole cells, boxes by type, the map of cells and the page of one cell, against the tables."""

import re
from pathlib import Path

import duckdb
import polars as pl
import pytest

from dashboards import strips
from dashboards.charts.contexts import cells_by_type, fired_cells, quantile_boxes
from dashboards.strips import luminance, strip_html
from tests.builders.dashboard_queries import ask
from tests.dashboards.conftest import Open, sae_of
from tests.dashboards.test_pages import metric, texts

HOSTILE = '<b onclick="x()">A&B</b>'


def genes(*rows: tuple[int, str | None, bool, float | None]) -> pl.DataFrame:
    schema = {"position": pl.UInt16, "symbol": pl.String, "kept": pl.Boolean, "activation": pl.Float32}
    return pl.DataFrame(list(rows), schema=schema, orient="row")


def test_a_strip_names_the_strongest_genes_and_escapes_them() -> None:
    rows = [(0, None, False, None), (1, HOSTILE, True, 2.0), (2, "ACTB", True, None)]
    rows += [(place, f"G{place}", True, place / 100) for place in range(3, 13)]
    html = strip_html(genes(*rows), 2.0, 13)
    assert "<b onclick" not in html
    written = re.findall(r"<b [^>]*>([^<]+)</b>", html)
    assert written == ["&lt;b onclick=&quot;x()&quot;&gt;A&amp;B&lt;/b&gt;", *(f"G{place}" for place in range(6, 13))]
    assert len(re.findall("<b ", html)) == 11  # where it fires
    assert re.findall("<i[^>]*>", html) == ['<i class="u" title="a special token 0, not read">', '<i title="ACTB 2">']
    assert 'title="G12, place 12: 0.12"' in html


def test_a_strip_says_what_it_leaves_out() -> None:
    silent = [(place, f"G{place}", True, None) for place in range(200)]
    assert f"and {200 - strips.LEAST} further genes, on none of which it fires" in strip_html(genes(*silent), 1.0, 200)
    assert "further" not in strip_html(genes(*silent), 1.0, 200, whole=True)
    assert "further" not in strip_html(genes(*silent[: strips.LEAST + strips.REST]), 1.0, None)
    late = [*silent[:-1], (199, "LATE", True, 1.0)]
    assert "LATE</b>" in strip_html(genes(*late), 1.0, 200)
    assert "not kept" in strip_html(genes((7, "LYZ", True, 1.0)), 1.0, 200)


def test_text_on_every_colour_can_be_read() -> None:
    for place in range(strips.SHADES + 1):
        colour, ink = luminance(strips._shade(place)), 1.0 if strips._ink(place) == "#fff" else 0.0
        assert (max(colour, ink) + 0.05) / (min(colour, ink) + 0.05) >= 4.5


def strips_of(app: object) -> str:
    return "".join(element.proto.body for element in app.get("html"))  # type: ignore[attr-defined]


def test_a_feature_shows_its_cells_gene_by_gene(open_page: Open, snapshot: duckdb.DuckDBPyConnection) -> None:
    sae = sae_of(snapshot, 1)
    app = open_page("feature", sae=sae, feature="3")
    html = strips_of(app)
    key = "WHERE sae_id = ? AND feature = 3"
    cells = snapshot.execute(
        f"SELECT cell_id, barcode, part FROM feature_cell JOIN cell USING (run_id, cell_id) {key} "
        "AND part IS NOT NULL ORDER BY rank",
        [sae],
    ).fetchall()
    assert re.findall(r'href="cell\?run=[^"]*&amp;cell=(\d+)">([^<]+)<', html) == [(str(c), b) for c, b, _ in cells]
    assert [part for part in ("top", "middle", "low") if part in {part for _, _, part in cells}] == [
        "top",
        "middle",
        "low",
    ]
    (n,) = snapshot.execute(f"SELECT count(*) FROM feature_context {key}", [sae]).fetchone()
    assert len(re.findall(r'<b style="background', html)) == n
    assert {"Contexts", "By cell type", "On the map of cells"} <= {one.value for one in app.subheader}


def test_boxes_are_those_of_the_table_and_all_cells_stand_beside(snapshot: duckdb.DuckDBPyConnection) -> None:
    (run_id,) = snapshot.sql("SELECT run_id FROM run").fetchone()
    rows = ask(snapshot, "feature_quantiles", {"run_id": run_id, "sae_id": sae_of(snapshot, 1), "feature": 2}).pl()
    types = rows.filter(kind="type")["median"].to_list()
    assert types == sorted(types, reverse=True)
    assert rows["label"][-1] == "all cells"
    boxes = [trace for trace in quantile_boxes(rows).data if trace.type == "box"]
    assert list(boxes[0].median) == types
    assert boxes[1].y == (f"all cells (n = {rows['n_cells'][-1]:,})",)


def test_the_map_colours_what_is_known_and_marks_a_cell(snapshot: duckdb.DuckDBPyConnection) -> None:
    (run_id,) = snapshot.sql("SELECT run_id FROM run").fetchone()
    asked = {"run_id": run_id, "sae_id": sae_of(snapshot, 1), "feature": 3}
    cells = ask(snapshot, "feature_cell_map", asked).pl()
    count = "SELECT count(*) FROM feature_cell WHERE sae_id = ? AND feature = 3"
    (n,) = snapshot.execute(count, [asked["sae_id"]]).fetchone()
    other, known = fired_cells(cells).data
    assert (len(other.x), len(known.x)) == (cells.height - n, n)
    figure = cells_by_type(ask(snapshot, "cell_places", asked).pl(), 0)
    assert len(figure.data[-1].x) == 1
    assert sum(len(trace.x) for trace in figure.data) == cells.height + 1


def test_the_page_of_a_cell(open_page: Open, snapshot: duckdb.DuckDBPyConnection) -> None:
    cell, barcode, n_tokens = snapshot.sql(
        "SELECT cell_id, barcode, n_tokens FROM cell JOIN feature_cell USING (run_id, cell_id) "
        "WHERE part = 'top' LIMIT 1"
    ).fetchone()
    app = open_page("cell", cell=str(cell))
    assert not app.exception
    assert barcode.split("-")[0] in app.title[0].value
    assert metric(app, "Tokens") == str(n_tokens)
    assert len(re.findall("<[ib] ", strips_of(app))) == n_tokens
    listed = next(frame.value for frame in app.dataframe if "n_firings" in frame.value.columns)
    assert (listed["rank"] <= listed["n_active"]).all()
    app = app.selectbox(key="cell_choice").select_index(1).run()
    assert app.query_params["cell"] == str(app.selectbox(key="cell_choice").value)


@pytest.mark.parametrize("wrong", ["nothing", "-1", "99999999999", "<b>x</b>"])
def test_a_cell_that_is_not_there_is_said(home: Path, open_page: Open, wrong: str) -> None:
    app = open_page("cell", cell=wrong)
    assert not app.exception
    assert "This run has no cell" in app.warning[0].value
    assert "<b>" not in app.warning[0].value


def test_an_imported_atlas_has_no_cells(atlas_home: Path, open_page: Open) -> None:
    app = open_page("cell")
    assert not app.exception
    assert "This run has no cells to show" in texts(app)
