"""Tables on Prefect's pages, which take every cell for Markdown with HTML in it."""

import pytest
from markdown_it import MarkdownIt

from flows import artifacts

HOSTILE = [
    "![t](http://elsewhere.invalid/a.png)",
    "[link](http://elsewhere.invalid/b)",
    "[link][1]\n\n[1]: http://elsewhere.invalid/c",
    "<img src=http://elsewhere.invalid/d.png>",
    "<http://elsewhere.invalid/e>",
    "<me@elsewhere.invalid>",
    "</td><script>alert(1)</script>",
    "&lt;img src=http://elsewhere.invalid/f.png&gt;",
]


@pytest.fixture
def shown(monkeypatch):
    """What is handed to the server."""
    found = {}
    monkeypatch.setattr(artifacts, "create_table_artifact", lambda **given: found.update(given))
    return found


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_files_is_text_on_the_page(shown, text):
    artifacts.show_table("scfm-x", [{"barcode": text, "n": 3}], "Cells")
    (row,) = shown["table"]
    page = MarkdownIt().render(row["barcode"])
    assert not any(mark in page for mark in ("<a ", "<img", "<script", "</td>"))
    assert row["barcode"].replace(artifacts.WORD_JOINER, "") == text
    assert row["n"] == 3


def test_addresses_are_no_links_where_a_page_makes_links_of_them(shown):
    plain = {"a": "http://elsewhere.invalid", "b": "WWW.elsewhere.invalid", "c": "me@elsewhere.invalid"}
    artifacts.show_table("scfm-x", [plain], "Cells")
    (row,) = shown["table"]
    assert all(part not in text for part, text in zip(("://", "WWW.", "me@"), row.values(), strict=True)), (
        "a linkifier looks for these"
    )


def test_other_text_is_left_alone_and_tables_are_cut_to_a_page(shown):
    rows = [{"table": "feature_gene", "observed": '{"n_unexpected": 160, "q": "<= 0.05"}'}] * (artifacts.MAX_ROWS + 1)
    artifacts.show_table("scfm-x", rows, "Rows")
    assert len(shown["table"]) == artifacts.MAX_ROWS
    assert shown["description"] == f"Rows ({len(rows)} rows)"
    assert shown["table"][0]["table"] == "feature_gene"
