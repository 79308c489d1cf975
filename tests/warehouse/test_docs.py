"""Great Expectations' data docs of the published snapshot."""

import html
import re

import duckdb
import pytest

from warehouse import snapshot_path, write_docs
from warehouse.contracts.contract import contracts
from warehouse.errors import NoWarehouse, UnknownName
from warehouse.offline import POLICY, Suite, first_page
from warehouse.scope import read_scope
from warehouse.suites import rules


@pytest.fixture
def few_tables(monkeypatch):
    """Three tables stand for all."""
    few = {name: contracts()[name] for name in ("cell", "gene", "run")}
    monkeypatch.setattr("warehouse.docs.contracts", lambda: few)


def pages(folder) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.html")}


@pytest.mark.slow
def test_docs_hold_every_suite_and_its_result(published, made, tmp_path):
    told, run_id = [], made.run["run_id"]
    index = write_docs(tmp_path / "docs", published, lambda *figures: told.append(figures))
    found = pages(tmp_path / "docs")
    with duckdb.connect(str(snapshot_path(published)), read_only=True) as con:
        scope = read_scope(con, run_id)
    assert index == tmp_path / "docs" / "index.html"
    assert [table for table, _, _ in told] == list(contracts())
    for table, contract in contracts().items():
        assert f"expectations/{run_id}-{table}.html" in found["index.html"]
        (result,) = [
            text for name, text in found.items() if re.fullmatch(rf"validations/{run_id}-{table}/.*\.html", name)
        ]
        count = re.search(r"Evaluated Expectations\D+(\d+)", re.sub(r"<[^>]*>", " ", result))
        assert int(count[1]) in [len(rules(contract, scope, has_rows=rows)) for rows in (True, False)]
        assert re.search(r"Unsuccessful Expectations\D+0\b", re.sub(r"<[^>]*>", " ", result))


def test_docs_show_what_failed_in_place_of_earlier_pages(home, tmp_path, few_tables):
    write_docs(tmp_path / "docs", home)
    with duckdb.connect(str(snapshot_path(home))) as con:
        con.execute("UPDATE stored.cell SET n_counts = -1 WHERE rowid = 0")
    write_docs(tmp_path / "docs", home)
    found = pages(tmp_path / "docs")
    (result,) = [text for name, text in found.items() if re.match(r"validations/\w+-cell/", name)]
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", result))
    assert re.search(r"Status: Failed", words)
    assert "n_counts" in words[words.index("Status: Failed") :]
    assert len(found) == 1 + 2 * 3


def test_what_a_file_holds_is_text_on_the_pages(home, tmp_path, few_tables):
    markup = "<img src=http://elsewhere.invalid/x.png> $x$ ${y} {z}"
    with duckdb.connect(str(snapshot_path(home))) as con:
        con.execute("UPDATE stored.gene SET matched_by = ?, symbol = ? WHERE rowid = 0", [markup, markup])
    write_docs(tmp_path / "docs", home)
    (result,) = [text for name, text in pages(tmp_path / "docs").items() if re.match(r"validations/\w+-gene/", name)]
    assert html.escape(markup) in result
    assert markup not in result


def test_pages_load_nothing_from_elsewhere(home, tmp_path, few_tables):
    index = write_docs(tmp_path / "docs", home)
    found = pages(tmp_path / "docs")
    for text in found.values():
        assert text.count(POLICY) == 1
        assert text.index(POLICY) < text.index("<style>")
        assert not re.search(r"<(script|link|img|iframe)\b|@import|url\(", text)
    linked = re.findall(r'href="([^"#]+)"', found["index.html"])
    assert len(linked) == 2 * 3
    assert all((index.parent / link).is_file() for link in linked)


def test_suites_that_failed_stand_first():
    page = first_page([Suite("1-a", 0, 3, "1-a/x"), Suite("1-<b>", 2, 3, "1-b/x"), Suite("1-c", 0, 3, "1-c/x")])
    words = re.sub(r"<[^>]*>", " ", page)
    assert words.index("1-&lt;b&gt;") < words.index("1-a") < words.index("1-c")
    assert "<b>" not in page


def test_wrong_folder_and_nothing_published_are_said(published, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("my own pages")
    for folder in (tmp_path, tmp_path / "notes.txt", tmp_path / "site"):
        with pytest.raises(UnknownName, match="is no folder for data docs: name a new or empty one"):
            write_docs(folder, published)
    with pytest.raises(NoWarehouse):
        write_docs(tmp_path / "docs", tmp_path)
