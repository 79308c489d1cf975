"""A panel shows some tables of the chosen run, and is there if they have rows; a page is a list of panels."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from dashboards.data import imported_run
from dashboards.run_tables import has_rows, not_made
from dashboards.standing import standing_line
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
        self.show()
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


def tabs(panels: Sequence[Panel]) -> None:
    """One tab per panel."""
    for tab, panel in zip(st.tabs([panel.title for panel in panels]), panels, strict=True):
        with tab:
            panel.draw()


def sections(panels: Sequence[Panel], columns: int = 1) -> None:
    """One section per panel with its title above, ``columns`` of them side by side."""
    for start in range(0, len(panels), columns):
        row = panels[start : start + columns]
        for place, panel in zip(st.columns(len(row)), row, strict=True):
            with place:
                st.subheader(panel.title)
                panel.draw()
