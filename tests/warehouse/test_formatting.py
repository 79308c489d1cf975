"""Results as text and bytes, read back."""

import io
import json

import polars as pl
import pyarrow as pa
import pytest

from warehouse import format_table, write_table
from warehouse.errors import UnknownName

TABLE = pa.table({"name": ["a", "b\nc", None], "x": [1.5, 1 / 3, None], "n": [1, 20, 300], "items": [[1, 2], [], None]})


def test_text_is_aligned():
    lines = format_table(TABLE, "table").decode().splitlines()
    assert lines == [
        "name         x    n  items",
        "----  --------  ---  ------",
        "a          1.5    1  [1, 2]",
        "b c   0.333333   20  []",
        "NULL      NULL  300  NULL",
        "(3 rows)",
    ]


def test_long_values_are_cut_in_text_only():
    table = pa.table({"text": ["x" * 100]})
    assert format_table(table, "table").decode().splitlines()[2] == "x" * 59 + "…"
    assert json.loads(format_table(table, "json"))[0]["text"] == "x" * 100


def test_control_characters_do_not_reach_a_terminal():
    table = pa.table({"a\x1b[1m": ["red \x1b[31m", "bell\x07 \u202eback", "plain é"]})
    text = format_table(table, "table").decode()
    assert "\x1b" not in text
    assert r"a\x1b[1m" in text
    assert r"red \x1b[31m" in text
    assert r"bell\x07 \u202eback" in text
    assert "plain é" in text


@pytest.mark.parametrize("fmt", ["table", "csv", "json"])
def test_a_terminal_gets_no_control_characters_and_a_file_gets_them(fmt):
    class Terminal(io.BytesIO):
        def isatty(self):
            return True

    table, terminal = pa.table({"x": ["\x1b[31m"]}), Terminal()
    write_table(table, fmt, terminal)
    assert b"\x1b" not in terminal.getvalue()
    file = io.BytesIO()
    write_table(table, fmt, file)
    assert file.getvalue() == format_table(table, fmt)


def test_no_rows_and_no_columns_are_shown():
    assert format_table(TABLE.slice(0, 0), "table").decode().endswith("(0 rows)\n")
    assert format_table(pa.table({}), "table").decode().endswith("(0 rows)\n")


def test_csv_reads_back():
    frame = pl.read_csv(format_table(TABLE, "csv"))
    assert frame["name"].to_list() == ["a", "b\nc", None]
    assert frame["x"].to_list() == TABLE["x"].to_pylist()
    assert frame["items"].to_list() == ["[1, 2]", "[]", None]


def test_json_reads_back():
    rows = json.loads(format_table(TABLE, "json"))
    assert rows == TABLE.to_pylist()


def test_parquet_reads_back():
    assert pl.read_parquet(format_table(TABLE, "parquet")).to_arrow().to_pylist() == TABLE.to_pylist()


def test_stream_gets_the_same_bytes():
    stream = io.BytesIO()
    write_table(TABLE, "csv", stream)
    assert stream.getvalue() == format_table(TABLE, "csv")


def test_unknown_format_is_refused():
    with pytest.raises(UnknownName, match="format xml: choose one of table, csv, json, parquet"):
        format_table(TABLE, "xml")
