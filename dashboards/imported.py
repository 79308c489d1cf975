"""Words and values for runs that were imported from published files."""

import polars as pl

PUBLISHED = "published (not re-validated)"
NOT_PUBLISHED = "not in the published files"


def figure(value: float | None, form: str) -> str:
    """A value in ``form``, a dash where the published files do not hold it."""
    return "–" if value is None else format(value, form)


def given(frame: pl.DataFrame) -> pl.DataFrame:
    """Columns with at least one value."""
    return frame.select(column.name for column in frame if column.count())
