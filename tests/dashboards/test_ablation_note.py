"""The line above edges that says what was done to source features, and how signs are then read."""

import polars as pl
import pytest

from dashboards import ablation

SCHEMA = pl.DataFrame({"table_name": ["criterion"], "column_name": ["ablation"]})


@pytest.fixture
def said(monkeypatch):
    """What is said of a run whose criterion has these values; None: it was published before there was a choice."""

    def ask(row):
        lines: list[str] = []
        columns = SCHEMA if row is not None else SCHEMA.clear()
        names = {"ablation": pl.String, "multiplier": pl.Float64, "positions": pl.String}
        frame = pl.DataFrame([row] if row and row[0] else [], schema=names, orient="row")
        monkeypatch.setattr(ablation, "run_query", lambda _name: columns)
        monkeypatch.setattr(ablation, "query_run", lambda _name: frame)
        monkeypatch.setattr(ablation.st, "info", lines.append)
        ablation.note_ablation()
        return lines, ablation.reading_of_sign()

    return ask


@pytest.mark.parametrize("row", [None, (None, None, None), ("zero", None, "active")])
def test_nothing_is_said_of_features_that_were_taken_out(said, row):
    lines, sign = said(row)
    assert lines == []
    assert sign == "Left of zero: switching off the source lowers the target, so the source supports it."


@pytest.mark.parametrize(
    ("row", "parts"),
    [
        (("mean", None, "active"), ["set to their mean", "Left of zero: weakening the source"]),
        (("resample", None, "active"), ["other values of their own", "does not say whether"]),
        (("scale", 0.5, "active"), ["multiplied by 0.5", "Left of zero: weakening the source"]),
        (("scale", 2.0, "active"), ["multiplied by 2", "Right of zero: strengthening the source raises"]),
        (("zero", None, "silent"), ["Source features were taken out", "where the source is silent"]),
        (("scale", 3.0, "all"), ["multiplied by 3", "over all genes of a cell", "Right of zero"]),
    ],
)
def test_what_is_unusual_is_said_in_one_line(said, row, parts):
    (line,), sign = said(row)
    assert all(part in line for part in parts), line
    assert (sign in line) == (row[0] != "zero")
