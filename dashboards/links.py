"""Deep links: addresses of feature pages, as columns of tables and as parameters of the page."""

from typing import Any
from urllib.parse import quote, urlencode

import polars as pl
import streamlit as st

from dashboards.address import JOIN, box_key, full_address, touched
from dashboards.data import chosen_run
from dashboards.take_away import is_open

FEATURE_PAGE = "pages/feature.py"
LATE = "late_links"  # key in the session


def tab_title(page: str) -> str:
    """What the browser's tab says, so that several tabs can be told apart."""
    return f"{page} · scfm-atlas"


def copy_link() -> None:
    """The address of the page as it stands, with a button that copies it."""
    menu = st.sidebar.popover("Copy link", icon=":material/link:", key=box_key("copy_link"), on_change=touched)
    if not is_open(menu):
        return
    with menu:
        st.caption("Opens this run, this page and these choices, for whoever reaches this dashboard.")
        st.code(f"{st.context.url or ''}?{urlencode(full_address())}", language=None, wrap_lines=True)


def feature_name(layer: int, feature: int) -> str:
    """The field's short name of a feature, as in L0_F2551."""
    return f"L{layer}_F{feature}"


def feature_query(sae_id: str, feature: int) -> dict[str, str]:
    """Parameters that open a feature's page on the chosen run."""
    return {"run": chosen_run(), "sae": sae_id, "feature": str(feature)}


def feature_address(end: str = "") -> pl.Expr:
    """Addresses of the features in ``<end>sae_id`` (or ``<end>sae``), ``<end>layer``, ``<end>feature``.

    The part behind ``#`` is what the link shows; addresses are relative, so that they work behind any host.
    """
    sae = f"{end}sae" if end else "sae_id"
    return pl.format(
        f"feature?run={quote(chosen_run())}&sae={{}}&feature={{}}#L{{}}_F{{}}",
        pl.col(sae).map_elements(quote, pl.String),
        f"{end}feature",
        f"{end}layer",
        f"{end}feature",
    )


def link_column(label: str) -> Any:  # noqa: ANN401 - Streamlit's column settings have no public type
    """Table column that shows a feature's short name and opens its page."""
    return st.column_config.LinkColumn(label, display_text=r"#(.*)$", help="Opens the page of this feature")


def cell_link(cell_id: int) -> str:
    """The address of a cell's page on the chosen run, relative as those of features."""
    return f"cell?run={quote(chosen_run())}&cell={cell_id}"


def type_query(obs_column: str, label: str) -> dict[str, str]:
    """Parameters that open the page of a label of cells on the chosen run."""
    return {"run": chosen_run(), "type": JOIN.join((obs_column, label))}


def type_address(label: str) -> pl.Expr:
    """Addresses of the pages of the cell types in a column, for ``open_column``."""
    named = f"cell_type?run={quote(chosen_run())}&type={quote(JOIN.join(('cell type', '')))}"
    return pl.format(f"{named}{{}}", pl.col(label).map_elements(quote, pl.String))


def open_column(meaning: str) -> Any:  # noqa: ANN401 - as above
    """Table column of addresses, each shown as the same arrow."""
    return st.column_config.LinkColumn("open", display_text="↗", help=meaning, width="small")


def link_to_feature(sae_id: str, layer: int, feature: int, label: str | None = None) -> None:
    """A link below a chart or table."""
    text = label or f"Open feature {feature_name(layer, feature)}"
    st.page_link(FEATURE_PAGE, label=text, icon=":material/open_in_new:", query_params=feature_query(sae_id, feature))


def link_beside(place: Any, feature: tuple[str, int, int | None], icon: str, meaning: str) -> None:  # noqa: ANN401
    """Have a link at ``place`` to a ``feature`` (autoencoder, layer, number) near the one shown; none if it is None.

    The link keeps all else in the address, which boxes further down may change yet: ``late_links`` draws it.
    """
    sae_id, layer, number = feature
    if number is None:
        return

    def drawn() -> None:
        asked = full_address() | feature_query(sae_id, number)
        place.page_link(FEATURE_PAGE, label=feature_name(layer, number), icon=icon, help=meaning, query_params=asked)

    st.session_state[LATE].append(drawn)


def no_late_links() -> None:
    """Forget links of an earlier run of the app, which may have been broken off."""
    st.session_state[LATE] = []


def late_links() -> None:
    """Draw the links that wait for the whole address."""
    for drawn in st.session_state.pop(LATE):
        drawn()


def link_to_editor(sql: str) -> None:
    """A link that opens a query in the editor of the page SQL."""
    query = {"run": chosen_run(), "sql": sql}
    st.page_link("pages/sql.py", label="Open it in the editor", icon=":material/terminal:", query_params=query)
