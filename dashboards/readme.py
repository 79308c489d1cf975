"""The table of pages in the documents, which ``python -m flows.documents`` writes."""

from dashboards.menu import MENU


def page_table() -> str:
    """One row per page of the menu: its title and what it shows, as Markdown."""
    rows = "".join(f"| {page.title} | {page.shows} |\n" for page in MENU)
    return f"| page | shows |\n|---|---|\n{rows}"
