"""What a panel shows, to take away: its figures as SVG, PNG and PDF, and all rows behind it as CSV and Parquet."""

import io
import re
from collections.abc import Callable
from functools import partial
from typing import Any, Literal

import polars as pl
import streamlit as st
from streamlit.elements.lib.mutable_expander_container import ExpanderContainer
from streamlit.elements.lib.mutable_popover_container import PopoverContainer

from dashboards.address import PAGE, box_key, touched
from dashboards.data import PANEL_ASKED, all_rows, chosen_run
from dashboards.style import PANEL_FIGURES, is_dark
from dashboards.text import markdown
from warehouse.sql import query_text

NO_ROWS = {"has_rows", "n_rows", "analyses", "schema", "runs", "run_totals", "standings", "traced_saes", "criteria"}
FORMATS: dict[Literal["svg", "png", "pdf"], str] = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "pdf": "application/pdf",
}
EVERY_ROW = 2**62  # for the queries that say how many rows they give


def begin() -> None:
    """Start to note what a panel shows."""
    st.session_state[PANEL_FIGURES], st.session_state[PANEL_ASKED] = {}, {}


def offer(title: str) -> None:
    """A small menu below the panel; nothing where it shows neither a figure nor rows."""
    figures: dict[str, Any] = st.session_state[PANEL_FIGURES]
    asked: dict[str, dict[str, Any]] = st.session_state[PANEL_ASKED]
    queries = {query: values for query, values in asked.items() if query not in NO_ROWS}
    if not figures and not queries:
        return
    menu = st.popover("Take away", icon=":material/download:", type="tertiary", key=_key(title), on_change=touched)
    if is_open(menu):
        with menu:
            for name, figure in figures.items():
                _offer_figure(title, name, figure)
            for query, values in queries.items():
                _offer_rows(title, query, values)


def is_open(menu: PopoverContainer | ExpanderContainer) -> bool:
    """Whether the menu is open: until then nothing in it is made."""
    return bool(menu.open)


def file_name(title: str, name: str, ending: str) -> str:
    """A name that tells run, page, panel and what is in the file."""
    words = " ".join([st.session_state.get(PAGE) or "overview", title, name]).lower()
    return f"{chosen_run()}_{re.sub(r'[^a-z0-9]+', '_', words).strip('_')[:90]}.{ending}"


def _offer_figure(title: str, name: str, figure: Any) -> None:  # noqa: ANN401 - of Plotly
    from dashboards.pictures.draw import picture, why_not  # noqa: PLC0415 - pages need not wait for matplotlib

    if why_not(figure):
        st.caption(f"Figure: {markdown(name)}: the camera above it saves it as PNG.")
        return
    dark = is_dark()
    _buttons(
        f"Figure: {markdown(name)}",
        {
            form: (file_name(title, name, form), kind, partial(picture, figure, form, name, dark))
            for form, kind in FORMATS.items()
        },
        _key(title, name),
    )


def _offer_rows(title: str, query: str, values: dict[str, Any]) -> None:
    wanted = {"run_id": chosen_run(), **values}
    if "n_rows" in wanted:
        wanted["n_rows"] = EVERY_ROW
    _buttons(
        query_text(query).splitlines()[0].removeprefix("-- "),
        {
            "csv": (
                file_name(title, query, "csv"),
                "text/csv",
                partial(csv, query, wanted),
            ),
            "parquet": (
                file_name(title, query, "parquet"),
                "application/vnd.apache.parquet",
                partial(parquet, query, wanted),
            ),
        },
        _key(title, query),
    )


def _buttons(text: str, files: dict[str, tuple[str, str, Callable[[], bytes]]], key: str) -> None:
    """One button a file, whose bytes are made once it is pressed."""
    st.caption(text)
    for place, (form, (name, kind, made)) in zip(st.columns(len(files)), files.items(), strict=True):
        place.download_button(form.upper(), made, name, kind, key=f"{key}.{form}", on_click="ignore")


def csv(query: str, values: dict[str, Any]) -> bytes:
    """All rows of a query as CSV, which knows no lists: their members with a semicolon between them."""
    rows = all_rows(query, values)
    lists = [name for name, kind in rows.schema.items() if isinstance(kind, pl.List)]
    flat = rows.with_columns(pl.col(name).cast(pl.List(pl.String)).list.join("; ") for name in lists)
    return flat.write_csv().encode()


def parquet(query: str, values: dict[str, Any]) -> bytes:
    """All rows of a query as Parquet."""
    written = io.BytesIO()
    all_rows(query, values).write_parquet(written)
    return written.getvalue()


def _key(*words: str) -> str:
    return box_key(".".join(["take", *words]))
