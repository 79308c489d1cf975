"""The queries behind a page, with their values written in, ready for the editor."""

import re
from typing import Any

import streamlit as st

from dashboards.address import box_key, touched
from dashboards.data import asked_queries
from dashboards.links import link_to_editor
from dashboards.take_away import is_open
from warehouse.sql import query_text


def queries_behind() -> None:
    """What the page asked the warehouse, one query at a time."""
    asked = asked_queries()
    if not asked:
        return
    icon = ":material/terminal:"
    part = st.expander("The SQL behind this page", icon=icon, key=box_key("sql_behind"), on_change=touched)
    if not is_open(part):  # what colours code is a third of what a browser must load for a page
        return
    with part:
        name = st.selectbox("Query", list(asked), format_func=question_of, key=box_key("behind"), on_change=touched)
        sql = written_in(query_text(name), asked[name])
        st.code(sql, language="sql", height=300)
        link_to_editor(sql)


def question_of(name: str) -> str:
    """What a query answers: its first line."""
    return query_text(name).splitlines()[0].removeprefix("-- ")


def written_in(sql: str, params: dict[str, Any]) -> str:
    """The query with a literal for each of its ``$`` names. For a reader: pages bind values and never run this."""
    return re.sub(r"\$(\w+)", lambda found: literal_of(params[found[1]]), sql)


def literal_of(value: Any) -> str:  # noqa: ANN401 - any value that pages bind
    """A value as DuckDB reads it."""
    if value is None or isinstance(value, bool):
        return "NULL" if value is None else str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(literal_of, value))}]"
    return str(value) if isinstance(value, int | float) else "'" + str(value).replace("'", "''") + "'"
