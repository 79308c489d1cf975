"""A page of the dashboard: what stands at its top, and the panels below."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from dashboards.frame import run_inside
from dashboards.glossary import explain
from dashboards.panel import Panel, show_panels, tabs

FOLDER = Path(__file__).parent / "pages"


def nothing_special() -> bool:
    """Nothing between title and panels."""
    return True


@dataclass(frozen=True)
class Page:
    """A page, declared in ``pages/<name>.py``; ``shows`` is what the documents say of it.

    ``intro`` stands below the title. Without one, ``head`` draws the title as well. ``head`` draws what comes before
    the panels and returns whether they follow. ``arrange`` places those that the chosen run has rows for.
    ``words`` of the glossary are explained beside it.
    """

    name: str
    title: str
    icon: str
    shows: str
    intro: str | None = None
    head: Callable[[], bool] = nothing_special
    panels: tuple[Panel, ...] = ()
    arrange: Callable[[Sequence[Panel]], None] = tabs
    words: tuple[str, ...] = ()

    def entry(self, first: bool) -> st.Page:
        """Its entry in the menu; the ``first`` page is what opens without an address."""
        address = None if first else self.name
        icon = f":material/{self.icon}:"
        return st.Page(FOLDER / f"{self.name}.py", title=self.title, icon=icon, default=first, url_path=address)


def run_page(page: Page) -> None:
    """Show a page, inside the app."""
    run_inside(lambda: _draw(page))


def _draw(page: Page) -> None:
    if page.intro is not None:
        st.title(page.title)
        st.caption(page.intro)
    explain(page.words)
    if page.head() and page.panels:
        show_panels(page.panels, page.arrange)
