"""The README's table of pages: ``python -m dashboards.readme`` writes it anew between its markers."""

from dashboards.menu import MENU
from warehouse.readme import README, replaced


def page_table() -> str:
    """One row per page of the menu: its title and what it shows, as Markdown."""
    rows = "".join(f"| {page.title} | {page.shows} |\n" for page in MENU)
    return f"| page | shows |\n|---|---|\n{rows}"


def fill_pages(text: str) -> str:
    """``text`` with the table between ``<!-- pages -->`` and ``<!-- /pages -->`` generated anew."""
    return replaced(text, "pages", page_table())


if __name__ == "__main__":
    README.write_text(fill_pages(README.read_text()))
