"""SQL: questions in the user's own words, answered in a sandbox by the published snapshot."""

import io
import time
from collections.abc import Callable

import polars as pl
import streamlit as st

import warehouse
from dashboards.address import follow, keep, touched
from dashboards.data import chosen_run
from dashboards.editor import enhance, schema_of_editor
from dashboards.page import Page, run_page
from dashboards.text import markdown
from warehouse.errors import WarehouseError
from warehouse.examples import examples

N_ROWS = 5_000  # rows that come back at most
TIMEOUT_S = 30.0
MOST_BYTES = 64 << 20  # of a result, which the page holds once as a table and twice as a download
OWN = "your own"
STATEMENT, ANSWER, HISTORY, REFUSED = "sql", "answer", "sql_history", "sql_refused"  # keys in the session
FIRST = "feature"  # table that is described at first
MOST_KEPT = 30  # statements of a visit


def schema_beside() -> None:
    """Tables with the meaning of every column."""
    st.subheader("Tables")
    schema = schema_of_editor()
    names = schema["table_name"].unique(maintain_order=True).to_list()
    table = st.selectbox("Table or view", names, names.index(FIRST), on_change=touched)
    columns = schema.filter(pl.col("table_name") == table)
    st.caption(markdown(columns["table_comment"][0]))
    shown = columns.select(column="column_name", type="data_type", meaning="column_comment")
    st.dataframe(shown, hide_index=True, height=440)


def queries() -> dict[str, str]:
    """SQL of the worked questions by question."""
    return {example.question: example.sql for example in examples()}


def take(key: str, offered: dict[str, str]) -> Callable[[], None]:
    """What puts the statement chosen in the box ``key`` into the editor."""

    def taken() -> None:
        st.session_state[STATEMENT] = offered.get(st.session_state[key], st.session_state[STATEMENT])
        touched()

    return taken


def choices() -> None:
    """Boxes of examples and of what was run before; they name what stands in the editor."""
    offered, ran = queries(), {short(sql): sql for sql in st.session_state.get(HISTORY, [])}
    follow("sql", STATEMENT, next(iter(offered.values())), str)
    st.session_state["example"] = next(
        (name for name, sql in offered.items() if sql == st.session_state[STATEMENT]), OWN
    )
    st.selectbox("Example questions", [*offered, OWN], key="example", on_change=take("example", offered))
    if ran:
        st.session_state["earlier"] = next(
            (name for name, sql in ran.items() if sql == st.session_state[STATEMENT]), None
        )
        st.selectbox("Run before in this visit", list(ran), key="earlier", on_change=take("earlier", ran))


def short(sql: str) -> str:
    """A statement on one line."""
    return " ".join(sql.split())[:200]


def editor() -> bool:
    """The statement, and whether it is to be run."""
    choices()
    with st.form("editor", border=False):
        st.text_area(
            "SQL", key=STATEMENT, height=300, help="One SELECT. Reads the published snapshot and nothing else."
        )
        asked = st.form_submit_button(
            "Run (Ctrl+Enter)", type="primary", icon=":material/play_arrow:", on_click=touched
        )
    first = next(iter(queries().values()))
    keep("sql", None if st.session_state[STATEMENT] == first else st.session_state[STATEMENT])
    return asked


def answer(sql: str) -> None:
    """Run the statement; errors are one line."""
    started = time.monotonic()
    try:
        with st.spinner("Running"):
            table = warehouse.run_user_sql(None, sql, N_ROWS, TIMEOUT_S, MOST_BYTES)
            frame = pl.DataFrame(table)
    except WarehouseError as error:
        st.session_state.pop(ANSWER, None)
        st.session_state[REFUSED] = (sql, str(error))
        st.error(markdown(error), icon=":material/block:")
        return
    before = [one for one in st.session_state.get(HISTORY, []) if one != sql]
    st.session_state[HISTORY] = [sql, *before][:MOST_KEPT]
    st.session_state[ANSWER] = (sql, frame, time.monotonic() - started)


def result() -> None:
    """The answer to the statement in the editor and its downloads; nothing if it was not run."""
    sql, frame, seconds = st.session_state.get(ANSWER, (None, None, 0.0))
    if sql is None or sql != st.session_state[STATEMENT]:
        return
    cut = f" (the first {N_ROWS:,}; add LIMIT or use `scfm sql` for all)" if frame.height == N_ROWS else ""
    st.write(f"**{frame.height:,}** rows{cut}, {seconds:.2f} s")
    st.dataframe(frame, hide_index=True, placeholder="NULL")
    left, right, _ = st.columns([1, 1, 3])
    parquet = "application/vnd.apache.parquet"
    left.download_button("Download CSV", _csv(frame), "scfm.csv", "text/csv", on_click="ignore")
    right.download_button("Download Parquet", _parquet(frame), "scfm.parquet", parquet, on_click="ignore")


def _csv(frame: pl.DataFrame) -> str:
    lists = [name for name, kind in frame.schema.items() if kind.is_nested()]
    return frame.with_columns(pl.col(name).map_elements(str, pl.String) for name in lists).write_csv()


def _parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def head() -> bool:
    """The editor with the tables beside it, and the answer below."""
    st.html("<style>textarea { font-family: monospace !important; font-size: 0.85rem !important; }</style>")
    st.caption(f"The run in the sidebar: WHERE run\\_id = '{markdown(chosen_run())}'")
    work, beside = st.columns([3, 2], gap="large")
    with beside:
        schema_beside()
    with work:
        if editor():
            answer(st.session_state[STATEMENT])
        result()
    enhance(STATEMENT, *st.session_state.get(REFUSED, ("", "")))
    return True


PAGE = Page(
    name="sql",
    title="SQL",
    icon="terminal",
    shows="an editor with examples and the schema; download as CSV or Parquet",
    intro="Every figure here is a query on the same tables. DuckDB's SQL; files, network, changes and endless queries "
    "are refused. Rows of all runs are there: filter by `run_id`. The address holds the statement, to be shared.",
    head=head,
)

if __name__ == "__main__":
    run_page(PAGE)
