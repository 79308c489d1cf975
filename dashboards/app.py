"""The dashboard: its pages, the choice of a run, and the one place where errors become a line."""

from pathlib import Path

import duckdb
import polars as pl
import streamlit as st

from dashboards.address import LONGEST, RUN, asked, begin_address, follow, keep, touched, write_address
from dashboards.behind import queries_behind
from dashboards.data import forget_queries, run_query
from dashboards.everywhere import search_box
from dashboards.frame import inside_app
from dashboards.links import copy_link, late_links, no_late_links, tab_title
from dashboards.menu import MENU
from dashboards.refused_panel import refused_runs
from dashboards.text import markdown
from dashboards.tour import show_tour
from warehouse.errors import WarehouseError

KEY, UNKNOWN = "run_id", "run_unknown"  # keys in the session
ICON = Path(__file__).with_name("icon.png")  # one of Streamlit's own names would be fetched from a server of fonts


def choose_run(runs: pl.DataFrame) -> bool:
    """Draw the choice of a run, at first the address's or the newest; False, with a warning, if it is not there."""
    ids = runs["run_id"].to_list()
    named = asked(RUN)
    _set_run(named, ids)
    with st.sidebar:
        chosen = st.selectbox(
            "Run",
            ids,
            key=KEY,
            format_func=lambda run_id: _run_label(runs, run_id),
            placeholder="Choose a run",
            help="Times are UTC.",
            on_change=touched,
        )
        if chosen is not None:
            st.caption(f"Every page shows this run, {markdown(chosen)}; SQL reads all runs.")
            keep(RUN, chosen)
            return True
    st.title("This run is not here")
    st.warning(
        f"The address names the run {markdown(str(named)[:LONGEST])}, which this warehouse does not hold. Choose "
        "another one in the sidebar, or ask whoever sent the link for the run itself."
    )
    return False


def _set_run(named: str | None, ids: list[str]) -> None:
    """Set the box of runs from the address; empty while the address names a run that is not there."""
    unknown = None if named is None or named in ids else named
    if unknown is None:
        if st.session_state.get(KEY) not in ids:
            st.session_state.pop(KEY, None)
        follow(RUN, KEY, ids[0], str)
    elif unknown != st.session_state.get(UNKNOWN):
        st.session_state[KEY] = None
    st.session_state[UNKNOWN] = unknown


def _run_label(runs: pl.DataFrame, run_id: str) -> str:
    run = runs.row(by_predicate=pl.col("run_id") == run_id, named=True)
    return f"{run['study']} · {run['finished']:%Y-%m-%d %H:%M}"


def show(page: st.Page, runs: pl.DataFrame) -> None:
    """The page of the chosen run; where all runs failed their checks, what they failed."""
    if runs.is_empty():
        st.title("No run is published yet")
        refused_runs()
    else:
        begin_address(page.url_path)
        if choose_run(runs):
            search_box()
            forget_queries()
            no_late_links()
            show_tour()
            page.run()
            queries_behind()
            late_links()
            write_address()
            copy_link()


def main() -> None:
    """Show the chosen page; what readers can meet ends in one line."""
    st.set_page_config(page_icon=str(ICON), layout="wide")  # first, or the menu's own icons would be fetched
    page = st.navigation([page.entry(first=page is MENU[0]) for page in MENU], expanded=True)
    st.set_page_config(page_title=tab_title(page.title))
    try:
        with inside_app():
            show(page, run_query("runs"))
    except WarehouseError as error:
        st.info(f"Nothing to show: {markdown(error)}", icon=":material/info:")
    except duckdb.Error as error:
        st.error(f"The warehouse could not be read: {markdown(str(error).splitlines()[0])}", icon=":material/error:")


main()
