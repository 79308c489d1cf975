"""SQL that somebody typed: answers, refusals, limits."""

import hashlib

import polars as pl
import pyarrow as pa
import pytest

from tests.warehouse.hostile import HOSTILE
from warehouse import format_table, run_user_sql, snapshot_path
from warehouse.errors import NoWarehouse, QueryRefused


def sha256(home) -> str:
    return hashlib.sha256(snapshot_path(home).read_bytes()).hexdigest()


@pytest.fixture(scope="module", autouse=True)
def snapshot_stays_as_it_was(published):
    """No statement of this file changes a byte of the snapshot."""
    before = sha256(published)
    yield
    assert sha256(published) == before


def test_hostile_statements_are_many():
    assert len(set(HOSTILE)) == len(HOSTILE) >= 100


# One of three always: each is a process of its own.
EACH = [sql if place % 3 == 0 else pytest.param(sql, marks=pytest.mark.slow) for place, sql in enumerate(HOSTILE)]


@pytest.mark.parametrize("sql", EACH)
def test_hostile_statement_is_refused_in_one_line(published, sql):
    before = sha256(published)
    with pytest.raises(QueryRefused) as refused:
        run_user_sql(published, sql, timeout_s=20)
    assert refused.value.exit_status == 2
    assert "\n" not in str(refused.value)
    assert "Traceback" not in str(refused.value)
    assert sha256(published) == before


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("SELECT 1\nFROM nowhere", "(line 2, column 6)"),
        ("SELECT nothing\n\nFROM run", "(line 1, column 8)"),
        (f"SELECT 1,\n{' ' * 200}nothing FROM run, {'x' * 200}", "(line 2"),
        ("", "nothing to run: write one SELECT statement"),
        ("-- only a comment", "nothing to run: write one SELECT statement"),
    ],
)
def test_a_refusal_says_where(published, sql, says):
    with pytest.raises(QueryRefused) as refused:
        run_user_sql(published, sql)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    "sql", ["FROM checkpoint('snapshot')", "FROM enable_logging(storage_path='{out}', storage='file')"]
)
def test_functions_with_side_effects_have_none(published, tmp_path, sql):
    before = sha256(published)
    run_user_sql(published, sql.format(out=tmp_path / "out"))
    assert sha256(published) == before
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "sql",
    [
        "WITH RECURSIVE t AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM t) SELECT max(x) FROM t",
        "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range * b.range = 7",
        "SELECT * FROM range(1000000000000)",
    ],
)
def test_endless_statement_is_stopped(published, sql):
    with pytest.raises(QueryRefused, match="stopped after 1 s"):
        run_user_sql(published, sql, timeout_s=1)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT table_name FROM duckdb_tables() WHERE table_name = 'run'",
        "WITH t AS (SELECT 1 AS a) FROM t",
        "FROM run",
        "VALUES (1)",
        "TABLE run",
        "DESCRIBE run",
        "SHOW TABLES",
        "SUMMARIZE sae",
        "EXPLAIN SELECT * FROM run",
        "-- a comment\nSELECT 1;",
        "SELECT 'PRAGMA; DROP TABLE run' AS text",
    ],
)
def test_reading_statement_is_answered(published, sql):
    assert run_user_sql(published, sql).num_rows >= 1


@pytest.mark.parametrize(("limit", "n_rows"), [(None, 160), (0, 0), (3, 3), (1000, 160)])
def test_limit_cuts_rows(published, limit, n_rows):
    assert run_user_sql(published, "SELECT * FROM cell", limit=limit).num_rows == n_rows


def test_limit_stops_a_long_result_early(published):
    assert run_user_sql(published, "SELECT * FROM range(1000000000000)", limit=25_000, timeout_s=30).num_rows == 25_000


def test_types_survive(published):
    table = run_user_sql(published, "SELECT targets, deltas, cell_id FROM effect_cell", limit=2)
    assert table.schema.field("targets").type == pa.list_(pa.uint32())
    assert table.schema.field("deltas").type == pa.list_(pa.float32())
    assert table.schema.field("cell_id").type == pa.uint32()


def test_result_without_rows_keeps_its_columns(published):
    assert run_user_sql(published, "SELECT run_id, seed FROM run WHERE false").column_names == ["run_id", "seed"]


def test_printing_functions_do_not_disturb_the_rows(published):
    run_user_sql(published, "SELECT count(*) FROM enable_profiling()")


def test_negative_limit_is_refused(published):
    with pytest.raises(QueryRefused, match="limit -1"):
        run_user_sql(published, "SELECT 1", limit=-1)


def test_nothing_published_is_said(tmp_path):
    with pytest.raises(NoWarehouse, match=r"no warehouse at .*: run `make demo`") as missing:
        run_user_sql(tmp_path, "SELECT 1")
    assert missing.value.exit_status == 2


@pytest.mark.parametrize("blank", ["\u00a0", "\u2003", "\u3000", "\ufeff", "\u00a0/* x */\u2003"])
def test_the_kind_of_statement_is_what_the_parser_finds(published, blank):
    with pytest.raises(QueryRefused, match=r"only SELECT, .* run here|[Pp]arser"):
        run_user_sql(published, f"{blank}PRAGMA version")


KINDS = """
SELECT
    now() - now() AS none,
    INTERVAL '14 months 3 days 04:05:06.5' AS long,
    INTERVAL '-1 month' AS back,
    union_value(a := 1) AS u,
    [INTERVAL 1 DAY, NULL] AS l,
    {'x': union_value(n := 1)} AS s,
    'x\\xFF'::BLOB AS b,
    uuid() AS id,
    'a'::ENUM('a', 'b') AS e,
    MAP {'a': 1} AS m,
    current_time::TIMETZ AS t,
    1::HUGEINT AS h,
    2 AS u
"""


def test_every_type_can_be_shown_and_written(published):
    table = run_user_sql(published, KINDS)
    row = table.to_pylist()[0]
    assert [row[name] for name in ("none", "long", "back")] == [
        "00:00:00",
        "1 year 2 months 3 days 04:05:06.5",
        "-1 month",
    ]
    assert [row[name] for name in ("u", "l", "s", "b", "u_1")] == ["1", "[1 day, NULL]", "{x: 1}", "x\\xFF", 2]
    for fmt in ("table", "csv", "json", "parquet"):
        assert format_table(table, fmt)
    assert pl.DataFrame(table).height == 1


def test_intervals_are_written_as_duckdb_writes_them(published):
    """Months, days and microseconds of all signs, beside DuckDB's own text of them."""
    values = "SELECT to_months(m) + to_days(d) + to_microseconds(s) AS i FROM (VALUES (-25), (0), (1)) AS a (m), "
    values += "(VALUES (-1), (0), (40)) AS b (d), (VALUES (-3600000001), (0), (59000000), (90061000500)) AS c (s)"
    table = run_user_sql(published, f"SELECT i, i::VARCHAR AS text FROM ({values})")
    assert table["i"].to_pylist() == table["text"].to_pylist()
    assert table.num_rows == 36


def test_times_that_only_duckdb_knows_are_refused_by_name(published):
    with pytest.raises(QueryRefused, match=r'column "d" holds times .*: cast it to VARCHAR'):
        run_user_sql(published, "SELECT 'infinity'::DATE AS d")


def test_a_result_has_so_many_bytes_at_most(published):
    wide = "SELECT repeat('ab', 500) AS x FROM range(1000000)"
    with pytest.raises(QueryRefused, match="the result is larger than 2 MiB: select less, or add a LIMIT"):
        run_user_sql(published, wide, most_bytes=2 << 20)
    assert run_user_sql(published, wide, limit=100, most_bytes=2 << 20).num_rows == 100
