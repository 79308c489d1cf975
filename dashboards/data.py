"""Reading the published snapshot: one connection a snapshot, named queries, results kept until the next publish."""

from typing import Any

import duckdb
import polars as pl
import streamlit as st

import warehouse
from warehouse.sql import query_text, statement

ASKED, PANEL_ASKED = "asked_queries", "panel_asked"  # keys in the session: of the page, of its panel
Identity = tuple[str, int, int]  # path, inode, modification time: changes when a snapshot is published


def snapshot_identity() -> Identity:
    """Which file readers would open now. Raises NoWarehouse if nothing has been published."""
    path = warehouse.snapshot_path()
    if not path.exists():
        warehouse.open_snapshot()  # raises the line that says what to do
    status = path.stat()
    return str(path.resolve()), status.st_ino, status.st_mtime_ns


@st.cache_resource(max_entries=2, show_spinner=False)
def _connection(identity: Identity) -> duckdb.DuckDBPyConnection:
    return warehouse.open_snapshot()


@st.cache_data(max_entries=400, show_spinner=False)
def _rows(identity: Identity, name: str, params: dict[str, Any]) -> pl.DataFrame:
    return _fetch(identity, name, params)


def _fetch(identity: Identity, name: str, params: dict[str, Any]) -> pl.DataFrame:
    with _connection(identity).cursor() as cursor:  # a connection is no thread-safe thing, a cursor of it is
        return cursor.execute(query_text(name), params).pl()


def all_rows(name: str, params: dict[str, Any]) -> pl.DataFrame:
    """As ``run_query``, of rows that are too many to be kept."""
    return _fetch(snapshot_identity(), name, params)


def run_query(name: str, **params: Any) -> pl.DataFrame:  # noqa: ANN401 - any value that DuckDB can bind
    """Rows of a named query on the newest snapshot; ``params`` are bound to its ``$`` names."""
    return _rows(snapshot_identity(), name, params)


def query_run(name: str, **params: Any) -> pl.DataFrame:  # noqa: ANN401 - as above
    """``run_query`` on the run chosen in the sidebar."""
    asked_queries()[name] = {"run_id": chosen_run(), **params}
    st.session_state.setdefault(PANEL_ASKED, {})[name] = params
    return run_query(name, run_id=chosen_run(), **params)


def asked_queries() -> dict[str, dict[str, Any]]:
    """The queries that the page asked of the run, each with the values that it was asked with last."""
    asked: dict[str, dict[str, Any]] = st.session_state.setdefault(ASKED, {})
    return asked


def forget_queries() -> None:
    """Start a page anew."""
    st.session_state[ASKED] = {}


def chosen_run() -> str:
    """The run that the sidebar shows."""
    run_id: str = st.session_state["run_id"]
    return run_id


def imported_run() -> bool:
    """Whether the chosen run was imported from published files."""
    return not run_query("runs").filter(pl.col("imported") & (pl.col("run_id") == chosen_run())).is_empty()


def answer(name: str) -> pl.DataFrame:
    """The rows that answer a worked question, of the chosen run; if that is of the other kind, of the newest one."""
    return _answer(snapshot_identity(), name, chosen_run())


@st.cache_data(max_entries=100, show_spinner=False)
def _answer(identity: Identity, name: str, run_id: str) -> pl.DataFrame:
    with _connection(identity).cursor() as cursor:
        cursor.execute(statement("runs_in_view"), {"run_id": run_id})
        return cursor.execute(query_text(f"examples/{name}")).pl()
