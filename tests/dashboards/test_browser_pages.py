"""In a real browser: the pages of a gene, a gene set, a cell type and a cell, chosen by box and reached by link."""

import pytest
from playwright import sync_api

from tests.builders.browser import NEEDED, body, choose, reach, settle

pytestmark = NEEDED
PAGES = {  # the box, what is typed into it, the address then, a heading of a panel
    "gene": ("Gene", "CD79A", "gene=CD79A", "Features by layer"),
    "pathway": ("Gene set", "go_bp / T cell", "term=.*go_bp", "Features"),
    "cell_type": ("Label of the cells", "Platelet", "type=.*Platelet", "Features"),
    "cell": ("Cell", "CELL00005", "cell=", "Genes"),
}


@pytest.mark.parametrize(
    "name", ["cell", *(pytest.param(name, marks=pytest.mark.slow) for name in PAGES if name != "cell")]
)
def test_a_box_changes_page_and_address(page: sync_api.Page, address: str, name: str) -> None:
    box, typed, asked, heading = PAGES[name]
    page.goto(f"{address}/{name}")
    settle(page)
    choose(page, box, typed)
    reach(page, asked)
    assert typed in body(page)
    assert heading in body(page)
    page.reload()
    settle(page)
    assert typed in body(page)
