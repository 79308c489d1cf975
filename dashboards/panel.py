"""A panel shows some tables of the chosen run, and is there if they have rows; a page is a list of panels."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.elements.lib.mutable_tab_container import TabContainer

from dashboards.address import box_key, follow, keep, touched
from dashboards.data import imported_run
from dashboards.run_tables import has_rows, not_made
from dashboards.standing import standing_line
from dashboards.take_away import begin, offer
from dashboards.text import markdown

NOTHING = "This run has nothing that belongs on this page."


@dataclass(frozen=True)
class Panel:
    """What is shown under ``title`` if each of ``tables`` has rows in the chosen run.

    ``also``: tables whose rows it shows if there are any. ``show`` draws it and may ask what the page's boxes say.
    """

    title: str
    tables: tuple[str, ...]
    show: Callable[[], None]
    also: tuple[str, ...] = ()

    @property
    def shown(self) -> tuple[str, ...]:
        """All tables whose rows it shows."""
        return self.tables + self.also

    def draw(self) -> None:
        """What it shows, and in an imported run below it where its published numbers stand."""
        begin()
        self.show()
        offer(self.title)
        if line := standing_line(self.tables):
            st.caption(line)

    def missing(self) -> list[str]:
        """Tables without rows in the chosen run that it needs."""
        return [table for table in self.tables if not has_rows(table)]


def show_panels(panels: Sequence[Panel], arrange: Callable[[Sequence[Panel]], None]) -> None:
    """The panels whose tables have rows in the chosen run, and below, one line about what it lacks."""
    present = [panel for panel in panels if not panel.missing()]
    if present:
        arrange(present)
    else:
        st.info(NOTHING)
    if line := lacking(panels):
        st.caption(line)


def lacking(panels: Sequence[Panel]) -> str:
    """What the chosen run lacks of ``panels``, as one line of Markdown, empty if nothing is known to be missing.

    Imported: panels and their tables that the published files do not hold. Made here: analyses and how to make them.
    """
    if imported_run():
        absent = {panel.title: panel.missing() for panel in panels}
        names = [f"{title} ({markdown(', '.join(tables))})" for title, tables in absent.items() if tables]
        return f"Not in the published files: {'; '.join(names)}." if names else ""
    return not_made_line({table for panel in panels for table in panel.shown})


def not_made_line(tables: set[str]) -> str:
    """The analyses that would fill ``tables`` and were not made, with how to make them; empty if there is none."""
    analyses = not_made(tables).iter_rows(named=True)
    names = [f"{markdown(one['title'])} ({markdown(one['how'])})" for one in analyses]
    return f"Not made in this run: {'; '.join(names)}." if names else ""


def tabs(panels: Sequence[Panel], parameter: str = "tab") -> None:
    """One tab per panel."""
    named_tabs({panel.title: panel.draw for panel in panels}, parameter)


def named_tabs(contents: dict[str, Callable[[], None]], parameter: str = "tab") -> None:
    """Tabs with their contents. The address names the open one, and the others are drawn once they are opened."""
    titles, key = list(contents), box_key(parameter)
    if st.session_state.get(key, titles[0]) not in titles:
        del st.session_state[key]
    follow(parameter, key, titles[0], {title: title for title in titles}.__getitem__)
    parts = st.tabs(titles, key=key, on_change=touched)
    for part, draw in zip(parts, contents.values(), strict=True):
        if is_drawn(part):
            with part:
                draw()
    opened = st.session_state[key]
    keep(parameter, None if opened == titles[0] else opened)


def is_drawn(tab: TabContainer) -> bool:
    """Whether the tab is open; the tests of pages draw all of them at once."""
    return bool(tab.open)


def sections(panels: Sequence[Panel], columns: int = 1) -> None:
    """One section per panel with its title above, ``columns`` of them side by side."""
    for start in range(0, len(panels), columns):
        row = panels[start : start + columns]
        for place, panel in zip(st.columns(len(row)), row, strict=True):
            with place:
                st.subheader(panel.title)
                panel.draw()
