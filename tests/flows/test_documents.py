"""Generated parts of the documents. That each document holds them as generated: tests/test_readme.py."""

import re
from dataclasses import replace

from flows import documents
from flows.keys import sections, study_keys
from tasks.steps import STEPS

CELL_END = re.compile(r"(?<!\\)\|")  # a bar that no backslash takes


def rows(table: str) -> list[list[str]]:
    """Cells of the rows below the head of a Markdown table."""
    return [[cell.strip() for cell in CELL_END.split(line)[1:-1]] for line in table.splitlines()[2:]]


def test_every_key_stands_in_the_table_of_its_section():
    parts = documents.key_tables().split("### ")[1:]
    assert len(parts) == len(sections())
    listed = [row for part in parts for row in rows(part.split("\n\n")[1])]
    assert [row[0] for row in listed] == [f"`{key.key}`" for key in study_keys()]
    assert all(len(row) == 4 and all(row) for row in listed), "a type, a default and a meaning"


def test_every_step_is_listed_with_what_it_reads_and_fills():
    listed = rows(documents.step_table())
    assert [row[:3] for row in listed] == [[f"`{step.name}`", str(step.version), step.title] for step in STEPS]
    for step, (_, _, _, reads, fills, asked) in zip(STEPS, listed, strict=True):
        assert re.findall(r"`(\w+)`", reads) == [*step.reads, *step.reads_others]
        assert re.findall(r"\[(\w+)\]", fills) == list(step.tables)
        assert asked == (f"if you {step.how}" if step.how else "always")


def test_a_bar_in_a_text_ends_no_cell(monkeypatch):
    monkeypatch.setattr(documents, "STEPS", [replace(STEPS[0], how="choose a | b")])
    (row,) = rows(documents.step_table())
    assert row[5] == r"if you choose a \| b"


def test_a_part_replaces_what_stood_between_its_markers_and_nothing_else():
    before = "a\n<!-- x -->\nold\n<!-- /x -->\nb\n<!-- y -->\nkept\n<!-- /y -->\n"
    after = documents.replaced(before, "x", r"new \1")
    assert after == "a\n<!-- x -->\nnew \\1\n<!-- /x -->\nb\n<!-- y -->\nkept\n<!-- /y -->\n"
    assert documents.filled("no part of any name") == "no part of any name"
