"""Colours, completion and marks of errors for the text area of the page SQL, drawn by the browser over the area itself.

The text area stays what holds the statement, so that the address, Ctrl+Enter, undo and readers of screens work as they
do without. Of the editors that are packaged for Streamlit none would do: streamlit-monaco and streamlit-monaco-editor
load Monaco from cdn.jsdelivr.net and streamlit-code-editor its fonts from fonts.googleapis.com, which a page here may
not; streamlit-ace loads nothing, but was last released in 2021, takes neither tables nor macros to complete, and cannot
be given another text once it is drawn.
"""

import json
import re
from pathlib import Path

import polars as pl
import streamlit as st

from dashboards.data import run_query
from warehouse.labels.tables import ABOUT, MEANINGS, WHOLE

SCRIPT, STYLE = (Path(__file__).with_name(f"editor.{ending}") for ending in ("js", "css"))
PLACE = re.compile(r" \(line (\d+)(?:, column (\d+))?\)")
LONGEST = 90  # characters of a meaning beside a word that is offered


def schema_of_editor() -> pl.DataFrame:
    """Query ``schema``, and the tables that hold people's labels."""
    rows = [
        (table, ABOUT[table], column, "BIGINT" if column in WHOLE else "VARCHAR", meaning)
        for table, columns in MEANINGS.items()
        for column, meaning in columns.items()
    ]
    stored = run_query("schema")
    return pl.concat([stored, pl.DataFrame(rows, schema=stored.schema, orient="row")])


def enhance(key: str, refused: str, reason: str) -> None:
    """Help with the text area ``key``; ``reason``: why the statement ``refused`` was; marked while it stands."""
    words = {"key": key, "refused": refused, "reason": short(reason), "line": line_of(reason), **vocabulary()}
    data = json.dumps(words).replace("<", "\\u003c")  # no </script> in it
    script = f"<script>window.sqlEditor = {data};\n{SCRIPT.read_text()}</script>"
    st.html(f"<style>{STYLE.read_text()}</style>{script}", unsafe_allow_javascript=True)


def line_of(reason: str) -> int:
    """The line that a refusal points at, from 1; 0 if it points at none."""
    found = PLACE.findall(reason)
    return int(found[-1][0]) if found else 0


def short(reason: str) -> str:
    """What is wrong, without where: it stands beside its line."""
    return PLACE.sub("", reason).removeprefix("query refused: ")


def vocabulary() -> dict[str, object]:
    """Tables with meaning and columns, and macros, functions and reserved words with what stands beside them."""
    schema = schema_of_editor()
    columns: dict[str, dict[str, str]] = {}
    for table, column, kind in schema.select("table_name", "column_name", "data_type").iter_rows():
        columns.setdefault(table, {})[column] = kind
    comments = dict(schema.select("table_name", pl.col("table_comment").str.head(LONGEST)).iter_rows())
    words: dict[str, dict[str, str]] = {"macro": {}, "function": {}, "keyword": {}}
    for kind, word, detail in run_query("editor_words").iter_rows():
        words[kind][word] = detail
    return {"columns": columns, "tables": comments, **words}
