"""The rule on keys reads rows in the order of the file: whatever other steps lie before or between them."""

import duckdb
import pytest

from warehouse.scope import listed
from warehouse.sql import statement

CHUNK = 2048  # rows that DuckDB hands on at a time: a short chunk once came out behind the longer ones
LAYOUTS = [(1994, 3467), (4072, 616), (CHUNK, 1), (1994, 1994, 88), (130_000, 3000, 5)]
ABSENT = [f"no-{n}" for n in range(8)]  # from five keys on, DuckDB joins rather than compares


@pytest.fixture(params=LAYOUTS, ids=str)
def rows(request):
    """A table of some steps, of which later ones have lower keys, as steps that were published later may."""
    with duckdb.connect() as con:
        con.execute("SET threads = 2; CREATE SCHEMA stored; CREATE TABLE stored.t (step_key VARCHAR, n INTEGER)")
        for place, n_rows in enumerate(request.param):
            con.execute("INSERT INTO stored.t SELECT $1, n FROM range($2) AS r (n)", [f"step-{9 - place}", n_rows])
        yield con


def blamed(con, steps):
    """The steps whose rows the rule returns when it is asked of ``steps``, beside others that have no rows."""
    parts = {"columns": '"step_key", "n"', "table": '"t"', "step_keys": listed([*steps, *ABSENT])}
    return {
        step for (step,) in con.execute(f"SELECT DISTINCT step_key FROM ({statement('check_key', **parts)})").fetchall()
    }


def steps_of(con):
    return [step for (step,) in con.execute("SELECT DISTINCT step_key FROM stored.t ORDER BY 1").fetchall()]


def test_rows_in_order_pass_whoever_else_has_rows(rows):
    assert [blamed(rows, [step]) for step in steps_of(rows)] == [set() for _ in steps_of(rows)]
    assert blamed(rows, steps_of(rows)) == set()


@pytest.mark.parametrize("last", [0, -1, 500_000], ids=["twice", "behind", "apart"])
def test_a_row_twice_behind_or_apart_is_blamed_on_its_step(rows, last):
    last_step, *_, first_step = steps_of(rows)
    rows.execute("INSERT INTO stored.t VALUES ($1, $2)", [first_step, last])
    assert blamed(rows, steps_of(rows)) == blamed(rows, [first_step]) == {first_step}
    assert blamed(rows, [last_step]) == set()


def test_swapped_rows_are_found(rows):
    step = max(steps_of(rows))
    rows.execute("UPDATE stored.t SET n = -1 WHERE step_key = $1 AND n = 7", [step])
    assert blamed(rows, steps_of(rows)) == {step}
