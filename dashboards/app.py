"""The dashboard: its pages, the choice of a run, and the one place where errors become a line."""

from pathlib import Path

import duckdb
import polars as pl
import streamlit as st

from dashboards.data import run_query
from dashboards.frame import inside_app
from dashboards.menu import MENU
from dashboards.refused_panel import refused_runs
from dashboards.text import markdown
from warehouse.errors import WarehouseError

ICON = Path(__file__).with_name("icon.png")  # one of Streamlit's own names would be fetched from a server of fonts


def choose_run(runs: pl.DataFrame) -> None:
    """Keep the chosen run in the session: the address's ``run``, else the newest."""
    ids = runs["run_id"].to_list()
    if st.session_state.get("run_id") not in ids:
        asked = st.query_params.get("run")
        st.session_state["run_id"] = asked if asked in ids else ids[0]
    with st.sidebar:
        st.selectbox("Run", ids, key="run_id", format_func=lambda run_id: _run_label(runs, run_id))
        st.caption(f"Every page shows this run, {markdown(st.session_state['run_id'])}.")


def _run_label(runs: pl.DataFrame, run_id: str) -> str:
    run = runs.row(by_predicate=pl.col("run_id") == run_id, named=True)
    return f"{run['study']} · {run['finished']:%Y-%m-%d %H:%M}"


def show(page: st.Page, runs: pl.DataFrame) -> None:
    """The page of the chosen run; where all runs failed their checks, what they failed."""
    if runs.is_empty():
        st.title("No run is published yet")
        refused_runs()
    else:
        choose_run(runs)
        page.run()


def main() -> None:
    """Show the chosen page; what readers can meet ends in one line."""
    st.set_page_config(page_title="scfm-atlas", page_icon=str(ICON), layout="wide")
    page = st.navigation([page.entry(first=page is MENU[0]) for page in MENU], expanded=True)
    try:
        with inside_app():
            show(page, run_query("runs"))
    except WarehouseError as error:
        st.info(f"Nothing to show: {markdown(error)}", icon=":material/info:")
    except duckdb.Error as error:
        st.error(f"The warehouse could not be read: {markdown(str(error).splitlines()[0])}", icon=":material/error:")


main()
