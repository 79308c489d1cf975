"""The page of one feature: its genes with their intervals, and where it is most active."""

from pathlib import Path
from urllib.parse import parse_qs

import duckdb
import polars as pl
from streamlit.testing.v1 import AppTest

from dashboards.charts.features import context_strips, gene_bars
from tests.dashboards.conftest import Open, sae_of
from tests.dashboards.test_pages import texts


def test_contexts_and_genes_of_a_feature(home: Path, open_page: Open, snapshot: duckdb.DuckDBPyConnection) -> None:
    sae = sae_of(snapshot, 1)
    app = open_page("feature", sae=sae, feature="3")
    assert "Contexts" in [one.value for one in app.subheader]
    assert "95 % intervals over cells" in texts(app)
    frames = [frame.value for frame in app.dataframe]
    shown = next(frame for frame in frames if {"barcode", "position"} <= set(frame.columns))
    expected = snapshot.execute(
        "SELECT barcode, cell_type, position, symbol, activation FROM feature_top_cell "
        "JOIN cell USING (run_id, cell_id) JOIN gene USING (run_id, gene_id) "
        "WHERE sae_id = ? AND feature = 3 ORDER BY rank",
        [sae],
    ).fetchall()
    assert len(expected) == 5
    assert list(shown[["barcode", "cell_type", "position", "symbol", "activation"]].itertuples(index=False)) == expected
    listed = next(frame for frame in frames if "score_low" in frame.columns)
    assert listed["rank"].tolist() == list(range(1, 11))


def test_an_imported_feature_shows_cells_without_names(atlas_home: Path, open_page: Open) -> None:
    app = open_page("feature", sae="L02-published40", feature="8")
    shown = next(frame.value for frame in app.dataframe if {"tissue", "activation"} <= set(frame.value.columns))
    assert list(shown.columns) == ["rank", "cell_type", "tissue", "activation"]
    assert "means over the genes on which it fires" in texts(app)
    assert "intervals" not in texts(app)


def test_bars_carry_their_intervals_and_published_ones_none() -> None:
    about = {"symbol": ["LYZ", "CST3"], "mean_activation": [3.0, 2.0], "fire_count": [9, 8], "gene_count": [10, 10]}
    own = pl.DataFrame({**about, "score": [2.0, 1.0], "score_low": [1.5, None], "score_high": [4.0, None]})
    (bars,) = gene_bars(own).data
    assert (list(bars.error_x.array), list(bars.error_x.arrayminus)) == ([2.0, 0.0], [0.5, 0.0])
    nothing = pl.lit(None, pl.Float64)
    (bars,) = gene_bars(own.with_columns(score=nothing, score_low=nothing, score_high=nothing)).data
    assert bars.error_x.array is None
    assert list(bars.x) == [3.0, 2.0]


def linked(app: AppTest) -> list[str]:
    """What the links beside the title ask for."""
    queries = [element.proto.query_string for element in app.get("page_link")]
    return [query for query in queries if "feature=" in query]


def test_links_lead_to_the_living_features_beside_and_keep_the_address(
    home: Path, open_page: Open, snapshot: duckdb.DuckDBPyConnection
) -> None:
    sae = sae_of(snapshot, 1)
    alive = [
        number
        for (number,) in snapshot.execute(
            "SELECT feature FROM feature WHERE sae_id = ? AND alive ORDER BY feature", [sae]
        ).fetchall()
    ]
    first, last = alive[0], alive[-1]
    assert last < 39  # a dead one comes after it
    for shown, beside in ((first, alive[1:2]), (alive[4], [alive[3], alive[5]]), (39, [last]), (last, alive[-2:-1])):
        links = [parse_qs(query) for query in linked(open_page("feature", sae=sae, feature=str(shown), tab="Edges"))]
        assert [link["feature"] for link in links] == [[str(number)] for number in beside]
        assert all(link["sae"] == [sae] and link["tab"] == ["Edges"] and "run" in link for link in links)


def test_strips_are_as_long_as_cells_and_marked_where_it_fires() -> None:
    found = pl.DataFrame(
        {
            "barcode": ["a", "b", "a"], "cell_type": ["<b>B</b>", None, "<b>B</b>"], "n_tokens": [30, 12, 30],
            "position": [3, 0, 7], "symbol": ["LYZ", None, "CST3"], "activation": [2.0, 1.5, 1.0],
        }
    )  # fmt: skip
    strips, marks = context_strips(found).data
    assert dict(zip(strips.y, strips.x, strict=True)) == {"a": 30, "b": 12}
    assert list(zip(marks.y, marks.x, marks.text, strict=True)) == [
        ("a", 3, "LYZ"), ("b", 0, "a special token"), ("a", 7, "CST3"),
    ]  # fmt: skip
    assert list(marks.marker.color) == [2.0, 1.5, 1.0]


def test_a_second_feature_stands_beside_the_first(
    home: Path, open_page: Open, snapshot: duckdb.DuckDBPyConnection
) -> None:
    sae = sae_of(snapshot, 1)
    app = open_page("feature", sae=sae, feature="3", **{"with": "L2_F4"})
    genes = "SELECT symbol FROM feature_gene WHERE sae_id = ? AND feature = ? AND shown ORDER BY rank"
    one, other = (
        [symbol for (symbol,) in snapshot.execute(genes, key).fetchall()]
        for key in ((sae, 3), (sae_of(snapshot, 2), 4))
    )
    shared = [symbol for symbol in one if symbol in other]
    assert f"{len(shared)} are shared" in texts(app)
    titles = [title.value for title in app.subheader]
    assert any(title.startswith("L1_F3 ·") for title in titles)
    assert any(title.startswith("L2_F4 ·") for title in titles)
    assert app.query_params["with"] == "L2_F4"
    for wrong in ("L9_F1", "L1_F4000", "<b>x</b>", "L1_F" + "9" * 50):
        app = open_page("feature", sae=sae, feature="3", **{"with": wrong})
        assert not app.exception
        assert "This run has no feature" in app.warning[0].value
        assert "<b>" not in app.warning[0].value
