"""Histograms of what is known of the cells: bars and outlines against loops over the tables, dropped cells beside."""

import json
import math
from collections import Counter
from collections.abc import Callable
from itertools import product
from pathlib import Path

import duckdb

from dashboards.charts.cells import number_steps, value_bars
from tests.builders.dashboard_queries import ask
from tests.dashboards.conftest import Open

Con = duckdb.DuckDBPyConnection
CELLS = "SELECT coalesce(split, drop_reason) AS fate, * FROM cell"


def ask_about(con: Con, name: str, **asked: object) -> list[dict]:
    (run_id,) = con.sql("SELECT run_id FROM run").fetchone()
    return ask(con, name, {"origin": "run", "n_rows": 100, "run_id": run_id, **asked}).pl().to_dicts()


def test_columns_are_those_of_the_run_then_those_of_the_files(snapshot: Con) -> None:
    found = {(row["origin"], row["key"]): row for row in ask_about(snapshot, "cell_value_columns")}
    keys = [key for (key,) in snapshot.sql("SELECT DISTINCT key FROM cell_obs ORDER BY key").fetchall()]
    assert sorted(key for origin, key in found if origin == "obs") == keys != []
    chosen, dropped = snapshot.sql("SELECT sum(chosen), sum(NOT chosen AND label IS NOT NULL) FROM cell").fetchone()
    assert (found["run", "cell type"]["n_used"], found["run", "cell type"]["n_dropped"]) == (chosen, dropped)
    assert found["run", "tokens"]["n_dropped"] == 0
    assert next(iter(found)) == ("run", "cell type")


def test_values_are_counted_by_what_became_of_the_cells(changed: Callable[[str], Con]) -> None:
    con = changed("UPDATE stored.cell SET label = NULL WHERE cell_id % 7 = 0")
    counted = Counter((row["label"] or "no value", row["fate"]) for row in con.sql(CELLS).pl().to_dicts())
    fates = Counter(fate for _, fate in counted.elements())
    found = ask_about(con, "cell_value_counts", key="cell type")
    assert {(row["value"], row["fate"]): row["n_cells"] for row in found} == counted
    assert all(row["n_of_fate"] == fates[row["fate"]] for row in found)
    first = ask_about(con, "cell_value_counts", key="cell type", n_rows=1)
    used = Counter(value for value, fate in counted.elements() if fate in {"train", "heldout"})
    assert {row["value"] for row in first} == {used.most_common(1)[0][0]}
    assert first[0]["n_values"] == len({value for value, _ in counted})


def test_stretches_hold_the_cells_between_their_ends(changed: Callable[[str], Con]) -> None:
    con = changed("UPDATE stored.cell SET n_counts = 0 WHERE cell_id = 3")
    cells = con.sql(CELLS).pl().to_dicts()
    columns = {"total counts": "n_counts", "share of counts of known genes": "known_share"}
    for (key, column), logarithmic in product(columns.items(), (False, True)):
        known = [row for row in cells if row[column] is not None and (row[column] > 0 or not logarithmic)]
        found = ask_about(con, "cell_value_bins", key=key, n_bins=9, logarithmic=logarithmic)
        assert sum(row["n_cells"] for row in found) == len(known) > 0
        assert {row["n_left"] for row in found} == {len(cells) - len(known)}
        last = max(row["high"] for row in found)
        for row in found:
            own = [one[column] for one in known if one["fate"] == row["fate"]]
            low, high = row["low"] - 1e-9, row["high"] - (1e-9 if row["high"] < last else -1e-9)
            assert row["n_cells"] == sum(low <= value < high for value in own)
            assert row["n_of_fate"] == len(own)
        assert len({row["low"] for row in found}) <= 9
    whole = ask_about(con, "cell_value_bins", key="total counts", n_bins=9, logarithmic=False)
    assert len({round(row["high"] - row["low"], 6) for row in whole}) == 1
    assert float(whole[0]["high"] - whole[0]["low"]).is_integer()


def test_one_number_alone_is_one_stretch_and_what_is_no_number_is_left_out(changed: Callable[[str], Con]) -> None:
    con = changed(
        "UPDATE stored.cell_obs SET number = CASE WHEN cell_id % 2 = 0 THEN 1.5 ELSE 'nan'::DOUBLE END "
        "WHERE kind = 'number'"
    )
    ((key, n, left),) = con.sql(
        "SELECT key, sum((cell_id % 2 = 0)::INT), sum((cell_id % 2)::INT) FROM cell_obs WHERE kind = 'number' "
        "GROUP BY key"
    ).fetchall()
    found = ask_about(con, "cell_value_bins", origin="obs", key=key, n_bins=9, logarithmic=False)
    assert {(row["low"], row["high"]) for row in found} == {(1.5, 2.5)}
    assert (sum(row["n_cells"] for row in found), found[0]["n_left"]) == (n, left)


def test_shares_are_of_all_cells_of_a_fate_and_outlines_reach_the_last_end(snapshot: Con) -> None:
    (run_id,) = snapshot.sql("SELECT run_id FROM run").fetchone()
    asked = {"run_id": run_id, "origin": "run", "n_rows": 100, "n_bins": 9, "logarithmic": False}
    counts = ask(snapshot, "cell_value_counts", asked | {"key": "cell type"}).pl()
    bars = value_bars(counts, "cell type", "share").data
    assert [trace.name for trace in bars] == ["dropped: not sampled", "held out", "training"]
    assert all(math.isclose(sum(trace.x), 1.0) for trace in bars)
    bins = ask(snapshot, "cell_value_bins", asked | {"key": "genes with counts"}).pl()
    for trace in number_steps(bins, "genes", "cells", logarithmic=False).data:
        assert (trace.x[0], trace.x[-1]) == (bins["low"].min(), bins["high"].max())
        assert (trace.y[0], trace.y[-1]) == (0, 0)
        assert trace.line.shape == "hv"


def test_the_overview_shows_a_column_of_the_files(home: Path, open_page: Open, snapshot: Con) -> None:
    key = snapshot.sql("SELECT key FROM cell_obs WHERE kind = 'category' LIMIT 1").fetchone()[0]
    app = open_page("overview", column=f"obs / {key}", height="share")
    assert not app.exception
    assert not app.error
    figure = json.loads(app.get("plotly_chart")[-1].proto.spec)
    values = {value for (value,) in snapshot.execute("SELECT value FROM cell_obs WHERE key = ?", [key]).fetchall()}
    assert set(figure["layout"]["yaxis"]["categoryarray"]) == {value or "no value" for value in values}
    assert {trace["name"] for trace in figure["data"]} == {"held out", "training"}
    app = open_page("overview", column="run / total counts", log="yes", dropped="no")
    assert "Logarithmic" in [toggle.label for toggle in app.toggle]
    assert not app.error
