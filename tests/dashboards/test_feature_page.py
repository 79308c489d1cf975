"""The page of one feature: its genes with their intervals, and where it is most active."""

from pathlib import Path
from urllib.parse import parse_qs

import duckdb
import polars as pl
from streamlit.testing.v1 import AppTest

from dashboards.charts.features import gene_bars
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
    return [element.proto.query_string for element in app.get("page_link")]


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
        links = [parse_qs(query) for query in linked(open_page("feature", sae=sae, feature=str(shown), tab="x"))]
        assert [link["feature"] for link in links] == [[str(number)] for number in beside]
        assert all(link["sae"] == [sae] and link["tab"] == ["x"] and "run" in link for link in links)
