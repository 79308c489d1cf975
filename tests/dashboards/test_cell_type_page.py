"""The page of a cell type: numbers against loops over the tables, and the line of chance against planted labels."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pytest
from scipy.sparse import csc_matrix

from dashboards.menu import MENU
from dashboards.told_by_chance import chance_line, standard_error
from tasks.statistics.stratified_auroc import stratified_auroc
from tasks.statistics.van_elteren import van_elteren
from tests.builders.dashboard_queries import QUERIES, ask
from tests.dashboards.conftest import Open
from tests.dashboards.test_pages import texts

Con = duckdb.DuckDBPyConnection
ASKED = {"obs_column": "cell type", "label": "B cell", "n_rows": 10_000, "criterion": "calibrated", "effect": "total"}
MARKING = "SELECT sae_id, feature FROM feature_cell_type WHERE cell_type = 'B cell' AND called"


def rows(con: Con, name: str, **more: object) -> list[dict]:
    (run_id,) = con.sql("SELECT run_id FROM run").fetchone()
    return ask(con, name, {**ASKED, "run_id": run_id, **more}).pl().to_dicts()


def test_choices_hold_types_that_no_feature_tells(changed: Callable[[str], Con]) -> None:
    con = changed("UPDATE stored.feature_cell_type SET called = false WHERE cell_type = 'Platelet'")
    counts = {(row["obs_column"], row["label"]): row["n_features"] for row in rows(con, "label_choices")}
    assert counts["cell type", "Platelet"] == 0
    assert counts["cell type", "B cell"] == len(con.sql(MARKING).fetchall()) > 0


def test_features_and_layers_are_those_of_the_table(snapshot: Con) -> None:
    tested = snapshot.sql("SELECT * FROM feature_cell_type WHERE cell_type = 'B cell'").pl().to_dicts()
    found = rows(snapshot, "label_features")
    assert {(row["sae_id"], row["feature"]) for row in found if row["marks"]} == set(snapshot.sql(MARKING).fetchall())
    assert len(found) == len(tested)
    assert {row["n_marking"] for row in found} == {sum(row["called"] for row in tested)}
    for layer in rows(snapshot, "label_layers"):
        own = [row for row in tested if row["sae_id"] == layer["sae_id"] and row["auroc"] is not None]
        best = max(own, key=lambda row: row["auroc_low"])
        assert (layer["best_feature"], layer["best_auroc"]) == (best["feature"], best["auroc"])
        assert layer["n_features"] == sum(row["called"] for row in own)


def test_genes_beside_what_any_features_would_list(snapshot: Con) -> None:
    marking = set(snapshot.sql(MARKING).fetchall())
    lists: dict[tuple[str, int], set[str]] = {}
    for sae_id, feature, symbol in snapshot.sql(
        "SELECT sae_id, feature, symbol FROM feature_gene WHERE shown"
    ).fetchall():
        lists.setdefault((sae_id, feature), set()).add(symbol)
    for row in rows(snapshot, "label_genes"):
        own = sum(row["symbol"] in lists.get(one, ()) for one in marking)
        expected = 0.0
        for sae in {sae_id for sae_id, _ in marking}:
            of_layer = [genes for (sae_id, _), genes in lists.items() if sae_id == sae]
            share = sum(row["symbol"] in genes for genes in of_layer) / len(of_layer)
            expected += share * sum(sae_id == sae for sae_id, _ in marking)
        assert row["n_features"] == own
        assert row["expected"] == pytest.approx(expected)


def test_modules_and_edges_beside_what_would_be_expected(snapshot: Con) -> None:
    marking = set(snapshot.sql(MARKING).fetchall())
    members = snapshot.sql("SELECT sae_id, module, feature FROM module_feature").fetchall()
    alive = snapshot.sql("SELECT sae_id, feature FROM feature WHERE alive").fetchall()
    for row in rows(snapshot, "label_modules"):
        own = [(sae, f) for sae, module, f in members if (sae, module) == (row["sae_id"], row["module"])]
        n_layer = sum(sae == row["sae_id"] for sae, _ in alive)
        n_marking = sum(sae == row["sae_id"] for sae, _ in marking)
        assert row["n_marking"] == len(marking & set(own))
        assert row["expected"] == pytest.approx(len(own) * n_marking / n_layer)
    edges = snapshot.sql(
        "SELECT source_sae, source_feature, target_sae, target_feature FROM edge "
        "WHERE criterion = 'published' AND effect = 'total'"
    ).fetchall()
    found = rows(snapshot, "label_edges", criterion="published")
    columns = (QUERIES / "label_edges.sql").read_text().splitlines()[1].removeprefix("-- Columns: ")
    assert list(found[0]) == columns.split(", ")
    among = [edge for edge in edges if edge[:2] in marking and edge[2:] in marking]
    assert {
        tuple(row[name] for name in ("source_sae", "source_feature", "target_sae", "target_feature")) for row in found
    } == set(among)
    expected = 0.0
    for pair in {(edge[0], edge[2]) for edge in edges}:
        joined = [edge for edge in edges if (edge[0], edge[2]) == pair]
        expected += sum(e[:2] in marking for e in joined) * sum(e[2:] in marking for e in joined) / len(joined)
    assert found[0]["expected"] == pytest.approx(expected)
    assert found[0]["n_matching"] == len(among)


def planted(seed: int, share: float, rarest: float, n_features: int = 60, n_cells: int = 240):
    """Sparse activations that follow length, labels that follow length and nothing else, and strata of length.

    ``share`` of the cells have the label; features fire in ``rarest`` to 0.9 of cells, or 0.1 if they are rare.
    """
    rng = np.random.default_rng(seed)
    length = rng.uniform(0, 1, n_cells)
    often = rng.uniform(rarest, 0.9 if rarest > 0.01 else 0.1, n_features)
    fires = rng.random((n_cells, n_features)) < often * (0.3 + 0.7 * length[:, None])
    strata = np.minimum((length * 4).astype(np.int64), 3)
    group = (rng.random(n_cells) < share * (0.3 + 1.4 * length)).astype(np.int64)
    return fires * rng.gamma(2.0, 1.0, fires.shape), group, strata


def told(values: np.ndarray, group: np.ndarray, strata: np.ndarray) -> bool:
    """Whether the page would say that some feature tells the label: from AUROCs, p and intervals of tables."""
    found = van_elteren(csc_matrix(values), group, 2, strata)
    auroc, p = found.auroc[:, 1], found.p[:, 1]
    kept = (auroc != 0.5) & (p >= 1e-200) & (p <= 0.999)
    errors = [standard_error(float(a), float(b)) for a, b in zip(auroc[kept], p[kept], strict=True)]
    line = chance_line(errors, auroc.size)
    low = stratified_auroc(csc_matrix(values), group, 2, strata, 0.95).low[:, 1]
    return line is not None and bool(np.nanmax(low) > line)


@pytest.mark.parametrize(("share", "rarest", "recall"), [(0.04, 0.01, 0.8), (0.15, 0.05, 0.95)])
def test_shuffled_labels_are_rarely_told_and_planted_ones_are(share: float, rarest: float, recall: float) -> None:
    """Nominal 0.05. Ten cells with the label and features that rarely fire, then forty cells and others."""
    assert sum(told(*planted(seed, share, rarest)) for seed in range(60)) <= 3
    found = 0
    for seed in range(100, 120):
        values, group, strata = planted(seed, share, rarest)
        values[group == 1, 0] += 1.5
        found += told(values, group, strata)
    assert found >= recall * 20


def test_an_error_is_that_of_the_ranks() -> None:
    """Without ties or strata: root of (n + 1) / (12 n1 n2)."""
    rng = np.random.default_rng(0)
    group = (np.arange(100) < 30).astype(np.int64)
    found = van_elteren(csc_matrix(rng.random((100, 1))), group, 2, np.zeros(100, np.int64))
    assert standard_error(found.auroc[0, 1], found.p[0, 1]) == pytest.approx(np.sqrt(101 / (12 * 30 * 70)), rel=1e-3)
    assert chance_line([], 5) is None
    assert chance_line([0.05], 1) == pytest.approx(0.5 + 1.645 * 0.05, abs=1e-3)


def test_the_page_answers_in_words_and_is_linked(home: Path, open_page: Open, snapshot: Con) -> None:
    app = open_page("cell_type", type="cell type / B cell")
    assert not app.exception
    n = len(snapshot.sql(MARKING).fetchall())
    assert f"**{n}** features" in texts(app)
    assert "With labels shuffled" in texts(app)
    assert "Edges among them" in [one.value for one in app.subheader]
    app = open_page("cell_type", type="cell type / <b>none</b>")
    assert app.warning[0].value.startswith("This run has no type")
    assert "cell_type" in [page.name for page in MENU]
    links = [link.proto.page for link in open_page("overview").sidebar.get("page_link")]
    assert links is not None
    app = open_page("runs")
    app = app.sidebar.text_input(key="search_everywhere").input("b cell").run()
    queries = [link.proto.query_string for link in app.sidebar.get("page_link")]
    assert any("type=cell+type" in query or "type=cell%20type" in query for query in queries)
    shown = next(f.value for f in open_page("overview").dataframe if "type_page" in f.value.columns)
    assert shown["type_page"].str.startswith("cell_type?run=").all()


def test_a_type_that_nothing_tells_and_an_import_are_no_error(
    changed: Callable[[str], Con], open_page: Open, atlas: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed("UPDATE stored.feature_cell_type SET called = false WHERE cell_type = 'Platelet'")
    app = open_page("cell_type", type="cell type / Platelet")
    assert not app.exception
    assert "**0** features" in texts(app)
    monkeypatch.setenv("SCFM_HOME", str(atlas))
    app = open_page("cell_type")
    assert not app.exception
    assert "not re" in texts(app)
