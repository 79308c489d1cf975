"""SQL: questions in the user's own words, answered in a sandbox by the published snapshot."""

import io
import time

import polars as pl
import streamlit as st

import warehouse
from dashboards.data import run_query
from dashboards.page import Page, run_page
from dashboards.text import markdown
from warehouse.errors import WarehouseError
from warehouse.examples import examples

N_ROWS = 5_000  # rows that come back at most
TIMEOUT_S = 30.0
MOST_BYTES = 64 << 20  # of a result, which the page holds once as a table and twice as a download
OWN = "your own"


def schema_beside() -> None:
    """Tables with the meaning of every column."""
    st.subheader("Tables")
    schema = run_query("schema")
    table = st.selectbox("Table or view", schema["table_name"].unique(maintain_order=True).to_list())
    columns = schema.filter(pl.col("table_name") == table)
    st.caption(markdown(columns["table_comment"][0]))
    shown = columns.select(column="column_name", type="data_type", meaning="column_comment")
    st.dataframe(shown, hide_index=True, height=440)


def queries() -> dict[str, str]:
    """SQL of the worked questions by question."""
    return {example.question: example.sql for example in examples()}


def take_example() -> None:
    """Put the chosen example into the editor."""
    chosen = st.session_state["example"]
    if chosen != OWN:
        st.session_state["sql"] = queries()[chosen]


def editor() -> str:
    """The statement to run."""
    offered = queries()
    st.session_state.setdefault("sql", next(iter(offered.values())))
    st.selectbox("Example questions", [*offered, OWN], key="example", on_change=take_example)
    return st.text_area("SQL", key="sql", height=300, help="One SELECT. Reads the published snapshot and nothing else.")


def answer(sql: str) -> None:
    """Run the statement; errors are one line."""
    started = time.monotonic()
    try:
        with st.spinner("Running"):
            table = warehouse.run_user_sql(None, sql, N_ROWS, TIMEOUT_S, MOST_BYTES)
            frame = pl.DataFrame(table)
    except WarehouseError as error:
        st.session_state.pop("answer", None)
        st.error(markdown(error), icon=":material/block:")
        return
    st.session_state["answer"] = (frame, time.monotonic() - started)


def result() -> None:
    """The last answer and its downloads."""
    if "answer" not in st.session_state:
        return
    frame, seconds = st.session_state["answer"]
    cut = f" (the first {N_ROWS:,}; add LIMIT or use `scfm sql` for all)" if frame.height == N_ROWS else ""
    st.write(f"**{frame.height:,}** rows{cut}, {seconds:.2f} s")
    st.dataframe(frame, hide_index=True, placeholder="NULL")
    left, right, _ = st.columns([1, 1, 3])
    left.download_button("Download CSV", _csv(frame), "scfm.csv", "text/csv")
    right.download_button("Download Parquet", _parquet(frame), "scfm.parquet", "application/vnd.apache.parquet")


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
    work, beside = st.columns([3, 2], gap="large")
    with beside:
        schema_beside()
    with work:
        statement = editor()
        if st.button("Run", type="primary", icon=":material/play_arrow:"):
            answer(statement)
    result()
    return True


PAGE = Page(
    name="sql",
    title="SQL",
    icon="terminal",
    shows="an editor with examples and the schema; download as CSV or Parquet",
    intro="Every figure here is a query on the same tables. DuckDB's SQL; files, network, changes and endless queries "
    "are refused. Rows of all runs are there: filter by `run_id`.",
    head=head,
)

if __name__ == "__main__":
    run_page(PAGE)
