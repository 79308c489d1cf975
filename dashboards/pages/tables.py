"""More tables: what a run holds that no panel of another page shows, by analysis."""

from collections.abc import Iterable

import streamlit as st

from dashboards.page import Page, run_page
from dashboards.panel import not_made_line, tabs
from dashboards.panels.default import table_panel
from dashboards.run_tables import has_rows, titles_of_tables
from dashboards.text import markdown
from warehouse.contracts.contract import contracts

OTHERS = "Other tables"


def head() -> bool:
    """Panels of all tables with rows that no other page shows, under the title of the analysis that wrote them."""
    st.title(PAGE.title)
    st.caption("Tables of this run that have no picture: their first rows, with the meaning of every column as help.")
    unseen = without_panel()
    filled = [table for table in unseen if has_rows(table)]
    if not filled:
        st.info("Every table of this run is shown on another page.")
    titles = titles_of_tables()
    for number, title in enumerate(dict.fromkeys(titles.get(table, OTHERS) for table in filled)):
        if len({titles.get(table, OTHERS) for table in filled}) > 1:
            st.subheader(markdown(title[:1].upper() + title[1:]))
        own = [table_panel(table) for table in filled if titles.get(table, OTHERS) == title]
        tabs(own, parameter=f"tab{number or ''}")
    if line := not_made_line(set(unseen)):
        st.caption(line)
    return True


def without_panel() -> list[str]:
    """Tables that no panel of the menu shows, by name."""
    from dashboards.menu import MENU  # noqa: PLC0415 - the menu lists this page

    return unclaimed(table for page in MENU for panel in page.panels for table in panel.shown)


def unclaimed(claimed: Iterable[str]) -> list[str]:
    """Tables of the contracts that are not in ``claimed``, by name."""
    return sorted(contracts().keys() - set(claimed))


PAGE = Page(
    name="tables",
    title="More tables",
    icon="table",
    shows="every table of the run that has no picture on another page, with the meaning of its columns",
    head=head,
)

if __name__ == "__main__":
    run_page(PAGE)
