"""The registry of figures: each is drawn from its rows or says why not, on the page and by the command."""

from collections.abc import Iterable
from pathlib import Path

import duckdb
import polars as pl
import pytest
from scipy.stats import binomtest

import warehouse
from dashboards.charts.set_ratios import wilson
from dashboards.figures import report
from dashboards.figures.figure import Drawn, Figure, NothingToDraw, drawn
from dashboards.figures.papers import FIGURES, PAPERS
from dashboards.figures.reader import RunReader
from dashboards.figures.report import write_figures
from flows.cli.main import main
from tests.builders.dashboard_queries import QUERIES
from tests.dashboards.conftest import Open
from tests.dashboards.test_pages import texts
from tests.dashboards.test_queries import ask

LACKING = 8  # figures that the synthetic study cannot show, at most


@pytest.fixture
def reader(snapshot: duckdb.DuckDBPyConnection) -> RunReader:
    return RunReader(snapshot, snapshot.sql("SELECT run_id FROM run").fetchall()[0][0])


def all_drawn(reader: RunReader) -> dict[str, tuple[Figure, Drawn]]:
    found, reasons = {}, []
    for figure in FIGURES:
        try:
            found[figure.name] = (figure, drawn(figure, reader))
        except NothingToDraw as reason:
            reasons.append(str(reason))
    assert all(reason.endswith(".") for reason in reasons)
    return found


def test_names_tell_figures_apart_and_queries_are_there() -> None:
    assert len({figure.name for figure in FIGURES}) == len(FIGURES)
    assert {figure.paper for figure in FIGURES} == {paper.key for paper in PAPERS}
    for figure in FIGURES:
        assert all((QUERIES / f"{query}.sql").exists() for query in figure.queries)
        assert figure.published.endswith((".", ")", ":")), figure.name
        assert figure.caveat.endswith("."), figure.name


@pytest.mark.slow
def test_most_figures_are_drawn_and_one_other_row_is_another_picture(reader: RunReader) -> None:
    found = all_drawn(reader)
    assert len(found) >= len(FIGURES) - LACKING, sorted({f.name for f in FIGURES} - found.keys())
    still = [name for name, (figure, one) in found.items() if not follows(figure, one)]
    assert not still


def follows(figure: Figure, found: Drawn) -> bool:
    """Whether some number of some row decides what is drawn."""
    frames = [rows for _, _, rows in found.asked]
    before = found.picture.to_json()
    for place, rows in enumerate(frames):
        numeric = [(name, kind) for name, kind in rows.schema.items() if kind.is_numeric()]
        for name, kind in sorted(numeric, key=lambda column: column[1].is_integer()):  # layers and the like come last
            for row in range(0, rows.height, max(1, rows.height // 40)):
                other = [*frames]
                changed = rows[name].cast(pl.Float64).to_list()
                changed[row] = 0.37 if changed[row] is None else changed[row] * 1.5 + 1
                other[place] = rows.with_columns(pl.Series(name, changed).cast(kind, strict=False))
                try:
                    if figure.chart(*other).to_json() != before:
                        return True
                except (KeyError, IndexError, ValueError, StopIteration, pl.exceptions.PolarsError):
                    continue  # the change makes no sense, such as a layer that has no name
    return False


def test_what_a_run_lacks_is_said_with_what_to_ask_for() -> None:
    class Bare:
        def rows(self, query: str, **values: object) -> pl.DataFrame:
            assert query == "analyses"
            one = {"title": "find modules", "tables": "module, module_feature", "made": False, "how": "set a = true"}
            return pl.DataFrame([one])

        def has(self, table: str) -> bool:
            return table == "run_analysis"

    modules = next(figure for figure in FIGURES if figure.tables == ("module",))
    with pytest.raises(NothingToDraw, match=r"Not made in this run: find modules \(set a = true\)\."):
        drawn(modules, Bare())
    map_of_features = next(figure for figure in FIGURES if figure.tables == ("feature",))
    with pytest.raises(NothingToDraw, match="no rows in feature"):
        drawn(map_of_features, Bare())


def test_new_queries_count_as_the_tables_do(reader: RunReader) -> None:
    con, own = reader.con, {"run_id": reader.run_id, "effect": "total"}
    source = con.sql("SELECT source_sae FROM edge_stat WHERE effect = 'total' AND p IS NOT NULL").fetchall()[0][0]
    some = {"source_sae": source, "last_source": 20}
    tests = con.sql("SELECT * FROM edge_stat").pl().filter(effect="total", source_sae=source).drop_nulls("p")
    tests = tests.filter(pl.col("source_feature") <= 20)
    assert not tests.is_empty()
    bins = ask(con, "p_histogram", own | some).pl()
    slow = [sum(low <= p + 1e-12 and (p < low + 0.05 or low > 0.94) for p in tests["p"]) for low in bins["low"]]
    assert bins["n_tests"].to_list() == slow
    volcano = ask(con, "volcano", own | some).pl()
    assert volcano["n_tests"].sum() == tests.drop_nulls("g").height
    degrees = ask(con, "degrees_by_rule", own | {"source_sae": None}).pl()
    totals = con.sql("SELECT * FROM feature_degree").pl().filter(direction="out", effect="total")
    for rule in ("published", "calibrated"):
        assert degrees[rule].sum() == totals.filter(criterion=rule)["degree"].cast(int).sum()


def test_wilsons_interval_is_that_of_scipy() -> None:
    for found, n in ((0, 10), (7, 6925), (5, 5)):
        interval = binomtest(found, n).proportion_ci(method="wilson")
        assert wilson(found, n) == pytest.approx((interval.low, interval.high), abs=1e-6)


def few(monkeypatch: pytest.MonkeyPatch) -> tuple[Figure, ...]:
    """Three figures in place of all, one of which the run lacks."""
    kept = (*FIGURES[2:4], next(figure for figure in FIGURES if figure.tables == ("perturbation_target",)))
    monkeypatch.setattr(report, "FIGURES", kept)
    return kept


def test_the_command_writes_files_and_a_page_that_needs_no_network(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = few(monkeypatch)
    assert main(["figures", "--out", str(tmp_path / "out")]) == 0
    assert "2 figures of run" in capsys.readouterr().out
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        ["figures.html", *(f"{figure.name}.svg" for figure in kept[:2])]
    )
    page = (tmp_path / "out" / "figures.html").read_text()
    for word in ("src=", "@import", "<script", "url(http"):
        assert word not in page
    assert "stand-in" in page
    assert "perturbation_target" in page
    assert page.count("<svg") == 2
    assert main(["figures", "--out", str(tmp_path / "out")]) == 2
    assert "new or empty" in capsys.readouterr().err


def test_what_is_stopped_leaves_nothing(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few(monkeypatch)

    def stopping(figures: Iterable[Figure], total: int) -> Iterable[Figure]:
        yield next(iter(figures))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_figures(tmp_path / "out", home, None, stopping)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(warehouse.errors.UnknownName, match="nope"):
        write_figures(tmp_path / "out", home, "nope", stopping)
    assert list(tmp_path.iterdir()) == []


def test_the_page_shows_a_figure_with_what_was_published(home: Path, open_page: Open) -> None:
    app = open_page("figures", circuits_figure="2")
    assert not app.exception
    shown = texts(app).replace("\\", "")
    assert "211 edges one layer after layer 0" in shown
    assert "Means of passing pairs" in shown
    assert [one.value for one in app.subheader].count("2 · Attenuation") == 1
